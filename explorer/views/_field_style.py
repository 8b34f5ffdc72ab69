"""How the fields of the card "Noise to data" are drawn, the same for all of them, and their legend."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from explorer.widgets.plot import Overlay, Plot, plot_font
from explorer.widgets.theme import SMALL_PX

Words = tuple[tuple[str, str], ...]
"""A line as pieces of text, each with its colour."""


class FieldLegend(Overlay):
    """A card in the upper right corner: what the arrows are, how long the longest is, and how large the error."""

    depth = 201.0
    PAD = 8.0

    def __init__(self, box: pg.ViewBox) -> None:
        super().__init__(box)
        self.lines: tuple[Words, ...] = ()
        self.hide()

    def set_lines(self, lines: tuple[Words, ...]) -> None:
        """Say this; nothing hides the card."""
        self.lines = lines
        self.setVisible(bool(lines))
        self.update()

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        """Lines from above, each piece in its colour."""
        font = plot_font(SMALL_PX, self.factor)
        metrics = QFontMetricsF(font)
        lines = [self._fitting(line, metrics) for line in self.lines]
        widths = [sum(metrics.horizontalAdvance(text) for text, _ in line) for line in lines]
        width, pad = max(widths, default=0.0), self.PAD * self.factor
        card = QRectF(self.box.width() - width - 2 * pad - 8, 8, width + 2 * pad, len(lines) * metrics.height() + pad)
        back = QColor(self.theme.plot)
        back.setAlphaF(0.86)
        painter.setPen(QPen(QColor(self.theme.line), 1))
        painter.setBrush(back)
        painter.drawRoundedRect(card, 6, 6)
        painter.setFont(font)
        for index, line in enumerate(lines):
            at = QPointF(card.left() + pad, card.top() + pad / 2 + index * metrics.height() + metrics.ascent())
            for text, ink in line:
                painter.setPen(QColor(ink))
                painter.drawText(at, text)
                at += QPointF(metrics.horizontalAdvance(text), 0)

    def _fitting(self, line: Words, metrics: QFontMetricsF) -> Words:
        """What the box has room for."""
        room = self.box.width() - 2 * self.PAD * self.factor - 16
        whole = "".join(text for text, _ in line)
        if metrics.horizontalAdvance(whole) <= room:
            return line
        return ((metrics.elidedText(whole, Qt.TextElideMode.ElideRight, room), line[0][1]),)


class FieldStyle(QObject):
    """What all fields of a plot have in common.

    Signals:
        changed: they are to be drawn in another way.

    Attributes:
        streams: whether as streamlines and not as arrows.
        velocity: whether the velocity is shown where there is a score, too.
    """

    changed = Signal()

    def __init__(self, box: pg.ViewBox) -> None:
        super().__init__()
        self.streams = self.velocity = False
        self.legend = FieldLegend(box)
        self._keys: dict[str, tuple[str, str]] = {}
        self._said: tuple[Words, ...] = ()

    @classmethod
    def of(cls, plot: Plot) -> FieldStyle:
        """The one of this plot."""
        if cls not in plot.shared:
            plot.shared[cls] = cls(plot.box)
        return plot.shared[cls]

    def choose(self, **choices: bool) -> None:
        """Draw in another way."""
        before = (self.streams, self.velocity)
        for name, choice in choices.items():
            setattr(self, name, choice)
        if before != (self.streams, self.velocity):
            self.changed.emit()

    def say(self, key: str, title: str, ink: str, lines: tuple[Words, ...]) -> None:
        """A field is seen under this title and in this colour; ``lines`` are the same for all fields."""
        self._keys[key], self._said = (title, ink), lines
        self._tell()

    def withdraw(self, key: str) -> None:
        """A field is not seen any more."""
        if self._keys.pop(key, None):
            self._tell()

    def _tell(self) -> None:
        pieces = [(f"— {title}   ", ink) for title, ink in self._keys.values()]
        self.legend.set_lines((self._said[0], tuple(pieces), *self._said[1:]) if pieces else ())
