"""Very many points as one picture, made for the pixels in which it is seen."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QPainter

from explorer.views._colour import Table, pack, rgb_of
from explorer.views._items import MOST_PX, InView

Points = NDArray[Any]
Places = NDArray[np.intp]
CROWD: Final = 1000
CROWDING: Final = 0.26
DOT_PX: Final = 2.2
"""Diameter of one sample on the screen, logical pixels."""


@lru_cache(maxsize=32)
def stamp(diameter: float) -> NDArray[np.uint8]:
    """How much of each pixel a disc covers, 0 to 5, shape (n, n) with n odd."""
    half = max(1, int(np.ceil((diameter - 1) / 2)))
    across = np.arange(-half, half + 1)
    distance = np.hypot(across[:, None], across[None, :])
    return np.rint(5 * np.clip((diameter + 1) / 2 - distance, 0, 1)).astype(np.uint8)


class Sheet:
    """Pixels that numpy writes and Qt draws, one memory for both, with a margin for dots that lie across the edge.

    Attributes:
        words: premultiplied ARGB, flat, the margins included.
        image: the picture without its margins, row 0 at the top.
    """

    def __init__(self, size: QSize, dot: float, ratio: float = 1.0) -> None:
        self.size, self._mark = size, stamp(dot)
        self._margin = self._mark.shape[0] // 2
        self._across = size.width() + 2 * self._margin
        self.words = np.zeros((size.height() + 2 * self._margin) * self._across, np.uint32)
        self._ink = np.zeros(len(self.words), np.uint8)
        first = self.words[self._margin * self._across + self._margin :]
        form = QImage.Format.Format_ARGB32_Premultiplied
        self.image = QImage(first.data, size.width(), size.height(), 4 * self._across, form)
        self.image.setDevicePixelRatio(ratio)

    def places(self, columns: Points, rows: Points) -> Places:
        """Index in ``words`` of pixels of the picture."""
        return (rows.astype(np.intp) + self._margin) * self._across + (columns.astype(np.intp) + self._margin)

    def offsets(self) -> list[tuple[int, int]]:
        """What a dot covers: distance in ``words`` from its middle, and how much of that pixel, 1 to 5."""
        covered = np.argwhere(self._mark)
        middle = self._margin * (self._across + 1)
        return [(int(row * self._across + column) - middle, int(self._mark[row, column])) for row, column in covered]

    def splat(self, places: Places) -> tuple[Places, NDArray[np.uint8]]:
        """Dots at these places: which pixels have ink, and how much, 5 for one wholly covered once, at most 255.

        Counting first and spreading afterwards makes the cost of a dot in a crowd independent of its size.
        """
        most = 255 // int(self._mark.sum())
        middles, counts = np.unique(places, return_counts=True)
        amounts = np.minimum(counts, most).astype(np.uint8)
        for offset, weight in self.offsets():
            self._ink[middles + offset] += amounts * np.uint8(weight)
        inked = np.flatnonzero(self._ink.view(np.bool_))
        ink = self._ink[inked]
        self._ink[inked] = 0
        return inked, ink


class Raster(InView):
    """A picture made anew for the range and the pixels in which it is seen, so that dots stay crisp at every zoom."""

    def __init__(self) -> None:
        super().__init__()
        self._made_for: tuple[Any, ...] = ()
        self._kept_for: tuple[Any, ...] = ()
        self._sheet: Sheet | None = None
        self.points: Points = np.zeros((0, 2), np.float32)
        self.dot = DOT_PX
        self._version = 0

    def changed(self) -> None:
        """The points or the colours are others: draw again."""
        self._version += 1
        self.update()

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        """Make the picture if need be, and draw it pixel for pixel."""
        rect = self.boundingRect()
        seen, size, ratio = self.to_pixels(painter)
        if not len(self.points) or size.isEmpty() or max(size.width(), size.height()) > MOST_PX:
            return
        wanted = (self._version, size, ratio, rect.getRect())
        if wanted != self._made_for or self._sheet is None:
            self._sheet = self._cleared(size, ratio)
            self.make(self._sheet, rect)
            self._made_for = wanted
        painter.drawImage(seen.topLeft(), self._sheet.image)

    def inside(self, rect: QRectF, size: QSize) -> tuple[NDArray[np.bool_], Points, Points]:
        """Which points are seen, shape (N,), and their columns and rows; row 0 holds the largest y."""
        columns = (self.points[:, 0] - rect.left()) * (size.width() / rect.width())
        rows = (rect.bottom() - self.points[:, 1]) * (size.height() / rect.height())
        # Whatever is not finite compares as false.
        seen = (columns >= 0) & (columns < size.width()) & (rows >= 0) & (rows < size.height())
        return seen, columns[seen].astype(np.int32), rows[seen].astype(np.int32)

    def make(self, sheet: Sheet, rect: QRectF) -> None:
        """Draw the points that lie in ``rect`` on an empty sheet."""
        raise NotImplementedError

    def _cleared(self, size: QSize, ratio: float) -> Sheet:
        """The sheet of the last time where it fits, for fresh memory costs more than what is drawn there."""
        key = (size, self.dot, ratio)
        if self._sheet is None or self._kept_for != key:
            self._kept_for = key
            return Sheet(size, self.dot * ratio, ratio)
        self._sheet.words.fill(0)
        return self._sheet


class Cloud(Raster):
    """Any number of points in one colour; where many lie, the colour is fuller."""

    def __init__(self) -> None:
        super().__init__()
        self._rgb, self._alpha = rgb_of("white"), 1.0
        self._table = self._ink()

    def set_points(self, points: Points) -> None:
        """Points, shape (N, 2), data units."""
        others = len(points) != len(self.points)
        self.points = points
        if others:
            self._table = self._ink()
        self.changed()

    def set_ink(self, name: str, alpha: float, dot: float) -> None:
        """Colour, opacity of one dot among a thousand, and its diameter in logical pixels."""
        self._rgb, self._alpha, self.dot = rgb_of(name), alpha, dot
        self._table = self._ink()
        self.changed()

    def make(self, sheet: Sheet, rect: QRectF) -> None:
        """Count, spread, colour."""
        _, columns, rows = self.inside(rect, sheet.size)
        inked, ink = sheet.splat(sheet.places(columns, rows))
        sheet.words[inked] = self._table[ink]

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

    def make(self, sheet: Sheet, rect: QRectF) -> None:
        """Stamp each dot; where a pixel is only touched by a disc, a weaker copy of the colour lies below."""
        seen, columns, rows = self.inside(rect, sheet.size)
        places, colours = sheet.places(columns, rows), self._colours[seen]
        for offset, level in sorted(sheet.offsets(), key=lambda covered: covered[1]):
            sheet.words[places + offset] = scale_alpha(self._table, level / 5)[colours]


def scale_alpha(table: Table, factor: float) -> Table:
    """Premultiplied colours made weaker by a factor in [0, 1]."""
    parts = np.ascontiguousarray(table)[..., None].view(np.uint8)
    return np.rint(parts * np.float32(factor)).astype(np.uint8).view(np.uint32)[..., 0]


class Rug(Raster):
    """One short stroke for each number of a sample, along an axis: a strip of ``low`` to ``high`` in y."""

    def __init__(self) -> None:
        super().__init__()
        self.strip = (0.0, 1.0)
        self._rgb = rgb_of("white")

    def set_values(self, values: Points, strip: tuple[float, float]) -> None:
        """Positions, shape (N,), data units, and where in y the strip lies."""
        self.points = np.stack([values, np.full_like(values, np.mean(strip))], axis=1)
        self.strip = strip
        self.changed()

    def set_ink(self, name: str) -> None:
        """The colour."""
        self._rgb = rgb_of(name)
        self.changed()

    def make(self, sheet: Sheet, rect: QRectF) -> None:
        """Columns by their share of the strokes, the fullest at full strength."""
        width, height = sheet.size.width(), sheet.size.height()
        _, columns, _ = self.inside(rect, sheet.size)
        counts = np.bincount(columns, minlength=width)
        alpha = np.sqrt(counts / max(1, int(counts.max()))) * 0.9
        bottom, top = ((rect.bottom() - np.array(self.strip)) / rect.height() * height).round().astype(int)
        rows = np.arange(max(top, 0), min(max(bottom, 0), height))
        sheet.words[sheet.places(np.arange(width)[None, :], rows[:, None])] = pack(
            np.tile(self._rgb, (width, 1)), alpha
        )
