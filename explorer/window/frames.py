"""How many pictures a second are really painted."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Final

WINDOW_S: Final = 1.0


class FrameMeter:
    """Counts pictures that were shown and then painted; several shown before one painting count once."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._painted: deque[float] = deque()
        self._waiting = False
        self.total = 0

    def shown(self) -> None:
        """A new picture was given to the views."""
        self._waiting = True

    def painted(self) -> None:
        """The window was painted."""
        if self._waiting:
            self._waiting = False
            self.total += 1
            self._painted.append(self._clock())

    @property
    def rate(self) -> float:
        """Pictures per second, over the last second."""
        horizon = self._clock() - WINDOW_S
        while self._painted and self._painted[0] < horizon:
            self._painted.popleft()
        return len(self._painted) / WINDOW_S
