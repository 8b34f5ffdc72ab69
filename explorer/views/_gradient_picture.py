"""The picture of the gradient estimates: what batches of each size give, and below it how far they spread."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from explorer.session.snapshot import Arrays
from explorer.views._painted import Painted
from explorer.widgets.plot import colour, ticks

Floats = NDArray[np.floating[Any]]
Ruler = Callable[[float], float]

UPPER: Final = 0.58
"""Share of the height that the estimates themselves have."""

BINS: Final = 30
"""Steps of a violin between its ends."""

SHOWN: Final = 0.995
"""Share of the smallest batches' estimates that the axis holds; the few beyond it would flatten all others."""

FULLEST: Final = 0.42
"""Half the width of a violin where it is widest, as a share of the distance between two sizes."""

BELOW: Final = 1.4
ABOVE: Final = 6.0
"""Factors on the least and the greatest spread, for room below, and above for their numbers."""


class GradientPicture(Painted):
    """Violins over log N with the full gradient's length 1, and the spread over log N on log axes."""

    def paint_arrays(self, painter: QPainter, arrays: Arrays) -> None:
        """Both parts."""
        upper, lower = self.boxes()
        self._paint_estimates(painter, arrays, upper)
        self._paint_spread(painter, arrays, lower)
        self._paint_batch(painter, arrays, upper, lower)

    def words_at(self, place: QPointF) -> str:
        """The exact numbers of the size nearest to this place; empty while there is nothing to see."""
        if self.arrays is None:
            return ""
        across = self.across(self.boxes()[0])
        i = int(np.argmin([abs(across(float(size)) - place.x()) for size in self.arrays["sizes"]]))
        size, mean, error, spread = (float(self.arrays[key][i]) for key in ("sizes", "mean", "error", "spread"))
        return f"N = {size:,.0f}\nmean {mean:.3f} ± {error:.3f}\nspread {spread:.3g}".replace("-", "−")

    def boxes(self) -> tuple[QRectF, QRectF]:
        """Where estimates and spread stand, in pixels."""
        line = self._metrics().height() + 3
        left, right = 48 * self.scale, self.width() - 12 * self.scale
        top, foot = line + 2, self.height() - line - 3
        middle = top + UPPER * (foot - top - line) - 3 * self.scale
        below = middle + line + 6 * self.scale
        return QRectF(left, top, right - left, middle - top), QRectF(left, below, right - left, foot - below)

    def across(self, box: QRectF) -> Ruler:
        """From N to a place, by its logarithm."""
        assert self.arrays is not None
        sizes = [*self.arrays["sizes"].tolist(), int(self.arrays["batch"])]
        low, high = math.log(min(sizes)), math.log(max(sizes))
        room = FULLEST * math.log(4)
        return lambda n: box.left() + (math.log(n) - low + room) / (high - low + 2 * room) * box.width()

    def _paint_estimates(self, painter: QPainter, arrays: Arrays, box: QRectF) -> None:
        low, high = shown_range(arrays["estimates"])
        up = _ruler(box, low, high)
        self._caption(painter, box, "gradients of batches, along ∇")
        line = self._metrics().height()
        for value, label in ticks(low, high, box.height(), 30 * self.scale):
            # The caption of the lower part is near, and the length 1 has a label of its own.
            has_room = up(value) < box.bottom() - 0.5 * line and abs(up(value) - up(1.0)) > 0.8 * line
            self._grid(painter, box, up(value), label if has_room else "")
        self._label(painter, box, up(1.0), "1", self.theme.data)
        across = self.across(box)
        painter.save()
        painter.setClipRect(box)
        half = FULLEST * (across(4.0) - across(1.0))
        for size, estimates in zip(arrays["sizes"].tolist(), arrays["estimates"], strict=True):
            self._violin(painter, violin(estimates, across(size), half, up))
        painter.restore()
        painter.setPen(QPen(QColor(self.theme.data), 1.6 * self.scale))
        painter.drawLine(QPointF(box.left(), up(1.0)), QPointF(box.right(), up(1.0)))
        for size, mean in zip(arrays["sizes"].tolist(), arrays["mean"].tolist(), strict=True):
            self._dot(painter, QPointF(across(size), up(mean)), self.theme.text)
        self._key(painter, box, [("mean", self.theme.text), ("∇ of all", self.theme.data)])

    def _paint_spread(self, painter: QPainter, arrays: Arrays, box: QRectF) -> None:
        sizes, spread = arrays["sizes"].astype(float), arrays["spread"].astype(float)
        low, high = (math.log10(value) for value in (spread.min() / BELOW, spread.max() * ABOVE))
        up, across = _ruler(box, low, high), self.across(box)
        self._caption(painter, box, "their spread, in ‖∇‖")
        for power in range(math.ceil(low), math.floor(high) + 1):
            self._grid(painter, box, up(power), f"{10.0**power:g}")
        law = spread[0] * np.sqrt(sizes[0] / sizes)
        painter.setPen(QPen(QColor(self.theme.muted), 1.4 * self.scale, Qt.PenStyle.DashLine))
        places = [QPointF(across(n), up(math.log10(v))) for n, v in zip(sizes, law, strict=True)]
        painter.drawPolyline(QPolygonF(places))
        metrics, foot = self._metrics(), box.bottom() + self._metrics().ascent() + 3
        for n, value in zip(sizes, spread, strict=True):
            at = QPointF(across(n), up(math.log10(value)))
            self._dot(painter, at, self.theme.model)
            text = f"{value:.2g}"
            left = min(
                at.x() - 0.2 * metrics.horizontalAdvance(text), self.width() - metrics.horizontalAdvance(text) - 4
            )
            self._words(painter, QPointF(left, at.y() - 8 * self.scale), text, box)
            label = f"{n:,.0f}"
            painter.setPen(QColor(self.theme.muted))
            painter.drawText(QPointF(at.x() - metrics.horizontalAdvance(label) / 2, foot), label)
        painter.drawText(QPointF(box.left() - metrics.horizontalAdvance("N") - 6 * self.scale, foot), "N")
        self._key(painter, box, [("1/√N", self.theme.muted)])

    def _paint_batch(self, painter: QPainter, arrays: Arrays, upper: QRectF, lower: QRectF) -> None:
        """Where the recipe stands; a recipe that takes the whole sample stands nowhere on this axis."""
        if int(arrays["whole"]):
            return
        at = self.across(upper)(float(arrays["batch"]))
        pen = QPen(QColor(self.theme.text), 1.2 * self.scale, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([3, 2.4])
        painter.setPen(pen)
        for box in (upper, lower):
            painter.drawLine(QPointF(at, box.top()), QPointF(at, box.bottom()))
        self._words(painter, QPointF(at + 5, upper.bottom() - 4), f"batch {int(arrays['batch']):,}", upper)

    def _violin(self, painter: QPainter, outline: QPolygonF) -> None:
        painter.setPen(QPen(QColor(self.theme.model), 1.2 * self.scale))
        painter.setBrush(colour(self.theme.model, 0.4))
        painter.drawPolygon(outline)
        painter.setBrush(Qt.BrushStyle.NoBrush)


def shown_range(estimates: Floats) -> tuple[float, float]:
    """The axis of the estimates, shape (K, M): 1 in its middle, and nearly all of the widest row."""
    reach = float(np.quantile(np.abs(estimates - 1.0), SHOWN, axis=1).max())
    return 1.0 - 1.1 * reach, 1.0 + 1.1 * reach


def violin(estimates: Floats, middle: float, half: float, up: Ruler) -> QPolygonF:
    """The outline of a histogram and its mirror image around ``middle``, in pixels."""
    counts, edges = np.histogram(estimates, BINS)
    width = half * counts / counts.max()
    heights = [up(float(edge)) for edge in np.repeat(edges, 2)[1:-1]]
    right = [QPointF(middle + w, y) for w, y in zip(np.repeat(width, 2), heights, strict=True)]
    left = [QPointF(2 * middle - point.x(), point.y()) for point in reversed(right)]
    return QPolygonF([*right, *left])


def _ruler(box: QRectF, low: float, high: float) -> Ruler:
    return lambda value: box.bottom() - (value - low) / (high - low) * box.height()
