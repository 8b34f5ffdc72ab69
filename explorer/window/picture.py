"""A picture of the real window after so many steps, without anybody at the screen."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from explorer.widgets.banner import Remark
from explorer.window.main_window import MainWindow

PATIENCE_S: Final = 120.0
"""How long nothing may happen before the picture is given up: no step, no snapshot."""

LOOK_MS: Final = 40
REST_MS: Final = 250
"""After the last snapshot: late measures, formulas and layout come to rest."""

MEASURES_S: Final = 20.0
"""How long measures of the last step, and answers about it, are waited for once it is drawn."""


class Picture(QObject):
    """Trains a window up to a step, waits until that step is drawn and measured, writes the picture and quits.

    Attributes:
        problem: why there is no picture; empty if there is one.
    """

    def __init__(self, window: MainWindow, path: Path, steps: int, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(window)
        self._window, self._path, self._steps, self._clock = window, path, steps, clock
        self.problem = "the window closed before the picture was made"
        self._asked = False
        self._progress = (-1, -1)
        self._moved = clock()
        self._drawn_at: float | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._check)
        self._timer.start(LOOK_MS)
        window.conductor.remarked.connect(self._heard)

    def _check(self) -> None:
        conductor = self._window.conductor
        control = conductor.control
        progress = (control.step, conductor.shown_step)
        if progress != self._progress:
            self._progress, self._moved = progress, self._clock()
        if self._clock() - self._moved > PATIENCE_S:
            self._end(f"nothing happened for {PATIENCE_S:.0f} s at step {control.step:,}")
        elif control.run and not self._asked:
            self._asked = True
            if control.step < self._steps:
                control.play(self._steps)
        elif self._asked and control.step >= self._steps and conductor.shown_step >= self._steps:
            self._settle()

    def _settle(self) -> None:
        conductor = self._window.conductor
        self._drawn_at = self._drawn_at or self._clock()
        parts = self._window.parts
        late = any(guest.is_late for guest in parts.present_guests) if parts else False
        done = conductor.measured_step >= self._steps and not late
        if done or self._clock() - self._drawn_at > MEASURES_S:
            self._timer.stop()
            for guest in parts.present_guests if parts else ():
                guest.settle()
            QTimer.singleShot(REST_MS, self, self._grab)

    def _grab(self) -> None:
        self._window.banner.dismiss()
        app = QApplication.instance()
        assert app is not None
        app.processEvents()
        saved = self._window.grab().save(str(self._path))
        self._end("" if saved else f"{self._path}: the picture could not be written")

    def _heard(self, remark: Remark) -> None:
        if remark.severity == "alarm":
            self._end(f"{remark.title}: {remark.text}")

    def _end(self, problem: str) -> None:
        self._timer.stop()
        self.problem = problem
        self._window.close()
