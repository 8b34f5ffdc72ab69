"""When the window takes what has come: often, and no more often than leaves the other core to training."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer

from explorer.session.pace import Allowance

POLL_MS: Final = 16

DRAWING: Final = 0.4 if (os.cpu_count() or 1) < 4 else 1.0
"""Share of a core for the window, at most: on two, trainer and observer need the rest."""

BURST_S: Final = 0.05
PATIENCE_S: Final = 0.25
"""So long may the window be in debt before it looks all the same."""

STANDING_S: Final = 0.08
"""Between two repaintings of the transport: its numbers change no faster than can be read."""


class Pulse(QObject):
    """Calls ``take`` while the window is in credit and not busy, and ``tell`` when its words may change."""

    def __init__(
        self,
        take: Callable[[], object],
        tell: Callable[[], object],
        is_busy: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._take, self._tell, self._is_busy = take, tell, is_busy
        self._allowance = Allowance(DRAWING, BURST_S, time.perf_counter())
        self._spent, self._polled, self._told = time.thread_time(), 0.0, 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """Begin to poll."""
        self._timer.start()

    def stop(self) -> None:
        """Poll no more."""
        self._timer.stop()

    def poll(self) -> None:
        """Take what has come, and tell of it, now."""
        self._take()
        self._say()

    def _say(self) -> None:
        self._told = time.perf_counter()
        self._tell()

    def _beat(self) -> None:
        """Draw no more often than the window can afford: what comes is late, never lost."""
        now, spent = time.perf_counter(), time.thread_time()
        self._allowance.spend(spent - self._spent)
        self._spent = spent
        is_free = self._allowance.delay(now) == 0.0 and not self._is_busy()
        if is_free or now - self._polled > PATIENCE_S:
            self._polled = now
            self._take()
        if now - self._told > STANDING_S:
            self._say()
