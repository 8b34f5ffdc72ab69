"""Small pictures of one frame each: points of the plane, numbers as a histogram, or a few samples that are pictures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPainter

from explorer.session.snapshot import Scene
from explorer.views._base import is_line, is_picture
from explorer.views._colour import pack, ramp, rgb_of
from explorer.views._items import image_of
from explorer.views._raster import Sheet
from explorer.widgets.pixels import as_image, pixels, tiled
from explorer.widgets.theme import Theme

Bounds = tuple[float, float, float, float]

DOT_SHARE: Final = 0.019
"""Diameter of a dot in sides of the picture …"""

LEAST_DOT_PX: Final = 1.3
"""… and at least so many pixels."""

BINS: Final = 28
FULLNESS: Final = 0.86
"""How far the highest bar reaches, in sides of the picture."""

LEAST_SAMPLE_PX: Final = 22
"""Samples that are pictures stand beside one another where each has so many pixels of the screen, …"""

MOST_ACROSS: Final = 3
"""… and so many in a row at most."""


@dataclass(frozen=True)
class Paper:
    """What a small picture is drawn on.

    Attributes:
        side: pixels of the screen, each way.
        bounds: what of data space it shows, (left, bottom, right, top).
        theme: colours.
        role: the theme's colour for the points.
        scene: what is learned.
    """

    side: int
    bounds: Bounds
    theme: Theme
    role: str
    scene: Scene

    @property
    def ink(self) -> str:
        """Colour of the points."""
        return getattr(self.theme, self.role)


def draw_small(rows: NDArray[Any], paper: Paper) -> QImage:
    """A picture of the rows of one frame, shape (N, d), as data of this kind are drawn."""
    if is_picture(paper.scene):
        return _few_samples(rows, paper)
    return _histogram(rows[:, 0], paper) if is_line(paper.scene) else _cloud(rows, paper)


def _cloud(points: NDArray[Any], paper: Paper) -> QImage:
    left, bottom, right, top = paper.bounds
    side = paper.side
    columns = (points[:, 0] - left) * (side / (right - left))
    rows = (top - points[:, 1]) * (side / (top - bottom))
    # Whatever is not finite compares as false.
    seen = (columns >= 0) & (columns < side) & (rows >= 0) & (rows < side)
    sheet = Sheet(QSize(side, side), max(LEAST_DOT_PX, DOT_SHARE * side))
    inked, ink = sheet.splat(sheet.places(columns[seen].astype(np.int32), rows[seen].astype(np.int32)))
    alpha = 1 - 0.12 ** (np.arange(256) / 5)
    sheet.words[inked] = pack(np.tile(rgb_of(paper.ink), (256, 1)), alpha)[ink]
    return sheet.image.copy()  # the sheet's memory goes with it


def _histogram(values: NDArray[Any], paper: Paper) -> QImage:
    """Bars from the left edge, x upwards, as in the picture above."""
    _, bottom, _, top = paper.bounds
    counts, _ = np.histogram(values[np.isfinite(values)], BINS, (bottom, top))
    length = counts / max(1, counts.max()) * FULLNESS * paper.side
    rows = (np.arange(paper.side)[::-1] * BINS) // paper.side
    inside = np.arange(paper.side)[None, :] < length[rows][:, None]
    words = np.where(inside, ramp(paper.theme.plot, paper.ink)[200], 0).astype(np.uint32)
    return image_of(np.ascontiguousarray(words))


def _few_samples(rows: NDArray[Any], paper: Paper) -> QImage:
    """The first ones, two or three in a row where there is room, each of its own proportions."""
    shape, levels = paper.scene.shape_of(rows.shape[1]), paper.scene.image_range
    across = max(1, min(MOST_ACROSS, paper.side // LEAST_SAMPLE_PX, math.isqrt(len(rows))))
    image = as_image(tiled(pixels(rows[: across**2], shape, levels), across, 1 if across > 1 else 0))
    is_large = max(image.width(), image.height()) > paper.side
    manner = Qt.TransformationMode.SmoothTransformation if is_large else Qt.TransformationMode.FastTransformation
    fitted = image.scaled(paper.side, paper.side, Qt.AspectRatioMode.KeepAspectRatio, manner)
    sheet = QImage(paper.side, paper.side, QImage.Format.Format_ARGB32_Premultiplied)
    sheet.fill(0)
    painter = QPainter(sheet)
    painter.drawImage((paper.side - fitted.width()) // 2, (paper.side - fitted.height()) // 2, fitted)
    painter.end()
    return sheet
