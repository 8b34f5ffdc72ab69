"""How the window looks: its theme, the system's unless one was chosen, and presenter mode."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMainWindow

from explorer.panels.look import Look, sheet
from explorer.widgets.style import dress, font, stylesheet
from explorer.widgets.theme import PRESENTER_SCALE, THEMES, Theme
from explorer.window.preferences import Preferences


class Appearance:
    """Dresses a window; ``take_up`` hands theme and scale on to what stands in it."""

    def __init__(
        self, window: QMainWindow, preferences: Preferences, chosen: str, take_up: Callable[[Theme, float], object]
    ) -> None:
        self._window, self._preferences, self._take_up = window, preferences, take_up
        self.chosen, self.scale = chosen, 1.0
        self._before = Qt.WindowState.WindowNoState
        self._dress(self.theme)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)

    @property
    def theme(self) -> Theme:
        """The one that was chosen, or else the system's."""
        is_dark = QGuiApplication.styleHints().colorScheme() != Qt.ColorScheme.Light
        return THEMES.get(self.chosen) or THEMES["dark" if is_dark else "light"]

    def choose(self, name: str) -> None:
        """Take a theme by name, or the system's if the name is empty, and remember that."""
        self.chosen = self._preferences.theme = name
        self.refresh()

    def choose_other(self) -> None:
        """Light instead of dark, or dark instead of light."""
        self.choose("light" if self.theme.name == "dark" else "dark")

    def present(self, on: bool) -> None:  # noqa: FBT001  (as the slot of a switch)
        """Larger text and lines on the full screen, or back."""
        if on:
            self._before = self._window.windowState()
        full = self._before | Qt.WindowState.WindowFullScreen
        self._window.setWindowState(full if on else self._before & ~Qt.WindowState.WindowFullScreen)
        self.scale = PRESENTER_SCALE if on else 1.0
        self.refresh()

    def refresh(self) -> None:
        """Dress everything in the present theme, at the present scale."""
        theme = self.theme
        self._dress(theme)
        # One sheet for all: each one that is set visits every widget that it reaches, and the panel has a thousand.
        self._window.setStyleSheet(stylesheet(theme, self.scale) + sheet(Look(theme, self.scale)))
        self._take_up(theme, self.scale)

    def _dress(self, theme: Theme) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        dress(app, theme, self.scale)
        # Where a style sheet is at work, the application's font does not reach the widgets by itself.
        self._window.setFont(font(self.scale))

    def _system_changed(self, *_: object) -> None:
        if not self.chosen:
            self.refresh()
