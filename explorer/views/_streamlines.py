"""Lines along a field in the plane, from a grid of vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from explorer.views._grid import Bounds

Array = NDArray[Any]

ROWS: Final = 13
"""Rows of seeds; every second one is shifted by half a gap."""

REACH: Final = 1.1
"""How far a line goes from its seed to either side, in gaps between seeds."""

WAYS: Final = 33
"""Ways of numbers over time."""

STEPS: Final = 8
"""Steps to either side."""

HEAD: Final = 0.16
"""Length of a head's strokes, in gaps between seeds."""

LEAST: Final = 1e-12


@dataclass(frozen=True, eq=False)
class VectorGrid:
    """Vectors at the middles of the cells that fill a square.

    Attributes:
        vectors: shape (S, S, 2), row 0 at the bottom.
        bounds: left, bottom, right, top.
    """

    vectors: Array
    bounds: Bounds

    @classmethod
    def of(cls, flat: Array, bounds: Bounds) -> VectorGrid:
        """From all vectors in one row, shape (S², 2), bottom row first."""
        side = round(len(flat) ** 0.5)
        return cls(flat.reshape(side, side, 2).astype(np.float64), bounds)

    def at(self, places: Array) -> Array:
        """Vectors at places, shape (N, 2) each, joined bilinearly; beyond the outer middles as there."""
        side = len(self.vectors)
        corner, span = np.array(self.bounds[:2]), np.array(self.bounds[2:]) - np.array(self.bounds[:2])
        share = np.clip((places - corner) / span * side - 0.5, 0, side - 1.000001)
        low = share.astype(np.intp)
        right, up = (share - low).T[:, :, None]
        column, row = low.T
        below = (1 - right) * self.vectors[row, column] + right * self.vectors[row, column + 1]
        above = (1 - right) * self.vectors[row + 1, column] + right * self.vectors[row + 1, column + 1]
        return (1 - up) * below + up * above

    def inside(self, places: Array) -> Array:
        """Whether places, shape (N, 2), are in the square: (N,)."""
        return np.all((places >= self.bounds[:2]) & (places <= self.bounds[2:]), axis=1)

    @property
    def gap(self) -> float:
        """Between two rows of seeds."""
        return (self.bounds[3] - self.bounds[1]) / ROWS

    def seeds(self) -> Array:
        """Evenly spread, shape (N, 2)."""
        rows, columns = np.mgrid[:ROWS, :ROWS]
        x = (columns + 0.25 + 0.5 * (rows % 2)) * self.gap
        return np.stack([self.bounds[0] + x, self.bounds[1] + (rows + 0.5) * self.gap], -1).reshape(-1, 2)


def streamlines(grid: VectorGrid) -> tuple[Array, Array, Array]:
    """Lines through evenly spread seeds, each with a head in its middle, all of one length.

    Coordinates x and y, and whether each point is joined to the next.
    """
    seeds = grid.seeds()
    back, ahead = _follow(grid, seeds)
    lines = np.concatenate([back[::-1], seeds[None], ahead]).swapaxes(0, 1)
    points = np.concatenate([lines, _heads(grid, seeds)], axis=1)
    joined = np.isfinite(points[:, :, 0]) & np.isfinite(np.roll(points[:, :, 0], -1, axis=1))
    joined[:, [lines.shape[1] - 1, -1]] = False
    flat = np.nan_to_num(points).reshape(-1, 2)
    return flat[:, 0], flat[:, 1], joined.reshape(-1).astype(np.int32)


def flow_lines(time: Array, grid: Array, velocity: Array) -> tuple[Array, Array, Array]:
    """Ways of numbers over time that a velocity leads, from evenly spread places at the source.

    Args:
        time: of each frame, shape (F,), from 1 to 0.
        grid: places, shape (G,), evenly spaced.
        velocity: −dx/dt there, shape (F, G), joined linearly; each step is taken by Heun's rule.

    Returns:
        The share of the way across, 0 to 1; the number; whether each point is joined to the next.
    """
    x = np.linspace(grid[0], grid[-1], WAYS)
    ways = [x]
    for frame in range(len(time) - 1):
        h = float(time[frame] - time[frame + 1])
        slope = np.interp(x, grid, velocity[frame])
        x = x + 0.5 * h * (slope + np.interp(x + h * slope, grid, velocity[frame + 1]))
        ways.append(x)
    across, up = np.broadcast_arrays(np.linspace(0, 1, len(time))[None], np.stack(ways, 1))
    joined = np.ones(up.shape, np.int32)
    joined[:, -1] = 0
    return across.reshape(-1), up.reshape(-1), joined.reshape(-1)


def _follow(grid: VectorGrid, seeds: Array) -> tuple[Array, Array]:
    """Places back from each seed and ahead, shape (STEPS, N, 2), by the midpoint rule; NaN beyond the square."""
    step = np.repeat([-1.0, 1.0], len(seeds))[:, None] * (REACH * grid.gap / STEPS)
    places, ways = np.concatenate([seeds, seeds]), []
    for _ in range(STEPS):
        middle = places + 0.5 * step * _direction(grid, places)
        places = places + step * _direction(grid, middle)
        places = np.where(grid.inside(places)[:, None], places, np.nan)
        ways.append(places)
    both = np.stack(ways)
    return both[:, : len(seeds)], both[:, len(seeds) :]


def _direction(grid: VectorGrid, places: Array) -> Array:
    vectors = grid.at(np.nan_to_num(places))
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), LEAST)


def _heads(grid: VectorGrid, seeds: Array) -> Array:
    """Two strokes that meet at each seed: three points, shape (N, 3, 2)."""
    along = HEAD * grid.gap * _direction(grid, seeds)
    across = np.stack([-along[:, 1], along[:, 0]], 1)
    return np.stack([seeds - along + 0.6 * across, seeds + 0.2 * along, seeds - along - 0.6 * across], 1)
