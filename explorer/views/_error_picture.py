"""The picture of a denoising model's error: distances from data as bars, and below them what was not learnt over t."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from explorer.session.snapshot import Arrays
from explorer.views._painted import Painted
from explorer.widgets.plot import colour

Ruler = Callable[[float], float]

EDGE: Final = 12.0
ROOM: Final = 1.06
"""The longest bar leaves so much of the width free."""

TALLEST: Final = 30.0
"""A row of the bars, logical pixels, at most."""

TALL_PX: Final = 178.0
"""From this height on both parts stand one above the other; below it side by side."""

RAISED: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

DECADES: Final = 5
"""Of the errors over t that are shown at most: what is below them is nothing beside the rest."""


class Bar(NamedTuple):
    """One distance.

    Attributes:
        name: the longest wording first.
        value: data units.
        role: the theme's colour.
        help: one sentence.
    """

    name: tuple[str, ...]
    value: float
    role: str
    help: str


class ErrorPicture(Painted):
    """A bar for each field that the sampler followed, the floor's band over all, and curves over t."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("where the error comes from")

    def show_arrays(self, arrays: Arrays | None) -> None:
        """Draw these errors from now on; None for none."""
        super().show_arrays(arrays)
        words = [f"{bar.name[0]} {said(bar.value)} data units" for bar in self.bars()]
        self.setAccessibleDescription("; ".join(words))

    def bars(self) -> list[Bar]:
        """The distances that there are, from above."""
        return bars_of(self.arrays) if self.arrays is not None else []

    def paint_arrays(self, painter: QPainter, arrays: Arrays) -> None:
        """Both parts."""
        above, below = self.boxes()
        self._paint_bars(painter, arrays, above)
        self._paint_curves(painter, arrays, below)

    def words_at(self, place: QPointF) -> str:
        """What a bar or the curves say at this place; empty where there is nothing."""
        if self.arrays is None:
            return ""
        above, below = self.boxes()
        if above.contains(place):
            bars = self.bars()
            row = int((place.y() - above.top()) / self._pitch(above))
            return f"{said(bars[row].value)} data units\n{bars[row].help}" if row < len(bars) else ""
        if not below.contains(place):
            return ""
        times = self.arrays["time"]
        i = int(np.abs(times - (place.x() - below.left()) / below.width()).argmin())
        learning, unknown = (said(float(self.arrays[key][i])) for key in ("learning", "unknown"))
        return f"t = {times[i]:.2f}\nnot learnt {learning}\nunknowable {unknown}"

    def boxes(self) -> tuple[QRectF, QRectF]:
        """Where the bars and the curves stand, in pixels."""
        s, line = self.scale, self._metrics().height()
        left, right, foot = EDGE * s, self.width() - EDGE * s, self.height() - line - 5 * s
        axis = 38 * s
        if self.height() < TALL_PX * s:
            middle = 0.6 * self.width()
            bars = QRectF(left, line + 2 * s, middle - left - 8 * s, foot - line)
            return bars, QRectF(middle + axis, line + 10 * s, right - middle - axis, foot - line - 10 * s)
        rows = max(1, len(self.bars()))
        tall = min(rows * TALLEST * s, 0.5 * (foot - 2 * line))
        bars = QRectF(left, line + 2 * s, right - left, tall)
        top = bars.bottom() + 2 * line + 8 * s
        return bars, QRectF(axis, top, right - axis, foot - top)

    def _pitch(self, box: QRectF) -> float:
        return box.height() / max(1, len(self.bars()))

    def _paint_bars(self, painter: QPainter, arrays: Arrays, box: QRectF) -> None:
        metrics, bars = self._metrics(), self.bars()
        self._longest_caption(painter, box, caption_of(arrays))
        names = self._names(bars, 0.52 * box.width())
        wide = max(metrics.horizontalAdvance(name) for name in names) + 8 * self.scale
        figures = max(metrics.horizontalAdvance(said(bar.value)) for bar in bars) + 6 * self.scale
        start, room = box.left() + wide, box.width() - wide - figures
        unit = room / (ROOM * longest(arrays))
        self._paint_floor(painter, arrays, QRectF(start, box.top(), room, box.height()), unit)
        for row, (bar, name) in enumerate(zip(bars, names, strict=True)):
            middle = box.top() + (row + 0.5) * self._pitch(box)
            self._paint_bar(painter, bar, QRectF(start, middle, min(room, unit * bar.value), self._pitch(box)))
            painter.setPen(QColor(self.theme.text))
            painter.drawText(QPointF(box.left(), middle + metrics.xHeight() / 2), name)

    def _paint_bar(self, painter: QPainter, bar: Bar, at: QRectF) -> None:
        """A bar around a middle line, with its number at its end."""
        high = 0.56 * at.height()
        painter.fillRect(
            QRectF(at.left(), at.top() - high / 2, at.width(), high), QColor(getattr(self.theme, bar.role))
        )
        painter.setPen(QColor(self.theme.text))
        metrics = self._metrics()
        painter.drawText(QPointF(at.right() + 6 * self.scale, at.top() + metrics.xHeight() / 2), said(bar.value))

    def _paint_floor(self, painter: QPainter, arrays: Arrays, box: QRectF, unit: float) -> None:
        """How far fresh data of the same size are from the data, as a band over all rows."""
        low, high = (box.left() + unit * float(arrays[key]) for key in ("floor_low", "floor_high"))
        band = QRectF(low, box.top(), max(high - low, 2.0), box.height()).intersected(box)
        painter.fillRect(band, colour(self.theme.floor, 0.22))
        painter.setPen(QPen(QColor(self.theme.line), 1))
        painter.drawLine(box.topLeft(), box.bottomLeft())

    def _names(self, bars: list[Bar], room: float) -> list[str]:
        """The longest wordings that leave room for the bars."""
        metrics = self._metrics()
        most = min(len(bar.name) for bar in bars)
        for length in range(most):
            names = [bar.name[length] for bar in bars]
            if max(metrics.horizontalAdvance(name) for name in names) <= room:
                return names
        return [bar.name[most - 1] for bar in bars]

    def _paint_curves(self, painter: QPainter, arrays: Arrays, box: QRectF) -> None:
        low, high = decades(arrays)

        def up(value: float) -> float:
            return box.bottom() - (math.log10(max(value, 10.0 ** (low - 1))) - low) / (high - low) * box.height()

        raised = box.adjusted(EDGE * self.scale - box.left() if box.left() < 0.4 * self.width() else 0, 0, 0, 0)
        self._longest_caption(painter, raised.translated(0, -0.4 * self._metrics().height()), quantity(arrays))
        self._paint_scale(painter, box, up, low, high)
        painter.save()
        painter.setClipRect(box.adjusted(-2, -2, 2, 2))
        for key, ink, dashed in (("unknown", self.theme.muted, True), ("learning", self.theme.model, False)):
            style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
            painter.setPen(QPen(QColor(ink), (1.3 if dashed else 2.0) * self.scale, style))
            places = zip(arrays["time"].tolist(), arrays[key].tolist(), strict=True)
            painter.drawPolyline(QPolygonF([QPointF(box.left() + t * box.width(), up(v)) for t, v in places]))
        painter.restore()
        self._key_below(painter, box, [("not learnt", self.theme.model), ("unknowable", self.theme.muted)])

    def _paint_scale(self, painter: QPainter, box: QRectF, up: Ruler, low: int, high: int) -> None:
        metrics = self._metrics()
        every = max(1, math.ceil((high - low) * 1.3 * metrics.height() / max(1.0, box.height())))
        for power in range(low, high + 1):
            y = up(10.0**power)
            painter.setPen(QPen(colour(self.theme.line, 0.7), 1))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            if (high - power) % every == 0:
                self._right(painter, box.left() - 6 * self.scale, y + metrics.xHeight() / 2, power_of_ten(power))
        foot = box.bottom() + metrics.ascent() + 3 * self.scale
        painter.setPen(QColor(self.theme.muted))
        ends = ("t = 0, data", "1, noise") if box.width() > 150 * self.scale else ("0", "1")
        painter.drawText(QPointF(box.left(), foot), ends[0])
        self._right(painter, box.right(), foot, ends[1])

    def _key_below(self, painter: QPainter, box: QRectF, entries: list[tuple[str, str]]) -> None:
        """Names of the lines in their colours, in the middle below the box, as far as there is room."""
        metrics, gap = self._metrics(), 14 * self.scale
        ends = 2 * (metrics.horizontalAdvance("t = 0, data") + gap) if box.width() > 150 * self.scale else 2 * gap
        wide = sum(metrics.horizontalAdvance(text) for text, _ in entries) + gap
        if wide > box.width() - ends:
            entries, wide = entries[:1], metrics.horizontalAdvance(entries[0][0])
        left, foot = box.center().x() - wide / 2, box.bottom() + metrics.ascent() + 3 * self.scale
        for text, ink in entries:
            painter.setPen(QColor(ink))
            painter.drawText(QPointF(left, foot), text)
            left += metrics.horizontalAdvance(text) + gap

    def _right(self, painter: QPainter, right: float, base: float, text: str) -> None:
        painter.setPen(QColor(self.theme.muted))
        painter.drawText(QPointF(right - self._metrics().horizontalAdvance(text), base), text)

    def _longest_caption(self, painter: QPainter, box: QRectF, wordings: tuple[str, ...]) -> None:
        metrics = self._metrics()
        text = next((words for words in wordings if metrics.horizontalAdvance(words) <= box.width()), wordings[-1])
        painter.setPen(QColor(self.theme.muted))
        painter.drawText(QPointF(box.left(), box.top() - 5 * self.scale), text)


