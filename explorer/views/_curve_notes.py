"""What is painted over the curves: a legend above them, a floor, events, marks, a cross-hair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from explorer.widgets.plot import Overlay, colour, plot_font
from explorer.widgets.theme import SMALL_PX

KEY_PX: Final = 16.0
"""Room for the stroke before a word of the legend."""

EVENT_ROWS: Final = 4
CHANGE_PX: Final = 4.0
DOT_PX: Final = 3.5

LEGEND_ROWS: Final = 2
"""A narrow card keeps its room for the lines; what has no room in the legend is named under the mouse."""

LEGEND_SHARE: Final = 0.45
"""A legend of several rows may take no more of the height: curves are what there is to see."""


@dataclass(frozen=True)
class Floor:
    """What a perfect sampler of the same size scores: mean, and the interval that holds 95 % of its scores."""

    mean: float
    low: float
    high: float
    title: str = "floor of a perfect sampler"


class Notes(Overlay):
    """Painted in pixels over the lines: floor band, events, cursor, cross-hair, and a legend in a strip of its own."""

    depth = 60.0

    def __init__(self, box: pg.ViewBox) -> None:
        super().__init__(box)
        self.floor: tuple[float, float] | None = None
        self.events: list[tuple[float, str]] = []
        self.changes: list[float] = []
        self.message = ""
        self.looked_at: float | None = None
        self.cross: float | None = None
        self.legend: list[tuple[str, str]] = []
        self.dots: list[tuple[float, float, str]] = []

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        """Floor first, legend last."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(plot_font(SMALL_PX, self.factor))
        self._paint_floor(painter)
        for x, y, ink in self.dots:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(ink))
            painter.drawEllipse(QPointF(self._x(x), self._y(y)), DOT_PX * self.factor, DOT_PX * self.factor)
        self._paint_events(painter)
        self._paint_changes(painter)
        self._upright(painter, self.looked_at, QPen(QColor(self.theme.text), 1.2 * self.factor))
        self._upright(painter, self.cross, QPen(QColor(self.theme.muted), 1))
        self._paint_legend(painter)
        painter.setPen(QColor(self.theme.muted))
        room = self.boundingRect().adjusted(16, 0, -16, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.message)

    def _paint_floor(self, painter: QPainter) -> None:
        if self.floor is None:
            return
        low, high = (self._y(value) for value in self.floor)
        band = QRectF(0, high, self.box.width(), max(low - high, 2.0)).intersected(self.boundingRect())
        painter.fillRect(band, colour(self.theme.floor, 0.3))

    def _paint_events(self, painter: QPainter) -> None:
        """Dashed lines with their words, each in the first row where it covers no other."""
        pen = QPen(QColor(self.theme.text), 1.2 * self.factor, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([3, 2.4])
        metrics = QFontMetricsF(painter.font())
        ends = [-1e9] * EVENT_ROWS
        for x, text in sorted(self.events):
            self._upright(painter, x, pen)
            at, width = self._x(x), metrics.horizontalAdvance(text)
            left = at + 5 if at + 8 + width < self.box.width() else at - 5 - width
            if not 0 <= at <= self.box.width():
                continue
            row = next((row for row, end in enumerate(ends) if end < left), 0)
            ends[row] = left + width
            base = self.strip() + 13 * self.factor + row * self._line()
            ground = QRectF(left - 2, base - metrics.ascent(), width + 4, metrics.height())
            painter.fillRect(ground, colour(self.theme.plot, 0.75))
            painter.setPen(QColor(self.theme.text))
            painter.drawText(QPointF(left, base), text)

    def _paint_changes(self, painter: QPainter) -> None:
        """Small marks at the foot: an option was changed there; the words are beside the exact values."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.muted))
        reach, foot = CHANGE_PX * self.factor, self.box.height()
        for x in self.changes:
            at = self._x(x)
            if 0 <= at <= self.box.width():
                corners = [QPointF(at - reach, foot), QPointF(at + reach, foot), QPointF(at, foot - 1.6 * reach)]
                painter.drawPolygon(QPolygonF(corners))

    def _upright(self, painter: QPainter, x: float | None, pen: QPen) -> None:
        if x is not None and 0 <= (at := self._x(x)) <= self.box.width():
            painter.setPen(pen)
            painter.drawLine(QPointF(at, 0), QPointF(at, self.box.height()))

    def strip(self) -> float:
        """Height of the legend at the top, in pixels; lines at home stay below it."""
        rows = self._rows(QFontMetricsF(plot_font(SMALL_PX, self.factor)))
        return max((row for _, row, _, _ in rows), default=-1) * self._line() + self._line() if rows else 0.0

    def _line(self) -> float:
        return QFontMetricsF(plot_font(SMALL_PX, self.factor)).height() + 2

    def _rows(self, metrics: QFontMetricsF) -> list[tuple[float, int, str, str]]:
        """Left edge, row, text and colour of each entry."""
        placed, left, row = [], 0.0, 0
        for text, ink in self.legend:
            width = metrics.horizontalAdvance(text) + KEY_PX * self.factor
            if left and left + width > self.box.width():
                left, row = 0.0, row + 1
            if row == LEGEND_ROWS or (row and (row + 1) * self._line() > LEGEND_SHARE * self.box.height()):
                break
            placed.append((left, row, text, ink))
            left += width + 12 * self.factor
        return placed

    def _paint_legend(self, painter: QPainter) -> None:
        metrics = QFontMetricsF(painter.font())
        painter.fillRect(QRectF(0, 0, self.box.width(), self.strip()), QColor(self.theme.plot))
        for left, row, text, ink in self._rows(metrics):
            base = row * self._line() + metrics.ascent()
            middle = base - metrics.xHeight() / 2
            painter.setPen(QPen(QColor(ink), 2 * self.factor))
            painter.drawLine(QPointF(left + 2, middle), QPointF(left + 11 * self.factor, middle))
            painter.setPen(QColor(ink))
            painter.drawText(QPointF(left + KEY_PX * self.factor, base), text)

    def _x(self, value: float) -> float:
        left, right = self.box.viewRange()[0]
        return (value - left) / (right - left) * self.box.width()

    def _y(self, value: float) -> float:
        bottom, top = self.box.viewRange()[1]
        return (top - value) / (top - bottom) * self.box.height()
