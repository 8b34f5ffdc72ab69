"""Many small pictures, painted as one, with frames round some of them and a number at the foot of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from explorer.views._items import InView
from explorer.views._mosaic_grid import Grid
from explorer.widgets.pixels import Pixels, as_image, tiled
from explorer.widgets.plot import colour, plot_font
from explorer.widgets.theme import DARK, SMALL_PX

FINE: Final = 24
"""Pixels that a picture has at least in the sheet, so that the gap is thin beside it."""

GAP: Final = 2
"""Pixels of the sheet between two pictures."""

LABELLED: Final = 0.55
"""A label as wide as this share of a picture still leaves something to see of it."""


class Mosaic(InView):
    """Pictures of one pane; scaled smoothly where they are larger than their place, and in squares where smaller.

    Attributes:
        sheet: all of them as one picture, row 0 at the top.
        rings: number of a picture to the colour of the frame round it.
        labels: what stands at the foot of each.
    """

    def __init__(self) -> None:
        super().__init__()
        self.grid, self.pane = Grid(), 0
        self.sheet: Pixels = np.zeros((0, 0, 4), np.uint8)
        self.rings: Mapping[int, str] = {}
        self.labels: Sequence[str] = ()
        self.theme, self.factor = DARK, 1.0
        self._image = self._scaled = QImage()
        self._scaled_for: tuple[Any, ...] = ()
        self._count = 0

    def set_pictures(self, pictures: Pixels) -> None:
        """Show these, shape (N, h, w, 4); what the grid has no room for is left out."""
        shown = pictures[: self.grid.across * self.grid.down]
        times = max(1, -(-FINE // max(1, shown.shape[2])))
        fine = shown.repeat(times, 1).repeat(times, 2) if times > 1 else shown
        self._count = len(shown)
        self.sheet = tiled(fine, self.grid.across, GAP) if len(shown) else self.sheet[:0]
        self._image = as_image(self.sheet) if len(shown) else QImage()
        self.update()

    @property
    def place(self) -> QRectF:
        """What the pictures take of the plot."""
        left, top = self.grid.corner(self.pane)
        rows = -(-self._count // self.grid.across)
        height = rows * self.grid.side * self.grid.aspect
        return QRectF(left, top - height, self.grid.across * self.grid.side, height)

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        """Upright, whatever way the plot's axis runs."""
        if self._image.isNull():
            return
        there = painter.transform()
        ratio = painter.device().devicePixelRatioF()
        painter.resetTransform()
        cells = {number: there.mapRect(_rect(self.grid.place(self.pane, number))) for number in range(self._count)}
        for row in range(0, self._count, self.grid.across):
            last = cells[min(row + self.grid.across, self._count) - 1]
            painter.fillRect(cells[row].united(last), QColor(self.theme.line))  # seen in the gaps
        painter.drawImage(there.mapRect(self.place), self._fitted(there.mapRect(self.place), ratio))
        self._paint_labels(painter, cells)
        self._paint_rings(painter, cells)

    def _fitted(self, place: QRectF, ratio: float) -> QImage:
        """Reduced to the pixels that there are; as it is where there are more."""
        wide, high = round(place.width() * ratio), round(place.height() * ratio)
        if wide >= self._image.width() or not wide or not high:
            return self._image
        wanted = (self._image.cacheKey(), wide, high)
        if wanted != self._scaled_for:
            manners = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            self._scaled, self._scaled_for = self._image.scaled(wide, high, *manners), wanted
        return self._scaled

    def _paint_labels(self, painter: QPainter, cells: Mapping[int, QRectF]) -> None:
        font = plot_font(SMALL_PX - 2, self.factor)
        metrics = QFontMetricsF(font)
        widest = max(map(metrics.horizontalAdvance, self.labels), default=0.0)
        if not self.labels or not cells or widest > LABELLED * cells[0].width():
            return
        painter.setFont(font)
        for cell, label in zip(cells.values(), self.labels, strict=False):
            box = QRectF(0, 0, metrics.horizontalAdvance(label) + 5, metrics.height())
            box.moveBottomLeft(cell.bottomLeft() - QPointF(0, 1))
            painter.fillRect(box, colour(self.theme.plot, 0.8))
            painter.setPen(QColor(self.theme.text))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, label)

    def _paint_rings(self, painter: QPainter, cells: Mapping[int, QRectF]) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for number in self.rings.keys() & cells.keys():
            frame = cells[number].adjusted(0.5, 0.5, -1.0, -1.0)
            for ink, width in ((self.theme.plot, 4.0), (self.rings[number], 2.2)):
                painter.setPen(QPen(QColor(ink), width * self.factor))
                painter.drawRect(frame)


def _rect(place: tuple[float, float, float, float]) -> QRectF:
    left, top, width, height = place
    return QRectF(left, top - height, width, height)
