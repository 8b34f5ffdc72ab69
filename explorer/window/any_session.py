"""What the window needs of a session; a test may hand it another one."""

from __future__ import annotations

from typing import Protocol

from explorer.session import commands
from explorer.session.history import History
from explorer.session.messages import Message
from explorer.session.snapshot import Snapshot


class AnySession(Protocol):
    """What the window needs of a session."""

    history: History

    def start(self) -> None:
        """Begin, without waiting."""

    def send(self, command: commands.Command) -> None:
        """Hand a command over, without waiting."""

    def take(self) -> tuple[Snapshot | None, list[Message]]:
        """The newest snapshot and all other messages since the last time."""
        ...

    def close(self, timeout: float = 5.0) -> None:
        """End everything."""
