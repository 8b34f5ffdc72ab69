"""The picture of what guidance does: how much of the data is reached against w, and how sure the class is."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from explorer.session.snapshot import Array, Arrays
from explorer.views._painted import Painted
from explorer.widgets.plot import colour, ticks

Ruler = Callable[[float], float]

GUTTER: Final = 0.15
"""Share of the width before w = 0, where fresh data have their place."""

TICK_PX: Final = 26
THIN_ALPHA: Final = 0.62

EXACT: Final = "dashed: exact field"


@dataclass(frozen=True)
class Part:
    """One of the two boxes.

    Attributes:
        caption: what is measured.
        main: key of the measure that has the thick line, and whose exact values are shown.
        others: keys of those with thin lines.
        role: the theme's colour of both.
        start: the axis begins here, or lower where values are.
    """

    caption: str
    main: str
    others: tuple[str, ...]
    role: str
    start: float

    @property
    def keys(self) -> tuple[str, ...]:
        """Of all lines."""
        return self.main, *self.others


PARTS: Final = (
    Part("data that samples reach", "coverage", ("recall",), "data", 0.0),
    Part("samples sure of their class", "certainty", ("precision", "density"), "model", 0.8),
)


class GuidancePicture(Painted):
    """Two boxes over log(1 + w): what is reached above, how sure and how near below, and a cursor at the present w."""

    def paint_arrays(self, painter: QPainter, arrays: Arrays) -> None:
        """Both boxes with one axis, and the cursor."""
        boxes = self.boxes()
        for part, box in zip(PARTS, boxes, strict=True):
            self._paint_part(painter, arrays, part, box)
        self._paint_axis(painter, arrays, boxes[1])
        self._paint_cursor(painter, arrays, boxes)
        if "coverage exact" in arrays:
            self._key(painter, self._beside_captions(boxes[0]), [(EXACT, self.theme.muted)])

    def words_at(self, place: QPointF) -> str:
        """The exact numbers of the weight nearest to this place; empty while there is nothing to see."""
        if self.arrays is None:
            return ""
        across, weights = self.across(self.boxes()[0]), self.arrays["weight"]
        i = int(np.argmin([abs(across(float(weight)) - place.x()) for weight in weights]))
        return "\n".join([f"w = {weights[i]:g}, n = {int(self.arrays['n'])}", *self._told(i)])

    def boxes(self) -> tuple[QRectF, QRectF]:
        """Where the two parts stand, in pixels."""
        line = self._metrics().height() + 3
        left = 34 * self.scale
        right = self.width() - self._metrics().horizontalAdvance("precision") - 18 * self.scale
        top, foot = line + 2, self.height() - line - 3
        height = (foot - top - line - 4 * self.scale) / 2
        return QRectF(left, top, right - left, height), QRectF(left, foot - height, right - left, height)

    def across(self, box: QRectF) -> Ruler:
        """From w to a place, by log(1 + w); to the left of w = 0 there is room for fresh data."""
        assert self.arrays is not None
        last = math.log1p(float(self.arrays["weight"][-1]))
        first = box.left() + GUTTER * box.width()
        return lambda weight: first + math.log1p(weight) / last * (box.right() - first)

    def up(self, part: Part, box: QRectF) -> Ruler:
        """From a value to a place."""
        low, high = self.span(part)
        return lambda value: box.bottom() - (value - low) / (high - low) * box.height()

    def span(self, part: Part) -> tuple[float, float]:
        """From the start, or the least value there is, to 1, or the greatest."""
        assert self.arrays is not None
        keys = (*part.keys, f"{part.main} exact", f"{part.main} floor")
        known = np.concatenate([self.arrays[key] for key in keys if key in self.arrays])
        low = min(part.start, math.floor(10 * float(np.nanmin(known, initial=1.0))) / 10)
        return low, 1.04 * max(1.0, float(np.nanmax(known, initial=1.0)))

    def _beside_captions(self, box: QRectF) -> QRectF:
        """The row above a box, to the edge of the card: over the box alone there is no room beside the caption."""
        return QRectF(box.left(), box.top(), self.width() - 10 * self.scale - box.left(), box.height())

    def _told(self, i: int) -> list[str]:
        assert self.arrays is not None
        lines = []
        for key in (key for part in PARTS for key in part.keys):
            exact = self.arrays.get(f"{key} exact")
            beside = "" if exact is None else f"exact field {exact[i]:.3f}, "
            lines.append(f"{key} {self.arrays[key][i]:.3f} ({beside}fresh data {self.arrays[f'{key} floor'][0]:.3f})")
        return lines

    def _paint_part(self, painter: QPainter, arrays: Arrays, part: Part, box: QRectF) -> None:
        up, across, ink = self.up(part, box), self.across(box), getattr(self.theme, part.role)
        self._caption(painter, box, part.caption)
        for value, label in ticks(*self.span(part), box.height(), TICK_PX * self.scale):
            self._grid(painter, box, up(value), label)
        places = [across(float(weight)) for weight in arrays["weight"]]
        for key in part.others:
            self._line(painter, places, arrays[key], up, QPen(colour(ink, THIN_ALPHA), 1.1 * self.scale))
        if f"{part.main} exact" in arrays:
            pen = QPen(QColor(ink), 1.4 * self.scale, Qt.PenStyle.CustomDashLine)
            pen.setDashPattern([4, 3])
            self._line(painter, places, arrays[f"{part.main} exact"], up, pen)
        self._line(painter, places, arrays[part.main], up, QPen(QColor(ink), 2.2 * self.scale))
        for x, value in zip(places, arrays[part.main].tolist(), strict=True):
            if math.isfinite(value):
                self._dot(painter, QPointF(x, up(value)), ink)
        self._paint_fresh(painter, arrays[f"{part.main} floor"], up, box)
        self._paint_names(painter, arrays, part, up, box)

    def _line(self, painter: QPainter, places: list[float], values: Array, up: Ruler, pen: QPen) -> None:
        """Joined where there are numbers."""
        points = [QPointF(x, up(value)) for x, value in zip(places, values.tolist(), strict=True)
                  if math.isfinite(value)]  # fmt: skip
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(points))

    def _paint_fresh(self, painter: QPainter, floor: Array, up: Ruler, box: QRectF) -> None:
        """What fresh data score: their mean, and a stroke over 95 % of them."""
        x = box.left() + 0.4 * GUTTER * box.width()
        mean, low, high = (up(float(value)) for value in floor)
        painter.setPen(QPen(QColor(self.theme.floor), 2 * self.scale))
        painter.drawLine(QPointF(x, low), QPointF(x, high))
        painter.drawLine(QPointF(x - 4 * self.scale, mean), QPointF(x + 4 * self.scale, mean))

    def _paint_names(self, painter: QPainter, arrays: Arrays, part: Part, up: Ruler, box: QRectF) -> None:
        """Beside the ends of the lines, moved apart where they are near."""
        metrics, ends = self._metrics(), {}
        for key in part.keys:
            known = arrays[key][np.isfinite(arrays[key])]
            ends[key] = up(float(known[-1])) if len(known) else box.bottom()
        order = sorted(ends, key=lambda key: ends[key])
        places = spread_apart([ends[key] for key in order], metrics.height(), box.top(), box.bottom())
        for key, y in zip(order, places, strict=True):
            painter.setPen(colour(getattr(self.theme, part.role), 1.0 if key == part.main else 0.8))
            painter.drawText(QPointF(box.right() + 8 * self.scale, y + metrics.xHeight() / 2), key)

    def _paint_axis(self, painter: QPainter, arrays: Arrays, box: QRectF) -> None:
        """Labels that do not touch one another."""
        metrics, across = self._metrics(), self.across(box)
        foot, free = box.bottom() + metrics.ascent() + 3, box.left()
        labels = [(box.left() + 0.4 * GUTTER * box.width(), "data", self.theme.floor)]
        labels += [(across(float(w)), f"{w:g}", self.theme.muted) for w in arrays["weight"]]
        for x, text, ink in labels:
            half = metrics.horizontalAdvance(text) / 2
            if x - half >= free - 6 * self.scale:
                painter.setPen(QColor(ink))
                painter.drawText(QPointF(x - half, foot), text)
                free = x + half + 8 * self.scale
        painter.setPen(QColor(self.theme.muted))
        painter.drawText(QPointF(box.right() + 8 * self.scale, foot), "w")

    def _paint_cursor(self, painter: QPainter, arrays: Arrays, boxes: tuple[QRectF, QRectF]) -> None:
        now = float(arrays["now"])
        at = self.across(boxes[0])(now)
        pen = QPen(QColor(self.theme.text), 1.2 * self.scale, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([3, 2.4])
        painter.setPen(pen)
        for box in boxes:
            painter.drawLine(QPointF(at, box.top()), QPointF(at, box.bottom()))
        self._words(painter, QPointF(at + 5, boxes[0].bottom() - 4), f"w = {now:g}", boxes[0])


def spread_apart(places: list[float], line: float, top: float, bottom: float) -> list[float]:
    """Rising places, at least a line apart, as near as can be to where they were, and within the box if they fit."""
    low = top + line / 2
    made: list[float] = []
    for place in places:
        made.append(max(place, low))
        low = made[-1] + line
    high = bottom - line / 4
    for i in reversed(range(len(made))):
        made[i] = min(made[i], high)
        high = made[i] - line
    return made
