"""Numbers of every step, kept whole and drawn thinned: a spike of one step is seen however many steps there are."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BLOCK: Final = 256
"""Least, greatest, sum and count of so many steps are kept: thinning a million steps then reads 4,000 numbers."""


def _as_is(values: Floats) -> Floats:
    return values


def _without_gaps(values: Floats) -> Floats:
    return np.where(np.isnan(values), 0.0, values)


def _presence(values: Floats) -> Floats:
    return (~np.isnan(values)).astype(np.float64)


REDUCTIONS: Final = (
    (np.fmin, _as_is),
    (np.fmax, _as_is),
    (np.add, _without_gaps),
    (np.add, _presence),
)
"""Least, greatest, sum and count of what is there: a column has no number (NaN) where its divergence had none."""

FIRST_ROOM: Final = 1024


@dataclass(frozen=True)
class Drawn:
    """A column as it is drawn: the rows themselves, or the least, greatest and mean of the steps of each pixel.

    Attributes:
        steps: shape (M,), the first step of each pixel.
        least: shape (M,).
        greatest: shape (M,).
        mean: shape (M,); the rows' own values if not thinned.
        is_thinned: whether a pixel stands for several steps.
    """

    steps: Floats
    least: Floats
    greatest: Floats
    mean: Floats
    is_thinned: bool


class Series:
    """Columns of numbers over growing steps.

    Attributes:
        names: of the columns.
    """

    def __init__(self, names: tuple[str, ...] = ()) -> None:
        self.names = names
        self._n = 0
        self._steps = np.zeros(FIRST_ROOM, np.int64)
        self._values = np.zeros((len(names), FIRST_ROOM))
        self._blocks_of = np.zeros((len(REDUCTIONS), len(names), FIRST_ROOM // BLOCK))
        self._blocks = 0
        self._cut: tuple[tuple[int, int, int, bool], NDArray[np.int64]] | None = None

    def __len__(self) -> int:
        return self._n

    @property
    def steps(self) -> NDArray[np.int64]:
        """Steps, shape (N,)."""
        return self._steps[: self._n]

    def column(self, name: str) -> Floats:
        """All values of one column, shape (N,)."""
        return self._values[self.names.index(name), : self._n]

    def add(self, steps: Any, values: Any) -> None:
        """Append rows: steps (M,), values (M, columns). The room doubles when it is full."""
        m = len(steps)
        self._make_room(self._n + m)
        self._steps[self._n : self._n + m] = steps
        self._values[:, self._n : self._n + m] = np.asarray(values).T
        self._n += m
        self._cut = None
        self._close_blocks()

    def widened(self, names: tuple[str, ...]) -> Series:
        """The same rows with these columns; those that were not there have no numbers."""
        made = Series(names)
        nothing = np.full(len(self), np.nan)
        columns = [self.column(name) if name in self.names else nothing for name in names]
        made.add(self.steps, np.stack(columns, axis=1) if columns else np.zeros((len(self), 0)))
        return made

    def cut_after(self, step: int) -> None:
        """Forget what comes after a step."""
        self._n = int(np.searchsorted(self.steps, step, side="right"))
        self._blocks = self._n // BLOCK
        self._cut = None

    def nearest(self, step: float) -> int:
        """Index of the row whose step is nearest; there must be one."""
        after = min(int(np.searchsorted(self.steps, whole(step))), self._n - 1)
        before = max(after - 1, 0)
        return before if abs(self._steps[before] - step) <= abs(self._steps[after] - step) else after

    def thinned(self, name: str, low: float, high: float, pixels: int, *, log: bool = False) -> Drawn:
        """What to draw of a column between two steps.

        Up to two points a pixel all of them, as they are; beyond, least, greatest and mean of each pixel's steps.

        Args:
            name: the column.
            low: first step.
            high: last step.
            pixels: width of the picture.
            log: whether pixels are even in log step.
        """
        first = max(int(np.searchsorted(self.steps, whole(low))) - 1, 0)
        last = min(int(np.searchsorted(self.steps, whole(high), side="right")) + 1, self._n)
        if last - first <= 2 * pixels:
            raw = self.column(name)[first:last]
            return Drawn(self._steps[first:last].astype(np.float64), raw, raw, raw, is_thinned=False)
        edges = self._kept_edges(first, last, pixels, log=log)
        least, greatest, total, count = self._reduce(self.names.index(name), edges)
        steps = self._steps[edges[:-1]].astype(np.float64)
        mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
        return Drawn(steps, least, greatest, mean, is_thinned=True)

    def _kept_edges(self, first: int, last: int, pixels: int, *, log: bool) -> NDArray[np.int64]:
        """Found once for all columns that are drawn together."""
        key = (first, last, pixels, log)
        if self._cut is None or self._cut[0] != key:
            self._cut = (key, self._edges(first, last, pixels, log=log))
        return self._cut[1]

    def _edges(self, first: int, last: int, pixels: int, *, log: bool) -> NDArray[np.int64]:
        """Row indices that bound each pixel, the wide ones on whole blocks."""
        ends = np.maximum(self._steps[[first, last - 1]].astype(np.float64), 1.0 if log else -np.inf)
        low, high = float(ends[0]), float(ends[1])
        bounds = np.geomspace(low, high, pixels + 1) if log else np.linspace(low, high, pixels + 1)
        edges = np.searchsorted(self._steps[first:last], whole(bounds)) + first
        edges[0], edges[-1] = first, last
        wide = np.diff(edges, append=edges[-1]) >= 2 * BLOCK
        edges = np.where(wide, edges // BLOCK * BLOCK, edges)
        return np.unique(np.clip(edges, first, last))

    def _reduce(self, column: int, edges: NDArray[np.int64]) -> Floats:
        """Each reduction between neighbouring edges, from whole blocks where both edges allow it."""
        starts, stops = edges[:-1], edges[1:]
        in_blocks = (starts % BLOCK == 0) & (stops % BLOCK == 0) & (stops // BLOCK <= self._blocks)
        found = np.empty((len(REDUCTIONS), len(starts)))
        turns = [0, *(np.flatnonzero(np.diff(in_blocks)) + 1), len(in_blocks)]
        for a, b in pairwise(turns):
            for row, (function, prepared) in enumerate(REDUCTIONS):
                size = BLOCK if in_blocks[a] else 1
                first, last = edges[a] // size, edges[b] // size
                kept = self._blocks_of[row, column, first:last]
                source = kept if in_blocks[a] else prepared(self._values[column, first:last])
                found[row, a:b] = function.reduceat(source, edges[a:b] // size - first)
        return found

    def _close_blocks(self) -> None:
        full = self._n // BLOCK
        if full > self._blocks:
            fresh = self._values[:, self._blocks * BLOCK : full * BLOCK].reshape(len(self.names), -1, BLOCK)
            for row, (function, prepared) in enumerate(REDUCTIONS):
                self._blocks_of[row, :, self._blocks : full] = function.reduce(prepared(fresh), axis=2)
            self._blocks = full

    def _make_room(self, n: int) -> None:
        if n < len(self._steps):
            return
        room = 1 << int(np.ceil(np.log2(n + 1)))
        self._steps = _grown(self._steps, room)
        self._values = _grown(self._values, room)
        self._blocks_of = _grown(self._blocks_of, room // BLOCK)


def whole(bound: Any) -> Any:
    """The least whole step at or after a bound. Searching whole numbers for a float would convert all of them first."""
    return np.ceil(bound).astype(np.int64)


def _grown(array: NDArray[Any], room: int) -> NDArray[Any]:
    grown = np.zeros((*array.shape[:-1], room), array.dtype)
    grown[..., : array.shape[-1]] = array
    return grown
