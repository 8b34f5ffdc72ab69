"""What has come in for the window since it last looked: the newest snapshot, and every other message."""

from __future__ import annotations

import threading
from itertools import count

from explorer.session.messages import Kept, Message, Progress
from explorer.session.snapshot import Snapshot


class Mailbox:
    """Filled by the training thread, emptied by the window; the lock is held for a swap only.

    Of snapshots, progress and kept states, which each make the last one pointless, only the newest is held, so that a
    window that stands still does not fill the memory. Everything else, rows above all, is handed over without loss.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = count()
        self._snapshot: Snapshot | None = None
        self._messages: dict[int, Message] = {}
        self._newest: dict[type, int] = {}

    def post(self, message: Message) -> None:
        """Add a message."""
        with self._lock:
            if isinstance(message, Snapshot):
                self._snapshot = message
                return
            number = next(self._number)
            self._messages[number] = message
            if isinstance(message, Progress) or (isinstance(message, Kept) and not message.asked):
                self._messages.pop(self._newest.get(type(message), -1), None)
                self._newest[type(message)] = number

    def forget_snapshot(self) -> bool:
        """Drop a snapshot that was not taken yet; whether there was one."""
        with self._lock:
            snapshot, self._snapshot = self._snapshot, None
        return snapshot is not None

    def take(self) -> tuple[Snapshot | None, list[Message]]:
        """The newest snapshot, if it is new, and all other messages in the order of their coming."""
        with self._lock:
            snapshot, self._snapshot = self._snapshot, None
            messages, self._messages = self._messages, {}
            self._newest.clear()
        return snapshot, list(messages.values())
