"""How log p(x) is made up: the bound that training climbs, and the two gaps that inference leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QLinearGradient, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.widgets.plot import colour, nice_step, number, plot_font
from explorer.widgets.theme import DARK, SMALL_PX, Theme

FOOT: Final = 0.24
"""Share of the width that stands for the ELBO, which is not to scale: its left end fades out."""

LEAST_SCALE: Final = 0.1
"""Nats that the gaps' part of the bar is wide at least: tiny gaps look tiny."""

EDGE: Final = 13.0


@dataclass(frozen=True)
class Split:
    """ELBO of the amortised q, of the best q, and log p(x), in nats; ``exact`` is False if the last is a bound too."""

    amortised: float
    best: float
    evidence: float
    exact: bool

    @property
    def gaps(self) -> tuple[float, float]:
        """The amortisation gap and the approximation gap, nats."""
        return self.best - self.amortised, self.evidence - self.best

    @property
    def whole(self) -> str:
        """What the bar's right end is."""
        return "log p(x)" if self.exact else "importance bound"

    def words(self, mean: str = "") -> str:
        """The sum in one line."""
        amortisation, approximation = (signed(gap) for gap in self.gaps)
        return (
            f"{mean}{self.whole} {signed(self.evidence)} = ELBO {signed(self.amortised)} + amortisation gap "
            f"{amortisation} + approximation gap {approximation}{'' if self.exact else ' at least'} nats"
        )


def signed(value: float) -> str:
    """Nats with as many digits as matter, and a true minus sign."""
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 3 if abs(value) < 0.1 else 2
    text = f"{value:.{digits}f}".replace("-", "−")
    return text if float(value) >= 0 or any(figure in "123456789" for figure in text) else text.removeprefix("−")


