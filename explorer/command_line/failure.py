"""How a command ends early: a status and one line."""

from __future__ import annotations

from typing import Final

BAD_INPUT: Final = 2
DIVERGED: Final = 3
INTERRUPTED: Final = 130


class Failure(Exception):
    """Ends the command with this status after one line on standard error."""

    def __init__(self, line: str, status: int = BAD_INPUT) -> None:
        super().__init__(line)
        self.status = status
