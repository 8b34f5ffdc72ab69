"""The real window at work with every layer on, and somebody who watches the clock."""

from __future__ import annotations

import os
import tempfile
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, Qt, QTimer

from explorer.app import application
from explorer.session.client import Session
from explorer.session.snapshot import Snapshot
from explorer.views._layered import LayeredView
from explorer.window.collector import Collector
from explorer.window.main_window import MainWindow
from explorer.window.preferences import Preferences
from models.presets import preset_text

ENDLESS: Final = 100_000_000
WARM_UP_S: Final = 3.0
WATCHED_S: Final = 8.0
TICK_MS: Final = 5
GIVEN_UP_S: Final = 90.0


class Watch(QObject):
    """Plays a window, switches every layer on, and notes when what happened."""

    def __init__(self, window: MainWindow, launched: float) -> None:
        super().__init__(window)
        self._window, self._launched = window, launched
        self.result: dict[str, Any] = {"window_s": time.time() - launched}
        self._late_ms: list[float] = []
        self._tick = QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._tick.timeout.connect(self._ticked)
        self._last = self._from = 0.0
        self._first_step = 0
        window.conductor.begun.connect(self._play)
        window.conductor.drawn.connect(self._drawn)
        QTimer.singleShot(round(1000 * GIVEN_UP_S), window, window.close)

    def _play(self, *_: object) -> None:
        self._window.conductor.control.play(ENDLESS)

    def _drawn(self, snapshot: Snapshot) -> None:
        if snapshot.step > 0 and "first_picture_s" not in self.result:
            self.result["first_picture_s"] = time.time() - self._launched
            self._show_everything()
            QTimer.singleShot(round(1000 * WARM_UP_S), self, self._begin)

    def _show_everything(self) -> None:
        """Every layer on; a card of the middle comes to the front and plays."""
        middle, parts = self._window.middle, self._window.parts
        assert middle is not None
        assert parts is not None
        for guest in parts.present_guests:
            middle.show_card(guest.key)
        middle.play()
        for view in (parts.data, parts.latent, *parts.present_guests):
            if isinstance(view, LayeredView):
                for key in view.chips:
                    view.set_shown(key, True)  # noqa: FBT003  (the view's own signature)

    def _begin(self) -> None:
        self._from = self._last = time.perf_counter()
        self._first_step = self._window.conductor.control.step
        self._tick.start()
        QTimer.singleShot(round(1000 * WATCHED_S), self, self._end)

    def _ticked(self) -> None:
        now = time.perf_counter()
        self._late_ms.append(max(0.0, 1000 * (now - self._last) - TICK_MS))
        self._last = now

    def _end(self) -> None:
        self._tick.stop()
        steps = self._window.conductor.control.step - self._first_step
        late = sorted(self._late_ms)
        self.result |= {
            "window_rate": steps / (time.perf_counter() - self._from),
            "gui_p50_ms": late[len(late) // 2],
            "gui_p99_ms": late[len(late) * 99 // 100],
            "memory_mb": memory_mb(),
        }
        self._window.close()


def memory_mb() -> dict[str, float] | None:
    """Resident memory of the window and of the processes below it, largest first, where the system tells (Linux)."""
    try:
        sizes = sorted((_resident_mb(number) for number in _below(os.getpid())), reverse=True)
        return {"window": _resident_mb(os.getpid()), **{f"process_{i + 1}": size for i, size in enumerate(sizes)}}
    except OSError:
        return None


def _below(number: int) -> Iterator[int]:
    for task in Path(f"/proc/{number}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            yield child
            yield from _below(child)


def _resident_mb(number: int) -> float:
    lines = Path(f"/proc/{number}/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


def watch(launched: float, preset: str) -> dict[str, Any]:
    """Open the window with a preset, watch it, close it."""
    app = application()
    collector = Collector(app)
    recipe = tomllib.loads(preset_text(preset)) | {"steps": ENDLESS}
    with tempfile.TemporaryDirectory() as scratch:
        window = MainWindow(Session(), Preferences(Path(scratch) / "settings.ini"), theme="dark")
        window.show()
        app.processEvents()
        observed = Watch(window, launched)
        window.begin(recipe)
        app.exec()
    collector.stop()
    return observed.result