class GapBar(QWidget):
    """One bar: a foot for the ELBO, then both gaps to scale, with a scale and the numbers beneath."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.scale = DARK, 1.0
        self.split: Split | None = None
        self.prefix = ""
        self.is_brief = False
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("what log p(x) is made of")

    def show_split(self, split: Split | None, prefix: str = "") -> None:
        """Other numbers; None for none. The prefix says of what, such as "mean of 64 points: "."""
        self.split, self.prefix = split, prefix
        words = split.words(prefix) if split else ""
        self.setToolTip(words)
        self.setAccessibleDescription(words)
        self.update()

    def set_brief(self, brief: bool) -> None:  # noqa: FBT001
        """Leave out the scale where there is little height."""
        if brief != self.is_brief:
            self.is_brief = brief
            self.updateGeometry()
            self.update()

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Take up colours and sizes."""
        self.theme, self.scale = theme, scale
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """A line of words, the bar, its scale unless it is brief, and the numbers."""
        return QSize(200, round((64 if self.is_brief else 80) * self.scale))

    def inks(self) -> tuple[str, str, str]:
        """Colours of the ELBO and of both gaps."""
        return self.theme.muted, self.theme.critic_low, self.theme.critic_high

    def bar(self) -> QRectF:
        """Where the bar stands, in pixels."""
        s = self.scale
        return QRectF(EDGE * s, 25 * s, self.width() - 2 * EDGE * s, 15 * s)

    def parts(self) -> tuple[QRectF, QRectF, QRectF]:
        """The foot and both gaps, in pixels."""
        bar, gaps = self.bar(), self.split.gaps if self.split else (0.0, 0.0)
        foot = QRectF(bar.left(), bar.top(), FOOT * bar.width(), bar.height())
        unit = (bar.right() - foot.right()) / self.reach()
        first = QRectF(foot.right(), bar.top(), max(0.0, gaps[0]) * unit, bar.height())
        return foot, first, QRectF(first.right(), bar.top(), max(0.0, gaps[1]) * unit, bar.height())

    def reach(self) -> float:
        """Nats from the ELBO to the right end of the bar: a round number."""
        total = sum(max(0.0, gap) for gap in self.split.gaps) if self.split else 0.0
        return nice_step(max(1.02 * total, LEAST_SCALE), 1.0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Words, bar, scale, numbers."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(self.theme.plot))
        if self.split is None:
            return
        self._paint_whole(painter, self.split)
        self._paint_bar(painter)
        if not self.is_brief:
            self._paint_scale(painter)
        self._paint_numbers(painter, self.split)

    def _paint_whole(self, painter: QPainter, split: Split) -> None:
        """The whole at the left, and at the right the part that is not to scale."""
        line = QRectF(EDGE * self.scale, 2 * self.scale, self.bar().width(), 20 * self.scale)
        painter.setFont(plot_font(SMALL_PX, self.scale))
        painter.setPen(QColor(self.theme.muted))
        least = f"ELBO = {signed(split.amortised)}"
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, least)
        room = line.width() - painter.fontMetrics().horizontalAdvance(least) - 10
        painter.setFont(plot_font(SMALL_PX, self.scale, QFont.Weight.DemiBold))
        painter.setPen(QColor(self.theme.text))
        metrics = QFontMetricsF(painter.font())
        short = f"log p(x) {'=' if split.exact else '≥'} {signed(split.evidence)}"
        wordings = (f"{self.prefix}{short} nats", f"{short} nats", short)
        fitting = (words for words in wordings if metrics.horizontalAdvance(words) <= room)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, next(fitting, short))

    def _paint_bar(self, painter: QPainter) -> None:
        foot, *gaps = self.parts()
        grey, *inks = self.inks()
        fade = QLinearGradient(foot.topLeft(), foot.topRight())
        fade.setColorAt(0.0, colour(grey, 0.0))
        fade.setColorAt(0.6, colour(grey, 0.5))
        painter.fillRect(foot, fade)
        for gap, ink in zip(gaps, inks, strict=True):
            painter.fillRect(gap, QColor(ink))
        painter.setPen(QPen(colour(self.theme.line, 0.9), 1))
        painter.drawLine(
            QPointF(gaps[1].right(), foot.bottom() - 0.5), QPointF(self.bar().right(), foot.bottom() - 0.5)
        )
        painter.setPen(QPen(QColor(self.theme.text), 1.6 * self.scale))
        painter.drawLine(QPointF(gaps[1].right(), foot.top() - 2), QPointF(gaps[1].right(), foot.bottom() + 2))

    def _paint_scale(self, painter: QPainter) -> None:
        """How many nats above the ELBO."""
        font = plot_font(SMALL_PX - 1, self.scale)
        painter.setFont(font)
        painter.setPen(QColor(self.theme.muted))
        bar, start, reach = self.bar(), self.parts()[0].right(), self.reach()
        step = nice_step(reach, 2.0)
        for n in range(round(reach / step) + 1):
            at = start + (bar.right() - start) * n * step / reach
            painter.drawLine(QPointF(at, bar.bottom() + 1), QPointF(at, bar.bottom() + 4))
            text = f"{number(n * step, step)} nats" if (n + 1) * step > reach * 1.001 else number(n * step, step)
            width = QFontMetricsF(font).horizontalAdvance(text)
            left = min(max(at - width / 2, 0.0), bar.right() - width)
            painter.drawText(QPointF(left, bar.bottom() + 15 * self.scale), text)

    def _paint_numbers(self, painter: QPainter, split: Split) -> None:
        """Each gap's size in nats, in the longest words that fit."""
        painter.setFont(plot_font(SMALL_PX, self.scale))
        metrics, side = QFontMetricsF(painter.font()), 8 * self.scale
        amortisation, approximation = (signed(gap) for gap in split.gaps)
        least = "" if split.exact else "≥ "
        wordings = [
            (f"amortisation{gap} {amortisation}", f"approximation{gap} {least}{approximation}") for gap in (" gap", "")
        ]
        wordings.append((f"amort. {amortisation}", f"approx. {least}{approximation}"))
        widths = [sum(metrics.horizontalAdvance(word) for word in words) + 3 * side + 23 for words in wordings]
        words = next((each for each, w in zip(wordings, widths, strict=True) if w <= self.bar().width()), wordings[-1])
        left, base = self.bar().left(), self.height() - 9 * self.scale
        for word, ink in zip(words, self.inks()[1:], strict=True):
            painter.fillRect(QRectF(left, base - side, side, side), QColor(ink))
            painter.setPen(QColor(self.theme.text))
            painter.drawText(QPointF(left + side + 5 * self.scale, base), word)
            left += metrics.horizontalAdvance(word) + side + 18 * self.scale
