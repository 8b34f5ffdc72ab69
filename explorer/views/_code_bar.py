"""A z as a bar code: one stripe for each of its first numbers."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.views._painted import Canvas
from explorer.widgets.plot import plot_font
from explorer.widgets.style import mix
from explorer.widgets.theme import SMALL_PX

WIDEST: Final = 2.5
"""A number that large has the whole colour."""

BAR_PX: Final = 14
EDGE_PX: Final = 10
LARGEST_PX: Final = 26
"""Width of a stripe at most."""


class CodeBar(Canvas):
    """Orange for positive numbers, blue for negative ones, the stronger the larger; their values under the mouse.

    Attributes:
        code: the numbers, shape (k′,).
        of: how many numbers z has.
        name: what they are.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.code: NDArray[Any] = np.empty(0, np.float32)
        self.of, self.name = 0, "z"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("the latent z of the picture")

    def show_code(self, code: NDArray[Any], of: int, name: str) -> None:
        """Show these numbers of the so many that z has."""
        self.code, self.of, self.name = code, of, name
        told = ", ".join(f"{value:.2f}" for value in code[:8].tolist())
        self.setAccessibleDescription(f"{name} = {told}{' …' if of > 8 else ''}")
        self.setVisible(len(code) > 0)
        self.update()

    @property
    def is_empty(self) -> bool:
        """Without numbers."""
        return not len(self.code)

    def sizeHint(self) -> QSize:
        """A line of text and the bar."""
        return QSize(120, round((BAR_PX + SMALL_PX + 12) * self.scale))

    def minimumSizeHint(self) -> QSize:
        """As high."""
        return QSize(60, self.sizeHint().height())

    def words_at(self, place: QPointF) -> str:
        """One number and its value."""
        bar = self._bar()
        index = int((place.x() - bar.left()) / bar.width() * len(self.code)) if bar.width() else -1
        if not 0 <= index < len(self.code):
            return ""
        return f"{self.name}, number {index + 1}: {float(self.code[index]):.3f}".replace("-", "−")

    def paint(self, painter: QPainter) -> None:
        """Caption and stripes."""
        painter.setFont(plot_font(SMALL_PX, self.scale))
        painter.setPen(QColor(self.theme.muted))
        shown = len(self.code)
        told = f"{self.name}: {self.of} numbers" if shown == self.of else f"{self.name}: first {shown} of {self.of:,}"
        edge = EDGE_PX * self.scale
        painter.drawText(QRectF(edge, 0, self.width(), SMALL_PX * self.scale + 5), Qt.AlignmentFlag.AlignLeft, told)
        bar = self._bar()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        for index, value in enumerate(self.code.tolist()):
            left, right = (bar.left() + bar.width() * at / shown for at in (index, index + 1))
            painter.fillRect(QRectF(left, bar.top(), right - left, bar.height()), QColor(self._ink(value)))
        painter.setPen(QColor(self.theme.line))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(bar)

    def _bar(self) -> QRectF:
        edge, height = EDGE_PX * self.scale, BAR_PX * self.scale
        wide = min(self.width() - 2 * edge, LARGEST_PX * self.scale * max(1, len(self.code)))
        return QRectF(edge, self.height() - height - 4, max(1.0, wide), height)

    def _ink(self, value: float) -> str:
        if not np.isfinite(value):
            return self.theme.alarm
        share = min(1.0, abs(value) / WIDEST)
        return mix(self.theme.card, self.theme.model if value > 0 else self.theme.data, share)
