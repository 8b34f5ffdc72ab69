"""Where a loop lives: in a process of its own, or inside the training thread."""

# ruff: noqa: D102  (methods are documented once, on the protocol)

from __future__ import annotations

import math
import signal
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any, Protocol

from explorer.session.channel import Channel, MemoryChannel, PipeChannel, memory_channels
from explorer.session.nursery import nursery, one_thread_environment
from explorer.session.processes import Loop

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

_PIPE_BYTES = 2**20


class Host(Protocol):
    """Keeps one loop alive and talks to it."""

    def start(self) -> None:
        """Bring the loop to life, for the first time or again."""
        ...

    @property
    def channel(self) -> Channel:
        """To the loop."""
        ...

    def tick(self) -> float:
        """Let the loop work, if it lives in this thread; seconds until it wants to again."""
        ...

    def signs(self) -> list[Any]:
        """What ``multiprocessing.connection.wait`` can wait for: a message, or death."""
        ...

    def death(self) -> str:
        """How the loop died, in one sentence; empty while it lives or has not been started."""
        ...

    def stop(self, deadline: float) -> None:
        """End the loop, gently until ``deadline`` (seconds of ``time.monotonic``), then by force."""
        ...

    def kill(self) -> None:
        """End it by force, from any thread."""
        ...


class ProcessHost:
    """A loop in a process of its own."""

    def __init__(self, name: str, entry: Callable[..., None], folder: str) -> None:
        self._name = name
        self._entry = entry
        self._folder = folder
        self._context = nursery()
        self._process: BaseProcess | None = None
        self._channel: PipeChannel | None = None

    def start(self) -> None:
        if self._channel is not None:
            self._channel.close()
        their_orders, our_orders = self._context.Pipe(duplex=False)
        our_reports, their_reports = self._context.Pipe(duplex=False)
        if fcntl is not None and hasattr(fcntl, "F_SETPIPE_SZ"):  # Linux
            _enlarge(our_reports.fileno())
        arguments = (their_orders, their_reports, self._folder)
        process = self._context.Process(target=self._entry, args=arguments, name=self._name, daemon=True)
        with one_thread_environment():
            process.start()
        their_orders.close()  # so that the end of the process is the end of the pipe
        their_reports.close()
        self._process, self._channel = process, PipeChannel(our_reports, our_orders)

    @property
    def channel(self) -> Channel:
        assert self._channel is not None, "not started"
        return self._channel

    def tick(self) -> float:
        return math.inf

    def signs(self) -> list[Any]:
        alive = self._process is not None and self._channel is not None and not self._channel.closed
        return [self._channel.reader, self._process.sentinel] if alive else []  # type: ignore[union-attr]

    def death(self) -> str:
        process = self._process
        if process is None or (process.is_alive() and not self.channel.closed):
            return ""
        process.join(1.0)
        if process.exitcode is None:  # it gave up its pipes and does not end: of no use to anybody
            process.kill()
            process.join()
        return how_it_ended(process.exitcode)

    def stop(self, deadline: float) -> None:
        process = self._process
        if process is None or self._channel is None:
            return
        for end in (lambda: None, process.terminate, process.kill):
            end()
            process.join(max(0.05, deadline - time.monotonic()))
            if process.exitcode is not None:
                break
            deadline = time.monotonic() + 1.0
        self._channel.close()

    def kill(self) -> None:
        if self._process is not None and self._process.is_alive():
            self._process.kill()


class LoopHost:
    """A loop inside the training thread."""

    def __init__(self, make: Callable[[Channel], Loop]) -> None:
        self._make = make
        self._loop: Loop | None = None
        self._channel: MemoryChannel | None = None
        self._problem = ""

    def start(self) -> None:
        self._problem = ""
        self._channel, theirs = memory_channels()
        self._loop = self._guarded(lambda: self._make(theirs), None)

    @property
    def channel(self) -> Channel:
        assert self._channel is not None, "not started"
        return self._channel

    def tick(self) -> float:
        loop = self._loop
        return math.inf if loop is None or not loop.running else self._guarded(loop.tick, math.inf)

    def signs(self) -> list[Any]:
        return []

    def death(self) -> str:
        return self._problem

    def stop(self, deadline: float) -> None:
        if self._loop is not None:
            self._loop.close()
            self._loop = None

    def kill(self) -> None:
        """A thread cannot be killed: it ends between two steps."""

    def _guarded(self, work: Callable[[], Any], otherwise: Any) -> Any:
        """Do in this thread what would be the end of a process there, and note it as that."""
        try:
            return work()
        except Exception as error:  # noqa: BLE001
            self._problem = f"It stopped with {type(error).__name__}: {error}"
            self._loop = None
            return otherwise


def how_it_ended(code: int | None) -> str:
    """An exit status in plain words."""
    if code is not None and code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        hint = " (the system may have run out of memory)" if name == "SIGKILL" else ""
        return f"It was ended by {name}{hint}."
    return f"It ended with exit status {code}."


def _enlarge(pipe: int) -> None:
    """Let a whole snapshot fit into a pipe, so that neither side has to wait for the other."""
    try:
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)  # type: ignore[union-attr]
    except OSError:  # the user's allowance for pipes is used up: the usual size does as well
        return
