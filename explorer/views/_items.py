"""Things to put on a plot that stay fast with very many points: each is one image or one path."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from explorer.views._colour import Table, pack, rgb_of
from explorer.widgets.plot import Overlay, plot_font
from explorer.widgets.theme import SMALL_PX

Points = NDArray[Any]
CROWD: Final = 1000
CROWDING: Final = 0.26
DOT_PX: Final = 2.2
"""Diameter of one sample on the screen, logical pixels."""


def image_of(words: Table) -> QImage:
    """A picture from ARGB words, shape (H, W), with memory of its own."""
    height, width = words.shape
    held = np.ascontiguousarray(words)
    return QImage(held.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied).copy()


@lru_cache(maxsize=32)
def stamp(diameter: float) -> NDArray[np.uint8]:
    """How much of each pixel a disc covers, 0 to 5, shape (n, n) with n odd."""
    half = max(1, int(np.ceil((diameter - 1) / 2)))
    across = np.arange(-half, half + 1)
    distance = np.hypot(across[:, None], across[None, :])
    return np.rint(5 * np.clip((diameter + 1) / 2 - distance, 0, 1)).astype(np.uint8)


def splat(columns: NDArray[np.int64], rows: NDArray[np.int64], size: tuple[int, int], dot: float) -> NDArray[np.uint8]:
    """Ink of dots at pixels, shape (height, width): 5 for a pixel wholly covered once, saturating below 256.

    Counting first and spreading afterwards makes the cost of a dot independent of its size.
    """
    height, width = size
    mark = stamp(dot)
    most = 255 // int(mark.sum())
    margin = mark.shape[0] // 2
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    counts = np.bincount(rows[inside] * width + columns[inside], minlength=width * height)
    padded = np.zeros((height + 2 * margin, width + 2 * margin), np.uint8)
    padded[margin : margin + height, margin : margin + width] = np.minimum(counts, most).reshape(height, width)
    ink = np.zeros((height, width), np.uint8)
    for weight in np.unique(mark[mark > 0]):
        (row, column), *others = np.argwhere(mark == weight)
        covered = padded[row : row + height, column : column + width].copy()
        for row, column in others:
            covered += padded[row : row + height, column : column + width]
        covered *= weight
        ink += covered
    return ink


class Raster(pg.GraphicsObject):
    """A picture made anew for the range and the pixels in which it is seen, so that dots stay crisp at every zoom."""

    def __init__(self) -> None:
        super().__init__()
        self._made_for: tuple[Any, ...] = ()
        self._image = QImage()
        self.points: Points = np.zeros((0, 2), np.float32)
        self.dot = DOT_PX
        self._version = 0

    def changed(self) -> None:
        """The points or the colours are others: draw again."""
        self._version += 1
        self.update()

    def boundingRect(self) -> QRectF:
        """What is seen: the raster has no edge of its own."""
        rect = self.viewRect()
        return QRectF() if rect is None else QRectF(rect)

    def viewTransformChanged(self) -> None:
        """The range that is seen has changed."""
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        """Make the picture if need be, and draw it pixel for pixel."""
        rect, device = QRectF(self.boundingRect()), painter.deviceTransform()
        width = round(abs(rect.width() * device.m11()))
        height = round(abs(rect.height() * device.m22()))
        if not (len(self.points) and 0 < width <= 8192 and 0 < height <= 8192):
            return
        ratio = painter.device().devicePixelRatioF()
        wanted = (self._version, width, height, ratio, rect.getRect())
        if wanted != self._made_for:
            self._image = image_of(self.make(rect, (height, width), self.dot * ratio))
            self._made_for = wanted
        painter.drawImage(rect, self._image)

    def pixels(self, rect: QRectF, size: tuple[int, int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Column and row of each point; row 0 holds the smallest y. Points far outside, or not finite, get −1."""
        found = []
        for axis, (start, span, n) in enumerate(
            ((rect.left(), rect.width(), size[1]), (rect.top(), rect.height(), size[0]))
        ):
            scaled = (self.points[:, axis] - start) * (n / span)
            scaled = np.where(np.abs(scaled - n / 2) <= n, scaled, -1.0)
            found.append(np.floor(scaled).astype(np.int64))
        return found[0], found[1]

    def make(self, rect: QRectF, size: tuple[int, int], dot: float) -> Table:
        """ARGB words, shape (height, width), row 0 at the smallest y."""
        raise NotImplementedError


