"""The picture of two classifiers: for each true class, as what its samples are told."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from explorer.session.snapshot import Array, Arrays
from explorer.views._painted import Painted
from explorer.widgets.plot import colour

TABLES: Final = (("bayes", "Bayes' rule", "model"), ("softmax", "softmax", "critic_low"))
"""Key of each table, its caption, and the theme's colour: a net that only tells classes apart judges, as critics do."""

GAP_PX: Final = 26

NUMBERED_PX: Final = 20
"""Side of a cell from which it has room for its number."""

READING: Final = "rows: true class y, columns: answer"

ERRORS: Final = (
    "Told each class in turn, the net is asked what is behind the same noise ε at the same time t.\n"
    "Its errors, weighted in one way, bound log p(x|y); weighted as in training, they bound nothing,\n"
    "but count most where the net learnt most."
)

LAWS: Final = ("exact p(x|y)", "bound on p(x|y)", "bound on p(x|y)")
"""What stands for p(x|y), by the number that the observation gives it."""

FULL: Final = 0.75
"""Shade from which a number stands out against the colour rather than against the ground."""


class ConfusionPicture(Painted):
    """Two square tables side by side: true classes downwards, told classes across, shares of each row as shades.

    Attributes:
        names: of the classes.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.names: tuple[str, ...] = ()

    def paint_arrays(self, painter: QPainter, arrays: Arrays) -> None:
        """Both tables; the second only once its classifier has learnt."""
        for (key, caption, role), box in zip(TABLES, self.boxes(), strict=True):
            is_known = bool(arrays[key].any())
            said = f"{caption}: {told_right(arrays[key])}" if is_known else f"{caption} is learning…"
            painter.setPen(QColor(getattr(self.theme, role)))
            painter.drawText(QPointF(box.left(), box.top() - 1.6 * self._metrics().height()), said)
            self._paint_table(painter, arrays[key], box, getattr(self.theme, role))
            self._paint_names(painter, len(arrays[key]), box)
        for lines, box in zip(feet(arrays), self.boxes(), strict=True):
            self._paint_foot(painter, (*lines, READING), box)

    def words_at(self, place: QPointF) -> str:
        """How many samples of one class are taken for another, by either; below the first what its bound is."""
        if self.arrays is None:
            return ""
        cell = self.cell_at(place)
        if cell is None:
            bounded, box = self.arrays["pairs"] > 0, self.boxes()[0]
            return ERRORS if bounded and place.y() > box.bottom() and place.x() < box.right() else ""
        row, column = cell
        lines = [f"{self._name(row)} taken for {self._name(column)}"]
        for key, caption, _ in TABLES:
            table = self.arrays[key]
            lines += [f"{caption}: {int(table[row, column])} of {int(table[row].sum())}"] if table.any() else []
        return "\n".join(lines)

    def cell_at(self, place: QPointF) -> tuple[int, int] | None:
        """True and told class at a place, or None beside the tables."""
        assert self.arrays is not None
        count = len(self.arrays["bayes"])
        for box in self.boxes():
            if box.contains(place):
                across = int((place.x() - box.left()) / box.width() * count)
                return min(int((place.y() - box.top()) / box.height() * count), count - 1), min(across, count - 1)
        return None

    def boxes(self) -> tuple[QRectF, QRectF]:
        """Where the tables stand, in pixels: squares, as large as fit."""
        line = self._metrics().height()
        left, top, gap = self._gutter(), 2.6 * line, GAP_PX * self.scale + self._gutter()
        below = (0.6 + max(1, *map(len, feet(self.arrays)))) * line if self.arrays else 1.6 * line
        side = max(1.0, min((self.width() - left - gap - 12 * self.scale) / 2, self.height() - top - below))
        free = max(0.0, self.width() - left - gap - 2 * side - 12 * self.scale) / 2
        return QRectF(left + free, top, side, side), QRectF(left + free + side + gap, top, side, side)

    def _gutter(self) -> float:
        """Room for the names of the rows."""
        widest = max((self._metrics().horizontalAdvance(name) for name in self.names), default=0.0)
        return min(widest, 70 * self.scale) + 14 * self.scale

    def _paint_table(self, painter: QPainter, table: Array, box: QRectF, ink: str) -> None:
        count = len(table)
        side = box.width() / count
        shares = table / np.maximum(1, table.sum(1, keepdims=True))
        for row, column in np.argwhere(table).tolist():
            cell = QRectF(box.left() + column * side, box.top() + row * side, side, side)
            # By the root, for one sample among twenty to be seen at all.
            shade = float(np.sqrt(shares[row, column]))
            painter.fillRect(cell, colour(ink, shade))
            if side >= NUMBERED_PX * self.scale:
                painter.setPen(QColor(self.theme.text if shade < FULL else self.theme.plot))
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, str(int(table[row, column])))
        painter.setPen(QPen(colour(self.theme.line, 0.8), 1))
        for i in range(count + 1):
            painter.drawLine(QPointF(box.left() + i * side, box.top()), QPointF(box.left() + i * side, box.bottom()))
            painter.drawLine(QPointF(box.left(), box.top() + i * side), QPointF(box.right(), box.top() + i * side))

    def _paint_names(self, painter: QPainter, count: int, box: QRectF) -> None:
        """True classes at the left, told ones above, as many as have room, and which is which."""
        metrics, side = self._metrics(), box.width() / count
        painter.setPen(QColor(self.theme.muted))
        every = max(1, int(np.ceil(metrics.height() / side)))
        for i in range(0, count, every):
            name = metrics.elidedText(self._name(i), Qt.TextElideMode.ElideRight, 70 * self.scale)
            y = box.top() + (i + 0.5) * side + metrics.xHeight() / 2
            painter.drawText(QPointF(box.left() - 6 * self.scale - metrics.horizontalAdvance(name), y), name)
            if metrics.horizontalAdvance(name) < side * every - 2:
                x = box.left() + (i + 0.5) * side - metrics.horizontalAdvance(name) / 2
                painter.drawText(QPointF(x, box.top() - 4 * self.scale), name)

    def _paint_foot(self, painter: QPainter, lines: tuple[str, ...], box: QRectF) -> None:
        """What there is to say below a table, as far as there is room for it."""
        metrics, most = self._metrics(), box.width() + 20 * self.scale
        painter.setPen(QColor(self.theme.muted))
        y = box.bottom() + metrics.ascent() + 3 * self.scale
        for line in lines:
            if metrics.horizontalAdvance(line) < most and y + metrics.descent() <= self.height():
                painter.drawText(QPointF(box.left(), y), line)
                y += metrics.height()

    def _name(self, i: int) -> str:
        return self.names[i] if i < len(self.names) else str(i + 1)


def told_right(table: Array) -> str:
    """How many of the samples are taken for what they are, with the standard error, such as ``84 ± 2 %``."""
    n = max(1, int(table.sum()))
    share = float(np.trace(table)) / n
    error = 100 * (share * (1 - share) / n) ** 0.5
    digits = 1 if 0 < error < 1 else 0
    return f"{100 * share:.{digits}f} ± {error:.{digits}f} %"


def feet(arrays: Arrays) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What to say of either classifier besides: what stands for p(x|y), and how many labels were learnt from."""
    pairs, labels = int(arrays["pairs"]), (f"{int(arrays['known']):,} labels",)
    if not pairs:
        return (LAWS[int(arrays["law"])],), labels
    bound = f"bound, {pairs} {'pair' if pairs == 1 else 'pairs'} (t, ε)"
    return (bound, f"training loss: {100 * float(arrays['loss']):.0f} %"), labels
