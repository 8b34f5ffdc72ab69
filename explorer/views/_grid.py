"""A scalar on a regular grid, with the places that its values belong to."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

import contourpy
import numpy as np
from numpy.typing import NDArray

Bounds = tuple[float, float, float, float]
Values = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Grid:
    """Values over a frame, row 0 at the bottom.

    Attributes:
        values: shape (H, W).
        cells: the frame that the H × W cells fill, each value belonging to the middle of its cell.
    """

    values: Values
    cells: Bounds

    @classmethod
    def of_cells(cls, values: Values, bounds: Bounds) -> Grid:
        """Values of cells that fill the bounds, as a histogram gives."""
        return cls(values, bounds)

    @classmethod
    def of_nodes(cls, values: Values, bounds: Bounds) -> Grid:
        """Values of a function at points, the outer ones on the bounds: their cells reach half a cell over."""
        left, bottom, right, top = bounds
        dx = (right - left) / max(values.shape[1] - 1, 1) / 2
        dy = (top - bottom) / max(values.shape[0] - 1, 1) / 2
        return cls(values, (left - dx, bottom - dy, right + dx, top + dy))

    @property
    def x(self) -> Values:
        """Where the columns' values belong, shape (W,)."""
        return middles(self.cells[0], self.cells[2], self.values.shape[1])

    @property
    def y(self) -> Values:
        """Where the rows' values belong, shape (H,)."""
        return middles(self.cells[1], self.cells[3], self.values.shape[0])

    def at(self, x: float, y: float) -> float | None:
        """The value of the cell where (x, y) lies, as it is; None outside."""
        left, bottom, right, top = self.cells
        column = int(np.floor((x - left) / (right - left) * self.values.shape[1]))
        row = int(np.floor((y - bottom) / (top - bottom) * self.values.shape[0]))
        inside = 0 <= column < self.values.shape[1] and 0 <= row < self.values.shape[0]
        return float(self.values[row, column]) if inside else None

    def contours(self, levels: Values) -> tuple[Values, Values]:
        """Coordinates of all contour lines, NaN between two lines."""
        maker = contourpy.contour_generator(self.x, self.y, self.values, line_type=contourpy.LineType.ChunkCombinedNan)
        found = [maker.lines(float(level))[0][0] for level in levels]
        gap = np.full((1, 2), np.nan)
        parts = [part for line in found if line is not None for part in (line, gap)]
        joined = np.concatenate(parts) if parts else np.zeros((0, 2))
        return joined[:, 0], joined[:, 1]

    def outlines(self, level: float) -> list[Values]:
        """Closed lines, shape (N, 2) each, round all places above a level, as far as the cells reach."""
        framed = np.pad(self.values, 1, mode="edge")
        x, y = (np.concatenate([[a[0] - (a[1] - a[0]) / 2], a, [a[-1] + (a[1] - a[0]) / 2]]) for a in (self.x, self.y))
        maker = contourpy.contour_generator(x, y, framed, fill_type=contourpy.FillType.OuterOffset)
        points, offsets = (cast("list[Values]", part) for part in maker.filled(level, np.inf))
        return [part[a:b] for part, cuts in zip(points, offsets, strict=True) for a, b in pairwise(cuts)]


def middles(low: float, high: float, n: int) -> Values:
    """The middles of n equal parts."""
    return low + (np.arange(n) + 0.5) * ((high - low) / n)


def mass_levels(density: Values, shares: tuple[float, ...]) -> Values:
    """Levels whose contours hold these shares of the mass (highest-density regions); none for an empty density."""
    ordered = np.sort(density, axis=None)[::-1].astype(np.float64)
    held = np.cumsum(ordered)
    if not held.size or not held[-1] > 0:
        return np.zeros(0)
    return np.unique(ordered[np.searchsorted(held, np.array(shares) * held[-1])])


def words(prefix: str, value: float | None, sign: str = "=") -> str:
    """A line of an explanation, or nothing where there is no value; the sign ≈ stands before an estimate."""
    return "" if value is None else f"{prefix} {sign} {value:.3g}".replace("-", "−")