def bars_of(arrays: Arrays) -> list[Bar]:
    """The model's distance, those of the fields that stand for a perfect net, and that of fresh data."""
    bars = [
        Bar(("the model, its sampler", "model"), float(arrays["model"]), "model", "Samples of the model as they are."),
        Bar(
            ("the exact field, same sampler", "exact field"), float(arrays["exact"]), "data",
            "The same noise, carried by the same sampler along the exact field: the sampler's error alone.",
        ),
        Bar(
            ("its training sample by heart", "by heart"), float(arrays["memorised"]), "critic_low",
            "The same sampler along the field that minimises the loss on the training sample: it gives that back.",
        ),
        Bar(
            ("fresh data", "fresh data"), float(arrays["floor"]), "floor",
            "As many fresh samples of the data: what chance leaves. The band is the reach of 20 of them.",
        ),
    ]  # fmt: skip
    return [bar for bar in bars if math.isfinite(bar.value)]


def longest(arrays: Arrays) -> float:
    """The distance that the width stands for; a model far off leaves the others to be told apart."""
    values = [bar.value for bar in bars_of(arrays)]
    others = max([float(arrays["floor_high"]), *values[1:]])
    return max(others, min(max(values), 6 * others), 1e-12)


def caption_of(arrays: Arrays) -> tuple[str, ...]:
    """What the bars are, the longest wording first."""
    many = f"{int(arrays['points']):,}"
    return (
        f"distance of {many} samples from data: sliced W₂, data units",
        f"sliced W₂ of {many} samples from data, data units",
        "sliced W₂ from data, data units",
        "sliced W₂ from data",
    )