class Cloud(Raster):
    """Any number of points in one colour; where many lie, the colour is fuller."""

    def __init__(self) -> None:
        super().__init__()
        self._rgb, self._alpha = rgb_of("white"), 1.0
        self._table = self._ink()

    def set_points(self, points: Points) -> None:
        """Points, shape (N, 2), data units."""
        self.points = points
        self._table = self._ink()
        self.changed()

    def set_ink(self, name: str, alpha: float, dot: float) -> None:
        """Colour, opacity of one dot among a thousand, and its diameter in logical pixels."""
        self._rgb, self._alpha, self.dot = rgb_of(name), alpha, dot
        self._table = self._ink()
        self.changed()

    def make(self, rect: QRectF, size: tuple[int, int], dot: float) -> Table:
        """Count, spread, colour."""
        columns, rows = self.pixels(rect, size)
        return np.take(self._table, splat(columns, rows, size, dot))

    def _ink(self) -> Table:
        """Opacity of each amount of ink; one dot of very many is fainter, so that a dense cloud keeps its shape."""
        alpha = self._alpha * min(1.0, (CROWD / max(len(self.points), 1)) ** CROWDING)
        return pack(np.tile(self._rgb, (256, 1)), 1 - (1 - alpha) ** (np.arange(256) / 5))


class HueCloud(Raster):
    """Points that each have a colour of a table; the last one drawn lies on top."""

    def __init__(self) -> None:
        super().__init__()
        self._colours = np.zeros(1, np.uint32)
        self._table = np.zeros(1, np.uint32)

    def set_points(self, points: Points, colours: NDArray[Any], table: Table) -> None:
        """Points, shape (N, 2), data units; the index of each one's colour, shape (N,); ARGB words of the colours."""
        self.points, self._colours, self._table = points, colours, table
        self.changed()

    def make(self, rect: QRectF, size: tuple[int, int], dot: float) -> Table:
        """Stamp each dot; where a pixel is only touched by a disc, a weaker copy of the colour lies below."""
        height, width = size
        words = np.zeros(size, np.uint32)
        columns, rows = self.pixels(rect, size)
        mark = stamp(dot)
        half = mark.shape[0] // 2
        for level in np.unique(mark[mark > 0]):
            table = scale_alpha(self._table, float(level) / 5)[self._colours]
            for row, column in np.argwhere(mark == level) - half:
                x, y = columns + column, rows + row
                inside = (columns >= 0) & (rows >= 0) & (x >= 0) & (x < width) & (y >= 0) & (y < height)
                words[y[inside], x[inside]] = table[inside]
        return words


def scale_alpha(table: Table, factor: float) -> Table:
    """Premultiplied colours made weaker by a factor in [0, 1]."""
    parts = table[..., None] >> np.array([24, 16, 8, 0], np.uint32) & np.uint32(255)
    alpha, red, green, blue = np.moveaxis(np.rint(parts * factor).astype(np.uint32), -1, 0)
    return (alpha << 24) | (red << 16) | (green << 8) | blue


class Rug(Raster):
    """One short stroke for each number of a sample, along an axis: a strip of ``low`` to ``high`` in y."""

    def __init__(self) -> None:
        super().__init__()
        self.strip = (0.0, 1.0)
        self._rgb = rgb_of("white")

    def set_values(self, values: Points, strip: tuple[float, float]) -> None:
        """Positions, shape (N,), data units, and where in y the strip lies."""
        self.points = np.stack([values, np.zeros_like(values)], axis=1)
        self.strip = strip
        self.changed()

    def set_ink(self, name: str) -> None:
        """The colour."""
        self._rgb = rgb_of(name)
        self.changed()

    def make(self, rect: QRectF, size: tuple[int, int], dot: float) -> Table:
        """Columns by their share of the strokes, the fullest at full strength."""
        height, width = size
        columns, _ = self.pixels(rect, size)
        counts = np.bincount(columns[(columns >= 0) & (columns < width)], minlength=width)
        alpha = np.sqrt(counts / max(1, int(counts.max()))) * 0.9
        words = np.zeros(size, np.uint32)
        bottom, top = ((np.array(self.strip) - rect.top()) / rect.height() * height).round().astype(int)
        words[max(bottom, 0) : max(top, 0)] = pack(np.tile(self._rgb, (width, 1)), alpha)
        return words


