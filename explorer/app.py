"""Opens the window: joins the application, its preferences, a session and the main window."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from explorer.session.client import Session
from explorer.widgets.style import font
from explorer.window.collector import Collector
from explorer.window.main_window import MainWindow
from explorer.window.mishaps import Mishaps
from explorer.window.picture import Picture
from explorer.window.preferences import Preferences

SWITCH_S: Final = 0.001
"""For how long the session's thread may keep the window waiting, seconds."""

NO_PICTURE: Final = 1
DIVERGED: Final = 3
"""Exit statuses of ``screenshot``."""


def run(
    recipe: Mapping[str, Any] | None = None,
    folder: str | None = None,
    theme: str | None = None,
    *,
    in_process: bool = False,
) -> int:
    """Open the window and stay until it is closed.

    Args:
        recipe: plain values; None for what was open last.
        folder: of a run to go on with instead.
        theme: ``light`` or ``dark``; None for the user's choice.
        in_process: train in this process, in a thread.

    Returns:
        The exit status.
    """
    app = application()
    mishaps = Mishaps(parent=app)
    mishaps.install()
    collector = Collector(app)
    window = MainWindow(Session(in_process=in_process), Preferences(), theme=theme)
    mishaps.remarked.connect(window.say)
    window.show()
    window.begin(recipe, folder)
    status = app.exec()
    collector.stop()
    mishaps.remove()
    return status


def screenshot(
    out: Path | str,
    recipe: Mapping[str, Any] | None = None,
    folder: str | None = None,
    *,
    steps: int | None = None,
    size: tuple[int, int] = (1280, 800),
    theme: str | None = None,
    in_process: bool = False,
) -> int:
    """Write a picture of the real window, trained so many steps; the user's own settings are neither read nor written.

    Returns:
        0; 1 if there is no picture, after one line on standard error that says why; 3 if training diverged.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = application()
    if not QFontMetrics(font()).inFontUcs4(ord("g")):
        print("pushforward: no font is installed, the picture would show boxes for letters", file=sys.stderr)
        return NO_PICTURE
    collector = Collector(app)
    with tempfile.TemporaryDirectory() as scratch:
        window = MainWindow(Session(in_process=in_process), Preferences(Path(scratch) / "settings.ini"), theme=theme)
        window.resize(*size)
        window.show()
        window.begin(recipe, folder)
        picture = Picture(window, Path(out), steps or 0)
        app.exec()
    collector.stop()
    if picture.problem:
        print(f"pushforward: {' '.join(picture.problem.split())}", file=sys.stderr)
    failed = window.conductor.control.failed is not None
    return DIVERGED if picture.problem and failed else NO_PICTURE if picture.problem else 0


def application() -> QApplication:
    """The one application of this process, made when first asked for."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    sys.setswitchinterval(SWITCH_S)
    app.setApplicationName("Pushforward")
    app.setDesktopFileName("pushforward")
    return app