def quantity(arrays: Arrays) -> tuple[str, ...]:
    """What the curves are, the longest wording first."""
    if int(arrays["velocity"]):
        return ("error of the velocity, E‖v_θ − v‖²/d, over t", "E‖v_θ − v‖²/d over t", "E‖v_θ − v‖²/d", "error over t")
    return (
        "error of the score, E σ²‖s_θ − s‖²/d, over t",
        "E σ²‖s_θ − s‖²/d over t",
        "E σ²‖s_θ − s‖²/d",
        "error over t",
    )


def decades(arrays: Arrays) -> tuple[int, int]:
    """Powers of ten at the lower and the upper edge of the curves."""
    both = np.concatenate([arrays["learning"], arrays["unknown"]])
    high = math.ceil(math.log10(max(float(both.max()), 1e-9)) - 1e-9)
    least = float(arrays["learning"][arrays["learning"] > 0].min(initial=10.0 ** (high - 1)))
    return max(high - DECADES, min(math.floor(math.log10(least)), high - 2)), high


def power_of_ten(power: int) -> str:
    """A label such as ``10⁻³``; 0.1, 1 and 10 as they are."""
    return f"{10.0**power:g}" if -1 <= power <= 1 else "10" + str(power).translate(RAISED)


def said(value: float) -> str:
    """A distance or an error with three figures."""
    if value and not 1e-4 <= value < 1e4:
        return f"{value:.1e}".replace("-", "−")
    return f"{value:.{min(5, max(0, 2 - math.floor(math.log10(value))))}f}" if value else "0"
