"""What the pictures of the modes share: one mode at a time can be read, by pointing at it or with the keys."""

from __future__ import annotations

from abc import abstractmethod
from typing import Final

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QToolTip, QWidget

from explorer.views._painted import Canvas

UPS: Final = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
"""Keys that read the modes one by one."""


class ModePicture(Canvas):
    """A picture with a place for each mode, painted directly.

    Attributes:
        names: of the modes.
        noun: what one of them is called.
        chosen: the mode that the keys have reached; None for no mode.
    """

    def __init__(self, parent: QWidget | None, message: str) -> None:
        super().__init__(parent)
        self.names: tuple[str, ...] = ()
        self.noun = "mode"
        self.chosen: int | None = None
        self.message = message
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    @abstractmethod
    def count(self) -> int:
        """How many modes are shown."""

    @abstractmethod
    def place_of(self, mode: int) -> QRectF:
        """The whole place of a mode, in pixels."""

    @abstractmethod
    def read(self, mode: int) -> str:
        """A mode as it is now, in words."""

    @property
    def is_empty(self) -> bool:
        """Without modes."""
        return not self.count()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down read the modes one by one, Escape lets go."""
        move = UPS.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape:
            self.chosen = None
        elif move is not None and self.count():
            self.chosen = 0 if self.chosen is None else (self.chosen + move) % self.count()
            self._tell(self.place_of(self.chosen).center().toPoint(), self.read(self.chosen))
        else:
            super().keyPressEvent(event)
            return
        self.update()

    def _tell(self, at: QPoint, words: str) -> None:
        QToolTip.showText(self.mapToGlobal(at), words, self)
