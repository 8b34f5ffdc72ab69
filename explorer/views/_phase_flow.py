"""From a vector field on a grid to lines: where it flows, and where one of its parts is zero."""

from __future__ import annotations

from typing import Any, Final

import contourpy
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

SEEDS: Final = (9, 9)
"""Lines along each axis."""

STRIDES: Final = 9
"""Steps to each side of a seed."""

STRIDE: Final = 0.02
"""Length of one step in units of the frame's width."""

HEAD: Final = 0.016
"""Length of a head's strokes, in the same units."""

STILL: Final = 1e-9
"""Speeds below this have no direction."""


class Flow:
    """A vector field on the nodes of a grid over [−e, e]², joined bilinearly."""

    def __init__(self, field: Floats, extent: float) -> None:
        """Take up the field.

        Args:
            field: shape (H, W, 2), row 0 at the bottom.
            extent: e.
        """
        self.field = np.asarray(field, np.float64)
        self.extent = extent

    def at(self, places: Floats) -> Floats:
        """The field at places, shape (N, 2); what lies outside takes the value at the edge."""
        rows, columns = self.field.shape[:2]
        cells = (places / self.extent + 1) / 2 * (columns - 1, rows - 1)
        cells = np.clip(cells, 0, (columns - 1 - 1e-9, rows - 1 - 1e-9))
        j, i = cells.astype(int).T
        u, v = (cells - cells.astype(int)).T[..., None]
        low = self.field[i, j] * (1 - u) + self.field[i, j + 1] * u
        high = self.field[i + 1, j] * (1 - u) + self.field[i + 1, j + 1] * u
        return low * (1 - v) + high * v

    def directions(self, places: Floats) -> Floats:
        """Unit vectors along the field, 0 where it rests, shape (N, 2)."""
        speed = self.at(places)
        lengths = np.linalg.norm(speed, axis=1, keepdims=True)
        return np.where(lengths > STILL, speed / np.maximum(lengths, STILL), 0.0)

    def streams(self) -> Floats:
        """Short pieces of flow lines with a head in the middle, as points parted by NaN, shape (M, 2)."""
        seeds = self._seeds()
        stride = STRIDE * 2 * self.extent
        ahead, behind = self._follow(seeds, stride), self._follow(seeds, -stride)
        lines = np.concatenate([behind[:0:-1], ahead]).swapaxes(0, 1)
        return _parted(np.concatenate([lines, np.full_like(lines[:, :1], np.nan), self._heads(seeds)], axis=1))

    def zeros(self, part: int) -> Floats:
        """Where one part of the field is zero, as points parted by NaN, shape (M, 2)."""
        rows, columns = self.field.shape[:2]
        x, y = (np.linspace(-self.extent, self.extent, n) for n in (columns, rows))
        maker = contourpy.contour_generator(x, y, self.field[..., part], line_type=contourpy.LineType.ChunkCombinedNan)
        (lines,), *_ = maker.lines(0.0)
        return np.empty((0, 2)) if lines is None else np.asarray(lines)

    def _seeds(self) -> Floats:
        """Middles of equal cells, every other row moved by half a cell so that no columns are seen."""
        columns, rows = SEEDS
        x = np.repeat((np.arange(columns) + 0.5)[None], rows, 0) + (np.arange(rows) % 2)[:, None] / 2 - 0.25
        y = np.repeat((np.arange(rows) + 0.5)[:, None], columns, 1)
        unit = np.stack([x / columns, y / rows], -1).reshape(-1, 2)
        return (2 * unit - 1) * self.extent

    def _follow(self, seeds: Floats, stride: float) -> Floats:
        """Midpoint steps of equal length along the field, shape (STRIDES + 1, N, 2)."""
        path = [seeds]
        for _ in range(STRIDES):
            middle = path[-1] + 0.5 * stride * self.directions(path[-1])
            path.append(path[-1] + stride * self.directions(middle))
        return np.stack(path)

    def _heads(self, seeds: Floats) -> Floats:
        """Two strokes at each seed, shape (N, 3, 2)."""
        along = self.directions(seeds) * HEAD * 2 * self.extent
        across = np.stack([-along[:, 1], along[:, 0]], 1) * 0.6
        tips = seeds + along / 2
        return np.stack([tips - along + across, tips, tips - along - across], 1)


def _parted(lines: Floats) -> Floats:
    """Lines of equally many points, shape (N, K, 2), one after another with NaN between them."""
    return np.concatenate([lines, np.full((len(lines), 1, 2), np.nan)], axis=1).reshape(-1, 2)
