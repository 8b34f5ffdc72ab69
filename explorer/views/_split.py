"""One plane, two surfaces: what was learnt at the left of a line that can be moved, the truth at its right."""

from __future__ import annotations

from typing import Any, Final, Literal

import pyqtgraph as pg
from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from explorer.widgets.plot import Overlay, Plot, plot_font
from explorer.widgets.theme import SMALL_PX

Side = Literal["left", "right"]

GRIP: Final = (6.0, 26.0)
"""Width and height of the handle, logical pixels."""


class Split(QObject):
    """Where the one surface of a plot ends and the other begins; a surface that is alone has all of the plane.

    Signals:
        moved: the line is elsewhere, or a side has come or gone.

    Attributes:
        at: x of the line, data units.
    """

    moved = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.at = 0.0
        self._there: dict[Side, bool] = {"left": False, "right": False}

    @classmethod
    def of(cls, plot: Plot) -> Split:
        """The one of this plot."""
        return plot.shared.setdefault(cls, cls())

    @property
    def is_split(self) -> bool:
        """Whether both sides are there."""
        return all(self._there.values())

    def claim(self, side: Side, there: bool) -> None:  # noqa: FBT001
        """A surface comes or goes."""
        if self._there[side] != there:
            self._there[side] = there
            self.moved.emit()

    def move(self, at: float) -> None:
        """Put the line elsewhere."""
        self.at = at
        self.moved.emit()

    def span(self, side: Side) -> tuple[float, float] | None:
        """Where a surface is seen, from and to, data units; None for everywhere."""
        if not self.is_split:
            return None
        return (-1e30, self.at) if side == "left" else (self.at, 1e30)


class Divider(Overlay):
    """The line with a handle in its middle, and a word on either side at the top."""

    depth = 55.0

    def __init__(self, box: pg.ViewBox, split: Split, words: tuple[str, str]) -> None:
        super().__init__(box)
        self._split, self._words = split, words

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        """Line, grip, words."""
        (left, right), width = self.box.viewRange()[0], self.box.width()
        at = (self._split.at - left) / (right - left) * width
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.theme.text), 1.2 * self.factor))
        painter.drawLine(QPointF(at, 0), QPointF(at, self.box.height()))
        across, high = (side * self.factor for side in GRIP)
        painter.setPen(QPen(QColor(self.theme.plot), 1))
        painter.setBrush(QColor(self.theme.text))
        painter.drawRoundedRect(QRectF(at - across / 2, (self.box.height() - high) / 2, across, high), 3, 3)
        self._paint_words(painter, at)

    def _paint_words(self, painter: QPainter, at: float) -> None:
        font = plot_font(SMALL_PX, self.factor, QFont.Weight.DemiBold)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        for word, sign in zip(self._words, (-1, 1), strict=True):
            width = metrics.horizontalAdvance(word) + 14
            left = at + 6 if sign > 0 else at - 6 - width
            card = QRectF(left, 8, width, metrics.height() + 6)
            back = QColor(self.theme.card)
            back.setAlphaF(0.9)
            painter.setPen(QPen(QColor(self.theme.line), 1))
            painter.setBrush(back)
            painter.drawRoundedRect(card, 6, 6)
            painter.setPen(QColor(self.theme.text))
            painter.drawText(card, Qt.AlignmentFlag.AlignCenter, word)


class Handle(pg.InfiniteLine):
    """What the mouse takes hold of: unseen, a few pixels wide, and it stays in the frame."""

    def __init__(self, split: Split) -> None:
        super().__init__(angle=90, movable=True, pen=pg.mkPen(None), hoverPen=pg.mkPen(None))
        self._split = split
        self.setZValue(60)
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.sigDragged.connect(self._dragged)

    def _dragged(self, *_: Any) -> None:
        self._split.move(self.getXPos())
