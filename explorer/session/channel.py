"""Two-way channels between the window's training thread and the loops: over pipes, and in memory."""

# ruff: noqa: D102  (methods are documented once, on the protocol)

from __future__ import annotations

import threading
from collections import deque
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any, Final, Protocol


class Channel(Protocol):
    """One end of a two-way channel of plain values."""

    @property
    def closed(self) -> bool:
        """Whether the other end is gone; what it had sent before is still received."""
        ...

    def send(self, item: Any) -> None:
        """Hand an item to the other end; into the void if that is gone."""

    def receive(self) -> list[Any]:
        """Everything that has arrived, in order, without waiting."""
        ...

    def has_pending(self) -> bool:
        """Whether ``receive`` would give anything; cheap enough to ask between two steps."""
        ...

    def wait(self, timeout: float | None) -> bool:
        """Sleep until something arrives or the other end is gone, at most ``timeout`` seconds; whether it did."""
        ...

    def close(self) -> None:
        """Give up this end."""


_LAST: Final = object()


class PipeChannel:
    """A channel over two one-way pipes, so that no thread ever reads and writes the same one."""

    def __init__(self, reader: Connection, writer: Connection) -> None:
        self.reader = reader
        self._writer = writer
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    def send(self, item: Any) -> None:
        try:
            self._writer.send(item)
        except OSError:  # the other process is gone: its end of file is noticed by whoever receives
            self._closed = True

    def receive(self) -> list[Any]:
        items: list[Any] = []
        try:
            while not self.reader.closed and self.reader.poll():
                items.append(self.reader.recv())
        except (EOFError, OSError):
            self._closed = True
        return items

    def has_pending(self) -> bool:
        return self.wait(0.0)

    def wait(self, timeout: float | None) -> bool:
        try:
            return self.reader.poll(timeout)
        except (EOFError, OSError):
            self._closed = True
            return True

    def close(self) -> None:
        self._closed = True
        self.reader.close()
        self._writer.close()


class Postbox:
    """A channel that is read and written by threads of its own, so that its user never waits for the other process.

    A process in a long step, or itself waiting to send, would leave a full pipe unread; with both sides waiting
    to send, neither would ever go on. And a state of a megabyte, which the window reads piece by piece whenever its
    drawing lets it, must not hold up the training that long. ``has_pending`` becomes a look at a deque instead of a
    system call.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._inbox: deque[Any] = deque()
        self._outbox: SimpleQueue[Any] = SimpleQueue()
        self._arrived = threading.Event()
        threading.Thread(target=self._receive_all, name="Postbox in", daemon=True).start()
        self._sender = threading.Thread(target=self._send_all, name="Postbox out", daemon=True)
        self._sender.start()

    def _receive_all(self) -> None:
        while not self._channel.closed:
            self._channel.wait(None)
            self._inbox.extend(self._channel.receive())
            self._arrived.set()

    def _send_all(self) -> None:
        while (item := self._outbox.get()) is not _LAST:
            self._channel.send(item)

    @property
    def closed(self) -> bool:
        return self._channel.closed

    def send(self, item: Any) -> None:
        self._outbox.put(item)

    def receive(self) -> list[Any]:
        self._arrived.clear()  # before taking: what arrives in between is announced again
        return [self._inbox.popleft() for _ in range(len(self._inbox))]

    def has_pending(self) -> bool:
        return bool(self._inbox)

    def wait(self, timeout: float | None) -> bool:
        return self.closed or self._arrived.wait(timeout)

    def close(self) -> None:
        """Send all that is left, then give up this end."""
        self._outbox.put(_LAST)
        self._sender.join()


class _Box:
    """What one end of a channel in memory has sent and the other not yet received."""

    def __init__(self) -> None:
        self.items: deque[Any] = deque()
        self.changed = threading.Condition()
        self.closed = False


class MemoryChannel:
    """A channel inside one process; see :func:`memory_channels`."""

    def __init__(self, inbox: _Box, outbox: _Box) -> None:
        self._inbox = inbox
        self._outbox = outbox

    @property
    def closed(self) -> bool:
        return self._inbox.closed

    def send(self, item: Any) -> None:
        with self._outbox.changed:
            self._outbox.items.append(item)
            self._outbox.changed.notify_all()

    def receive(self) -> list[Any]:
        with self._inbox.changed:
            items = list(self._inbox.items)
            self._inbox.items.clear()
        return items

    def has_pending(self) -> bool:
        return bool(self._inbox.items)

    def wait(self, timeout: float | None) -> bool:
        with self._inbox.changed:
            return self._inbox.changed.wait_for(lambda: bool(self._inbox.items) or self._inbox.closed, timeout)

    def close(self) -> None:
        for box in (self._inbox, self._outbox):
            with box.changed:
                box.closed = True
                box.changed.notify_all()


def memory_channels() -> tuple[MemoryChannel, MemoryChannel]:
    """Both ends of a channel inside one process."""
    here, there = _Box(), _Box()
    return MemoryChannel(here, there), MemoryChannel(there, here)
