"""The top row: name of the program, what is being trained, the menus, and the buttons that are used most."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenuBar, QPushButton, QSizePolicy, QWidget

from explorer.widgets.theme import Theme


class Elided(QLabel):
    """A line of text that gives way: what does not fit is replaced by an ellipsis, and the tool tip holds all of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.full = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(0)

    def set_full(self, text: str) -> None:
        """Show this text, or as much of it as there is room for."""
        self.full = text
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit again."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown = QFontMetrics(self.font()).elidedText(self.full, Qt.TextElideMode.ElideRight, self.width())
        self.setText(shown)
        self.setToolTip(self.full if shown != self.full else "")


class Header(QFrame):
    """Holds the menu bar, so that the window has one top row instead of three."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self._brand = QLabel("Pushforward", self)
        self._brand.setProperty("role", "brand")
        self.label = Elided(self)
        self.label.setProperty("role", "muted")
        self.menu_bar = QMenuBar(self)
        self.menu_bar.setNativeMenuBar(False)
        self.menu_bar.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.recipe = self._button("Recipe", "Bring the recipe panel back (F4)")
        self.recipe.hide()
        self.presets = self._button("Presets", "Begin again from a recipe that is known to work (N)")
        self.presets.setProperty("menu", "true")
        self.copy = self._button("Copy recipe", "Copy the whole recipe as text (Ctrl+Shift+C)")
        self.theme = self._button("Theme", "Change between light and dark (Ctrl+T)")
        self.presenter = self._button("Presenter", "Larger text and lines for a projector (F11)")
        self.presenter.setCheckable(True)
        self._arrange()
        self.set_scale(1.0)

    def _button(self, words: str, help: str) -> QPushButton:
        button = QPushButton(words, self)
        button.setAutoDefault(False)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolTip(help)
        return button

    def _arrange(self) -> None:
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._brand)
        self._row.addWidget(self.label, 1)
        self._row.addWidget(self.menu_bar, 0, Qt.AlignmentFlag.AlignVCenter)
        for button in (self.recipe, self.presets, self.copy, self.theme, self.presenter):
            self._row.addWidget(button)

    def set_label(self, text: str) -> None:
        """Say what is being trained: data, generator and divergence."""
        self.label.set_full(text)

    def set_scale(self, scale: float) -> None:
        """Take up the sizes of the desk or of the projector."""
        self._row.setContentsMargins(round(16 * scale), round(6 * scale), round(12 * scale), round(6 * scale))
        self._row.setSpacing(round(10 * scale))

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Take up sizes, and say which theme the button leads to."""
        self.set_scale(scale)
        self.theme.setText("Light" if theme.name == "dark" else "Dark")
