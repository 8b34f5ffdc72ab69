"""What a card shows before it has anything to show."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.widgets.style import font, mix
from explorer.widgets.theme import DARK, GAP, RADIUS, SMALL_PX, Theme

WAITING: Final = "Loading the mathematics…"

RECIPE_CARDS: Final = (0.17, 0.13, 0.2, 0.24, 0.17)
"""Heights of the recipe's cards, as shares of the panel."""


class Skeleton(QWidget):
    """Empty cards in the places of those to come."""

    def __init__(self, heights: tuple[float, ...] = (1.0,), text: str = WAITING, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heights, self._text = heights, text
        self._theme, self._scale = DARK, 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Take up colours and sizes."""
        self._theme, self._scale = theme, scale
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Cards with bars where words will stand; the first one says what is awaited."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = len(self._heights) == 1
        if not whole:
            painter.fillRect(self.rect(), QColor(self._theme.panel))
        margin = 0.0 if whole else GAP * self._scale
        top = margin
        for index, share in enumerate(self._heights):
            height = self.height() * share - (0 if whole else GAP * self._scale)
            self._paint_card(painter, QRectF(margin, top, self.width() - 2 * margin, height), first=index == 0)
            top += height + GAP * self._scale

    def _paint_card(self, painter: QPainter, box: QRectF, *, first: bool) -> None:
        t, s = self._theme, self._scale
        ground = t.plot if len(self._heights) == 1 else t.card
        painter.setPen(QPen(QColor(t.line), 1))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS * s, RADIUS * s)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(mix(ground, t.muted, 0.16)))
        painter.drawRoundedRect(QRectF(box.left() + 13 * s, box.top() + 14 * s, 84 * s, 9 * s), 4 * s, 4 * s)
        if len(self._heights) > 1 and box.height() > 70 * s:
            painter.drawRoundedRect(
                QRectF(box.left() + 13 * s, box.top() + 38 * s, box.width() - 26 * s, 22 * s), 6 * s, 6 * s
            )
        if first and self._text and len(self._heights) == 1:
            painter.setFont(font(s * SMALL_PX / 13))
            painter.setPen(QColor(t.muted))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._text)
