"""Nearest neighbours within and between two samples: what the measures made of distances share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.measures._base import Points, Reference, Samples
from models.measures._index import Floats, Index, index_of

NEAREST: Final = 20
"""Neighbours that are looked up for every point, at most: as many as any measure asks for."""

DISCRETE: Final = 0.25
"""Share of points with a copy on the other side above which laws are taken to be discrete."""

TIES: Final = 1 + 1e-9
"""Balls are so much wider, that their own k-th neighbour, or a copy of it, lies in them however sums are rounded."""

ROUNDING: Final = float(np.finfo(np.float32).eps)


@dataclass(frozen=True, eq=False)
class LogRatios:
    """Estimates of log p/q at samples of p.

    Attributes:
        values: of each sample, nats, shape (N,).
        is_smooth: whether it is a ratio of densities, which has the noise of its radii, or of point masses.
        k: which neighbour the radii reach to.
    """

    values: Floats
    is_smooth: NDArray[np.bool_]
    k: int


@dataclass(frozen=True, eq=False)
class Side:
    """One of two samples with its neighbours on both sides.

    Distances are never less than what float32 can tell apart at the largest coordinate: nothing that is nearer is
    known to be apart, and no radius is 0.

    Attributes:
        x: the points of this side, shape (N, d).
        index: the same, ready to be asked.
        own: distances to the nearest others of this side, shape (N, up to ``NEAREST``).
        other_x: the points of the other side, shape (M, d).
        other_index: the same, ready to be asked.
        least: no distance is less, data units.
    """

    x: Floats
    index: Index
    own: Floats
    other_x: Floats
    other_index: Index
    least: float

    @cached_property
    def across(self) -> Floats:
        """Distances to the nearest of the other side, shape (N, up to ``NEAREST``)."""
        k = min(NEAREST, len(self.other_x))
        return np.maximum(self.other_index.nearest(self.x, k), self.least)

    def radius(self, k: int) -> Floats:
        """Distance to the k-th nearest other of the same side, or to the farthest if there are fewer, shape (N,)."""
        return TIES * self.own[:, min(k, self.own.shape[1]) - 1]

    @cached_property
    def copies(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How often the place of each point is taken on this side (itself counted) and on the other, shapes (N,)."""
        n = len(self.x)
        if self.across[:, 0].min() > self.least:
            return np.ones(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
        _, place = np.unique(np.concatenate([self.x, self.other_x]), axis=0, return_inverse=True)
        here, there = (np.bincount(part, minlength=place.max() + 1) for part in (place[:n], place[n:]))
        return here[place[:n]], there[place[:n]]

    def log_ratios(self, k: int) -> LogRatios:
        """Log ratio of this side's density to the other's at each of its points, from its k-th neighbours.

        log r̂(x) = d log(ν_k/ρ_k) + log(m/(n−1)) with the distances ρ_k to the k-th nearest of the n − 1 others of
        this side and ν_k to the k-th of the m points of the other. At a place that both sides have taken, masses are
        compared instead of densities: log((a/n)/(b/m)) of a and b copies. If many points of this side have a copy on
        the other, as draws from a finite set have, both laws are taken to be discrete: masses are compared at all
        places, and one that only this side has taken counts as half a copy there.

        Source: Wang, Kulkarni and Verdú 2009, IEEE Trans. Inf. Theory 55(5), equation 5.
        """
        n, m, d = len(self.x), len(self.other_x), self.x.shape[1]
        k = min(k, self.own.shape[1], self.across.shape[1])
        values = d * np.log(self.across[:, k - 1] / self.own[:, k - 1]) + np.log(m / (n - 1))
        here, there = self.copies
        shared = there > 0
        atoms = shared if shared.mean() <= DISCRETE else np.ones(n, dtype=bool)
        values[atoms] = np.log(here[atoms] * m / (np.maximum(there[atoms], 0.5) * n))
        return LogRatios(values, ~atoms, k)


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Two samples and who is near whom.

    Attributes:
        samples: what the model drew.
        data: the points of the reference.
    """

    samples: Side
    data: Side


def neighbours(samples: Samples, reference: Reference) -> Neighbours:
    """Who is near whom among these, kept with the samples, and what the reference's own points need with it."""
    return samples.kept(("neighbours", reference), lambda: _introduce(samples, reference))


def _introduce(samples: Samples, reference: Reference) -> Neighbours:
    x, y = _array(samples), _array(reference)
    to_x, to_y = _index(samples), _index(reference)
    least = max(ROUNDING * max(np.abs(x).max(), np.abs(y).max()), float(np.finfo(np.float32).tiny))
    # What is kept with points must not point back at them: such a circle lives until the collector comes round.
    return Neighbours(
        Side(x, to_x, np.maximum(_within(samples), least), y, to_y, least),
        Side(y, to_y, np.maximum(_within(reference), least), x, to_x, least),
    )


def _within(points: Points) -> Floats:
    """Distances to the nearest others of the same points, kept with them: the same whatever they are held against."""
    x = _array(points)
    return points.kept("within", lambda: _index(points).nearest(x, min(NEAREST, len(x) - 1) + 1)[:, 1:])


def _array(points: Points) -> Floats:
    return points.kept("array", lambda: np.ascontiguousarray(points.x.detach().cpu().double().numpy()))


def _index(points: Points) -> Index:
    return points.kept("index", lambda: index_of(_array(points)))
