"""What to do first, in words above the lower edge of the data space."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

TEXT: Final = "Press Space to train"
ABOVE_EDGE_PX: Final = 22


class Hint(QLabel):
    """Lets the mouse through; hidden at first."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(TEXT, parent)
        self._place = parent
        self.setProperty("role", "hint")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def settle(self, scale: float, foot: int = 0) -> None:
        """Stand in the middle, a little above the parent's lower edge, or above so many pixels of it."""
        self.adjustSize()
        place = self._place.size()
        low = foot + self.height() + round(ABOVE_EDGE_PX * scale)
        self.move((place.width() - self.width()) // 2, place.height() - low)
        self.raise_()
