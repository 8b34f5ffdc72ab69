"""Points, ready to be asked for the nearest of them: by a tree in few dimensions, by matrix products in many."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TREE_DIMENSIONS: Final = 10
"""Up to here a k-d tree finds neighbours faster than a matrix product."""

ROWS: Final = 128
"""Points that a matrix product compares with all others at once: 128 × 10,000 distances take 10 MB."""

BALLS: Final = 512
"""Balls whose points are listed at once."""


class Index(Protocol):
    """N points, ready to be asked."""

    def nearest(self, places: Floats, k: int) -> Floats:
        """Distances of each place to the k nearest of the points, in rising order: shape (M, d) to (M, k)."""
        ...


class Tree:
    """An index for few dimensions."""

    def __init__(self, x: Floats) -> None:
        from scipy.spatial import KDTree  # a window that opens must not wait for scipy

        self._n = len(x)
        self._tree = KDTree(x, balanced_tree=False)

    def nearest(self, places: Floats, k: int) -> Floats:
        """As ``Index`` says."""
        return np.asarray(self._tree.query(places, k)[0]).reshape(len(places), k)

    def counts(self, centres: Floats, radii: Floats) -> NDArray[np.int64]:
        """How many of the points lie in each closed ball, shape (M,)."""
        return self._tree.query_ball_point(centres, radii, return_length=True)

    def covered(self, centres: Floats, radii: Floats) -> NDArray[np.bool_]:
        """Which of the points lie in at least one of the closed balls, shape (N,)."""
        inside = np.zeros(self._n, dtype=bool)
        # One ball of each place and a few at a time: thousands of copies would list millions of pairs.
        order = np.lexsort((-radii, *centres.T))
        first = np.r_[True, (np.diff(centres[order], axis=0) != 0).any(axis=1)]
        chosen = order[first]
        for some in np.array_split(chosen, len(chosen) // BALLS + 1):
            found = self._tree.query_ball_point(centres[some], radii[some])
            inside[np.concatenate([np.asarray(part, dtype=np.int64) for part in found])] = True
        return inside


class Product:
    """An index for many dimensions: all distances, in pieces, through a matrix product in double precision."""

    def __init__(self, x: Floats) -> None:
        self._centre = x.mean(axis=0)
        self._x = torch.from_numpy(x - self._centre)
        self._squares = self._x.square().sum(dim=1)

    def nearest(self, places: Floats, k: int) -> Floats:
        """As ``Index`` says."""
        found = [piece.topk(k, largest=False).values.numpy() for _, piece in self.squared_distances(places)]
        return np.sqrt(np.concatenate(found))

    def squared_distances(self, places: Floats) -> Iterator[tuple[slice, torch.Tensor]]:
        """‖a − x_j‖² of some places after the others: which, and shape (some, N), gone when the next are asked for."""
        room = torch.empty(min(ROWS, len(places)), len(self._x), dtype=self._x.dtype)
        for start in range(0, len(places), ROWS):
            rows = torch.from_numpy(places[start : start + ROWS] - self._centre)
            piece = torch.addmm(self._squares, rows, self._x.T, alpha=-2, out=room[: len(rows)])
            piece += rows.square().sum(dim=1, keepdim=True)
            yield slice(start, start + len(rows)), piece.clamp_min_(0)


def index_of(x: Floats) -> Index:
    """The index that is faster in so many dimensions, of points of shape (N, d)."""
    return Tree(x) if x.shape[1] <= TREE_DIMENSIONS else Product(x)
