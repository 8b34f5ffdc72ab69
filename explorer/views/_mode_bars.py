"""The mass of each mode as bars, its target as a line."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from explorer.session.snapshot import Array
from explorer.views._mode_heat import MANY, cell, mode_at, paint_heat, reachable
from explorer.views._mode_picture import ModePicture
from explorer.widgets.plot import colour, nice_step, number

WAITING: Final = "The mass of each mode appears here."
PALE: Final = 0.35
"""Opacity of the part of a bar that is not of high quality."""

HEADROOM: Final = 1.15
"""The upper edge over the tallest bar or target."""

LEAST_PX: Final = (160, 76)
LOW_PX: Final = 80
"""In less height than that, at scale 1, the bars need the room of the line's name."""


class Bars(ModePicture):
    """Bars with a target line, painted directly: a mode is a bar, a missing one an empty dashed frame.

    A bar is as high as the mass at its mode; its solid part is of high quality, its pale part is not. Of very many
    modes there is a cell each instead.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, WAITING)
        self.mass: Array = np.zeros(0)
        self.good: Array = np.zeros(0)
        self.target: Array = np.zeros(0)
        self.missing: Array = np.zeros(0, bool)
        self.samples = 0
        self.setMinimumSize(*LEAST_PX)
        self.setAccessibleName("mass of each mode")

    def top(self) -> float:
        """Mass at the upper edge."""
        highest = max(float(self.mass.max(initial=0)), float(self.target.max(initial=0)), 1e-9)
        return HEADROOM * highest

    def frame(self) -> QRectF:
        """Where the bars stand, in pixels."""
        s = self.scale
        if self.is_many:
            return QRectF(self.rect()).adjusted(13 * s, 19 * s, -13 * s, -24 * s)
        return QRectF(self.rect()).adjusted(48 * s, (6 if self.is_low else 19) * s, -13 * s, -28 * s)

    @property
    def is_many(self) -> bool:
        """Whether modes are too many for a bar each."""
        return len(self.mass) >= MANY

    @property
    def is_low(self) -> bool:
        """Whether there is room for bars and their names alone."""
        return self.height() < LOW_PX * self.scale

    def bar(self, index: int) -> QRectF:
        """The whole height at a mode, in pixels, or its cell."""
        frame = self.frame()
        if self.is_many:
            return cell(frame, len(self.mass), index)
        pitch = frame.width() / max(len(self.mass), 1)
        gap = min(0.24 * pitch, 14.0)
        return QRectF(frame.left() + index * pitch + gap / 2, frame.top(), pitch - gap, frame.height())

    def say(self, index: int) -> str:
        """One mode in words."""
        state = "  missing" if self.missing[index] else ""
        mass, target = 100 * self.mass[index], 100 * self.target[index]
        fine = f"{100 * self.good[index]:.2f} % of high quality"
        return f"{self.noun} {self.names[index]}: {mass:.2f} %, target {target:.2f} %; {fine}{state}"

    def count(self) -> int:
        """A bar for each mode whose mass is known."""
        return len(self.mass)

    def place_of(self, mode: int) -> QRectF:
        """Its bar."""
        return self.bar(mode)

    def read(self, mode: int) -> str:
        """Mass and target."""
        return self.say(mode)

    def words_at(self, place: QPointF) -> str:
        """The bar under the mouse."""
        if self.is_many:
            found = mode_at(self.frame(), len(self.mass), place.x(), place.y())
            return "" if found is None else self.say(found)
        hit = [i for i in range(len(self.mass)) if self.bar(i).contains(place)]
        return self.say(hit[0]) if hit else ""

    def paint(self, painter: QPainter) -> None:
        """Axis, bars, target, names; or the field of cells and what they say together."""
        if self.is_many:
            self._paint_cells(painter)
            return
        self._paint_axis(painter)
        for index in range(len(self.mass)):
            self._paint_bar(painter, index)
        self._paint_names(painter)
        self._paint_target(painter)

    def summary(self) -> str:
        """How many modes have a sample, and how many as many real samples reach on average."""
        reached, within = int((self.mass > 0).sum()), reachable(self.target, self.samples)
        if not self.samples:
            return f"{reached:,} of {len(self.mass):,} {self.noun}s reached"
        return f"{self.samples:,} samples reach {reached:,} {self.noun}s, real ones {within:,}"

    def _paint_cells(self, painter: QPainter) -> None:
        frame, s = self.frame(), self.scale
        paint_heat(painter, frame, self.mass, self.target, self.theme)
        if self.chosen is not None:
            painter.setPen(QPen(QColor(self.theme.text), 1.6 * s))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.bar(self.chosen))
        painter.setPen(QColor(self.theme.muted))
        above = QRectF(frame.left(), 0, frame.width(), frame.top() - 2)
        painter.drawText(above, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.summary())
        below = QRectF(frame.left(), frame.bottom() + 2 * s, frame.width(), 20 * s)
        legend = f"{self.names[0]} to {self.names[-1]} · strong: many samples · red: none"
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, legend)

    def _y(self, mass: float) -> float:
        frame = self.frame()
        return frame.bottom() - mass / self.top() * frame.height()

    def _paint_axis(self, painter: QPainter) -> None:
        frame = self.frame()
        step = nice_step(self.top() * 100, max(2.0, frame.height() / (38 * self.scale)))
        for tick in np.arange(0, self.top() * 100, step):
            y = round(self._y(tick / 100)) + 0.5
            painter.setPen(QPen(colour(self.theme.line, 0.7), 1))
            painter.drawLine(QPointF(frame.left() - 4, y), QPointF(frame.right(), y))
            painter.setPen(QColor(self.theme.muted))
            place = QRectF(0, y - 10, frame.left() - 8, 20)
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(place, flags, f"{number(float(tick), step)} %")

    def _paint_bar(self, painter: QPainter, index: int) -> None:
        place = self.bar(index)
        base = self.frame().bottom()
        if self.missing[index]:
            pen = QPen(QColor(self.theme.alarm), 1.4 * self.scale, Qt.PenStyle.CustomDashLine)
            pen.setDashPattern([2.6, 2.0])
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            high = self._y(float(self.target[index]))
            painter.drawRect(QRectF(place.left() + 0.5, high, place.width() - 1, base - high))
        ink = 1.0 if self.chosen in (None, index) else 0.5
        self._paint_column(painter, place, self._y(float(self.mass[index])), PALE * ink)
        self._paint_column(painter, place, self._y(float(self.good[index])), ink)

    def _paint_column(self, painter: QPainter, place: QRectF, high: float, alpha: float) -> None:
        base = self.frame().bottom()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(self.theme.model, alpha))
        radius = min(3.0 * self.scale, place.width() / 3, (base - high) / 2)
        painter.drawRoundedRect(QRectF(place.left(), high, place.width(), base - high), radius, radius)

    def _paint_target(self, painter: QPainter) -> None:
        frame = self.frame()
        pitch = frame.width() / len(self.target)
        corners = [
            QPointF(frame.left() + (index + side) * pitch, self._y(float(mass)))
            for index, mass in enumerate(self.target)
            for side in (0, 1)
        ]
        painter.setPen(QPen(QColor(self.theme.data), 1.8 * self.scale))
        painter.drawPolyline(QPolygonF(corners))
        if self.is_low:
            return
        # The mass of a cell is no law's own number.
        words = target_label(self.target) if self.noun == "mode" else "target, estimated"
        # Above the bars, where it covers none.
        above = QRectF(frame.left(), 0, frame.width(), frame.top() - 2)
        painter.drawText(above, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_names(self, painter: QPainter) -> None:
        metrics = QFontMetricsF(painter.font())
        pitch = self.frame().width() / len(self.names)
        widest = max(metrics.horizontalAdvance(name) for name in self.names) + 6 * self.scale
        every = max(1, int(np.ceil(widest / pitch)))
        base = self.frame().bottom()
        for index in range(0, len(self.names), every):
            painter.setPen(QColor(self.theme.alarm if self.missing[index] else self.theme.muted))
            middle = self.bar(index).center().x()
            place = QRectF(middle - 40 * self.scale, base + 8 * self.scale, 80 * self.scale, metrics.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignHCenter, self.names[index])
        painter.setPen(QColor(self.theme.muted))
        beside = QRectF(0, base + 8 * self.scale, self.frame().left() - 8, metrics.height())
        painter.drawText(beside, Qt.AlignmentFlag.AlignRight, self.noun)


def target_label(target: Any) -> str:
    """The legend of the target: its value where all are the same, as "target 1/8"."""
    if np.ptp(target) > 1e-4 * float(np.max(target)):
        return "target"
    share = Fraction(float(target[0])).limit_denominator(1000)
    return f"target {share}"