class Field(pg.GraphicsObject):
    """A scalar on a grid as one smooth picture over a rectangle."""

    def __init__(self) -> None:
        super().__init__()
        self._image = self._scaled = QImage()
        self._rect = QRectF()
        self._asked_for: tuple[Any, ...] = ()
        self._scaled_for: tuple[Any, ...] = ()

    def set_picture(self, words: Table, bounds: tuple[float, float, float, float]) -> None:
        """ARGB words, shape (H, W), row 0 at the bottom, over (left, bottom, right, top)."""
        left, bottom, right, top = bounds
        self.prepareGeometryChange()
        self._image = image_of(words)
        self._rect = QRectF(left, bottom, right - left, top - bottom)
        self.update()

    def boundingRect(self) -> QRectF:
        """The rectangle of the grid."""
        return self._rect

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        """Grid values are joined bilinearly, as their contours are; what stays the same is scaled only once."""
        if self._image.isNull():
            return
        seen = self.viewRect()
        shown = QRectF() if seen is None else QRectF(seen)
        device = painter.deviceTransform()
        size = (round(abs(shown.width() * device.m11())), round(abs(shown.height() * device.m22())))
        wanted = (self._image.cacheKey(), shown.getRect(), size)
        if wanted == self._asked_for != self._scaled_for and min(size) > 0:
            self._scaled, self._scaled_for = self._scale(shown, size), wanted
        self._asked_for = wanted
        if wanted == self._scaled_for:
            painter.drawImage(shown, self._scaled)
        else:
            self._draw(painter)

    def _draw(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self._rect, self._image)

    def _scale(self, shown: QRectF, size: tuple[int, int]) -> QImage:
        """The part that is shown, pixel for pixel, row 0 at the smallest y."""
        made = QImage(*size, QImage.Format.Format_ARGB32_Premultiplied)
        made.fill(0)
        painter = QPainter(made)
        painter.scale(size[0] / shown.width(), size[1] / shown.height())
        painter.translate(-shown.topLeft())
        self._draw(painter)
        painter.end()
        return made


class ColourBar(Overlay):
    """The legend of a field: its colours with the values at both ends, in the lower right corner of a view box."""

    depth = 200.0
    SIZE = (132.0, 7.0)

    def __init__(self, box: pg.ViewBox) -> None:
        super().__init__(box)
        self._strip = QImage()
        self.labels = ("", "", "")

    def set_scale(self, table: Table, name: str, low: float, high: float) -> None:
        """Colours from ``low`` to ``high``, and what is shown."""
        self._strip = image_of(table[None, :])
        self.labels = (f"{low:.3g}".replace("-", "−"), name, f"{high:.3g}".replace("-", "−"))
        self.update()

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        """A card with the colours and, below them, low end, name, high end."""
        font = plot_font(SMALL_PX, self.factor)
        metrics = QFontMetricsF(font)
        words = sum(metrics.horizontalAdvance(label) + 8 for label in self.labels)
        width = max(words, min(self.SIZE[0] * self.factor, 0.34 * self.box.width()))
        height = self.SIZE[1] * self.factor
        left = self.box.width() - width - 16
        top = self.box.height() - height - 2 * metrics.height() - 16
        card = QRectF(left - 8, top - 7, width + 16, height + metrics.height() + 14)
        back = QColor(self.theme.plot)
        back.setAlphaF(0.82)
        painter.setPen(QPen(QColor(self.theme.line), 1))
        painter.setBrush(back)
        painter.drawRoundedRect(card, 6, 6)
        painter.drawImage(QRectF(left, top, width, height), self._strip)
        painter.setFont(font)
        painter.setPen(QColor(self.theme.muted))
        base = top + height + metrics.ascent() + 2
        low, name, high = self.labels
        painter.drawText(QPointF(left, base), low)
        painter.drawText(QPointF(left + (width - metrics.horizontalAdvance(name)) / 2, base), name)
        painter.drawText(QPointF(left + width - metrics.horizontalAdvance(high), base), high)
