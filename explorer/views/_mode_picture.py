"""What the pictures of the modes share: one mode at a time can be read, by pointing at it or with the keys."""

from __future__ import annotations

from abc import abstractmethod
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from explorer.widgets.plot import plot_font
from explorer.widgets.theme import DARK, SMALL_PX

UPS: Final = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
"""Keys that read the modes one by one."""


class ModePicture(QWidget):
    """A picture with a place for each mode, painted directly.

    Attributes:
        names: of the modes.
        noun: what one of them is called.
        chosen: the mode that the keys have reached; None for no mode.
        message: one sentence for as long as there is nothing to see.
    """

    def __init__(self, parent: QWidget | None, message: str) -> None:
        super().__init__(parent)
        self.theme, self.scale = DARK, 1.0
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

    @abstractmethod
    def point_at(self, at: QPointF) -> str:
        """What is under the mouse, in words; empty for nothing."""

    @abstractmethod
    def paint_modes(self, painter: QPainter) -> None:
        """The picture; there is at least one mode."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, or one sentence while there is nothing to see."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(plot_font(SMALL_PX, self.scale))
        if self.count():
            self.paint_modes(painter)
            return
        painter.setPen(QColor(self.theme.muted))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(self.rect().adjusted(16, 0, -16, 0), flags, self.message)

    def event(self, event: QEvent) -> bool:
        """A tool tip for what is under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.point_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

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
