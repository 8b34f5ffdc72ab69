"""Collects reference cycles in the GUI thread only: another thread may free Qt objects where it must not, and crash."""

from __future__ import annotations

import gc
from typing import Final

from PySide6.QtCore import QObject, QTimer

OFTEN_MS: Final = 1_000
MIDDLE_EVERY: Final = 20
FULL_EVERY: Final = 120
"""Ticks between collections of the older generations, which take longer than a frame."""

SETTLED: Final = 15
"""Ticks until the window stands with all that it imports."""


class Collector(QObject):
    """Takes the place of Python's automatic collection while the window is open."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ticks = 0
        self._was_enabled = gc.isenabled()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.collect)
        self._timer.start(OFTEN_MS)

    def collect(self) -> None:
        """Collect the youngest generation; every so often older ones too."""
        self._ticks += 1
        if self._ticks == SETTLED:
            gc.collect()
            gc.freeze()  # what was made at the start stays: later collections need not go through it
            return
        full, middle = self._ticks % FULL_EVERY == 0, self._ticks % MIDDLE_EVERY == 0
        gc.collect(2 if full else 1 if middle else 0)

    def stop(self) -> None:
        """Give the task back to Python."""
        self._timer.stop()
        if self._was_enabled:
            gc.enable()
