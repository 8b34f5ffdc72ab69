"""The rate of each latent dimension as bars, the busiest first, and which of them are in use."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from explorer.session.snapshot import Array
from explorer.widgets.plot import colour, nice_step, number, plot_font
from explorer.widgets.theme import DARK, SMALL_PX, Theme

HEADROOM: Final = 1.12
LEAST_TOP: Final = 0.05
"""Nats at the upper edge at least: rates of nothing look like nothing."""

WIDEST: Final = 64.0
"""Widest bar, logical pixels."""

Wordings = tuple[str, ...]
"""The same in words, the longest first."""

SUBSCRIPTS: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def name_of(dimension: int) -> str:
    """What a latent dimension, counted from 0, is called: ``z₁``."""
    return f"z{str(dimension + 1).translate(SUBSCRIPTS)}"


class RateBars(QWidget):
    """E_x KL(q(zⱼ|x) ‖ p(zⱼ)) of each dimension j, nats; solid where it is in use, an outline where it is not.

    Attributes:
        by_rate: whether these are such rates; else each is what the dimension alone tells of x.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.scale = DARK, 1.0
        self.rate: Array = np.zeros(0)
        self.activity: Array = np.zeros(0)
        self.used: Array = np.zeros(0, bool)
        self.order: Array = np.zeros(0, np.int64)
        self.words: Wordings = ()
        self.caption: Wordings = ()
        self.by_rate = True
        self.setMinimumSize(160, 90)
        self.setMouseTracking(True)
        self.setAccessibleName("rate of each latent dimension")

    def show_rates(self, rate: Any, activity: Any, used: Any, words: Wordings, caption: Wordings) -> None:
        """Rates in nats, Var[μ], whether in use, each of shape (k,); one line for the whole, one for the bars.

        Of both lines the first wording that fits is seen.
        """
        self.rate, self.activity, self.used = (np.asarray(each) for each in (rate, activity, used))
        self.order = np.argsort(-self.rate, kind="stable")
        self.words, self.caption = words, caption
        self.setAccessibleDescription("; ".join([*words[:1], *(self.say(place) for place in range(len(self.order)))]))
        self.update()

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Take up colours and sizes."""
        self.theme, self.scale = theme, scale
        self.update()

    def frame(self) -> QRectF:
        """Where the bars stand, in pixels."""
        s = self.scale
        return QRectF(self.rect()).adjusted(48 * s, 48 * s, -13 * s, -24 * s)

    def bar(self, place: int) -> QRectF:
        """The bar at a place, the busiest at 0, in pixels."""
        frame, (left, width) = self.frame(), self._column(place)
        high = min(1.0, max(0.0, float(self.rate[self.order[place]])) / self.top()) * frame.height()
        return QRectF(left, frame.bottom() - high, width, high)

    def top(self) -> float:
        """Nats at the upper edge."""
        return max(HEADROOM * float(self.rate.max(initial=0.0)), LEAST_TOP)

    def say(self, place: int) -> str:
        """One dimension in words."""
        j = int(self.order[place])
        use = "in use" if self.used[j] else "not in use"
        what = "rate" if self.by_rate else "tells of x"
        return f"{name_of(j)}: {what} {self.rate[j]:.3f} nats, Var[μ] {self.activity[j]:.3f}, {use}"

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The numbers of the column under the mouse."""
        frame, x = self.frame(), event.position().x()
        place = int((x - frame.left()) / (frame.width() / max(1, len(self.order))))
        text = self.say(place) if frame.left() <= x and place < len(self.order) else ""
        QToolTip.showText(event.globalPosition().toPoint(), text, self)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Words, axis, bars, names."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(self.theme.plot))
        painter.setFont(plot_font(SMALL_PX, self.scale))
        if not len(self.rate):
            painter.setPen(QColor(self.theme.muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, " ".join(self.words))
            return
        self._paint_words(painter)
        self._paint_axis(painter)
        for place in range(len(self.order)):
            self._paint_bar(painter, place)
        self._paint_names(painter)

    def _paint_words(self, painter: QPainter) -> None:
        metrics = QFontMetricsF(painter.font())
        for wordings, ink, top in ((self.words, self.theme.text, 1), (self.caption, self.theme.muted, 19)):
            line = QRectF(13 * self.scale, top * self.scale, self.width() - 26 * self.scale, 20 * self.scale)
            painter.setPen(QColor(ink))
            fitting = (text for text in wordings if metrics.horizontalAdvance(text) <= line.width())
            shown = metrics.elidedText(
                next(fitting, wordings[-1] if wordings else ""), Qt.TextElideMode.ElideRight, line.width()
            )
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)

    def _column(self, place: int) -> tuple[float, float]:
        """Left edge and width of a bar, in pixels."""
        frame = self.frame()
        pitch = frame.width() / max(1, len(self.order))
        width = min(0.76 * pitch, WIDEST * self.scale)
        return frame.left() + place * pitch + (pitch - width) / 2, width

    def _paint_axis(self, painter: QPainter) -> None:
        frame = self.frame()
        step = nice_step(self.top(), max(2.0, frame.height() / (34 * self.scale)))
        for tick in np.arange(0, self.top(), step):
            y = round(frame.bottom() - tick / self.top() * frame.height()) + 0.5
            painter.setPen(QPen(colour(self.theme.line, 0.7), 1))
            painter.drawLine(QPointF(frame.left() - 4, y), QPointF(frame.right(), y))
            painter.setPen(QColor(self.theme.muted))
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - 10, frame.left() - 8, 20), flags, number(float(tick), step))

    def _paint_bar(self, painter: QPainter, place: int) -> None:
        bar = self.bar(place)
        used = bool(self.used[self.order[place]])
        painter.setPen(Qt.PenStyle.NoPen if used else QPen(QColor(self.theme.muted), 1.2 * self.scale))
        painter.setBrush(QColor(self.theme.model) if used else Qt.BrushStyle.NoBrush)
        radius = min(3.0 * self.scale, bar.width() / 3, bar.height() / 2)
        painter.drawRoundedRect(bar.adjusted(0, 0, 0, 0 if used else -0.5), radius, radius)

    def _paint_names(self, painter: QPainter) -> None:
        """As many as there is room for."""
        frame, metrics = self.frame(), QFontMetricsF(painter.font())
        names = [name_of(int(j)) for j in self.order]
        widest = max(metrics.horizontalAdvance(name) for name in names) + 5 * self.scale
        every = max(1, int(np.ceil(widest * len(names) / frame.width())))
        painter.setPen(QColor(self.theme.muted))
        for place in range(0, len(names), every):
            left, width = self._column(place)
            below = QRectF(left + width / 2 - 30, frame.bottom() + 4 * self.scale, 60, metrics.height())
            painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, names[place])
