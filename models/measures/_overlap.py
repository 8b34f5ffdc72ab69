"""Which points of two samples lie in balls around those of the other: looked up once for all measures of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.measures._base import Reference, Samples
from models.measures._index import Product, Tree
from models.measures._neighbours import Neighbours, Side, neighbours

THIRD: Final = 3
"""Narrow balls reach to the third nearest other of the same side, as in the experiments of the paper on precision."""

FIFTH: Final = 5
"""Wide balls reach to the fifth, as in those of the paper on density."""


@dataclass(frozen=True, eq=False)
class Overlap:
    """Two samples, and how far each lies where the other has its mass. Balls are closed.

    Attributes:
        samples: which samples lie in at least one narrow ball of the data, shape (N,).
        data: which data points lie in at least one narrow ball of the samples, shape (M,).
        counts: how many samples lie in the wide ball of each data point, shape (M,).
        k: which neighbour the wide balls reach to: fewer than ``FIFTH`` where there are not so many.
    """

    samples: NDArray[np.bool_]
    data: NDArray[np.bool_]
    counts: NDArray[np.int64]
    k: int


def overlap(samples: Samples, reference: Reference) -> Overlap:
    """How two samples overlap, kept with the first."""
    return samples.kept(("overlap", reference), lambda: _overlap(neighbours(samples, reference)))


def _overlap(near: Neighbours) -> Overlap:
    drawn, real = near.samples, near.data
    k = min(FIFTH, real.own.shape[1])
    if isinstance(drawn.index, Tree) and isinstance(real.index, Tree):
        inside = drawn.index.covered(real.x, real.radius(THIRD))
        reached = real.index.covered(drawn.x, drawn.radius(THIRD))
        return Overlap(inside, reached, drawn.index.counts(real.x, real.radius(FIFTH)), k)
    return _by_products(drawn, real, k)


def _by_products(drawn: Side, real: Side, k: int) -> Overlap:
    """All three from one look at every distance."""
    index = drawn.index
    assert isinstance(index, Product)
    reach = np.square(drawn.radius(THIRD))
    narrow, wide = (np.square(real.radius(which))[:, None] for which in (THIRD, FIFTH))
    inside, reached = np.zeros(len(drawn.x), dtype=bool), np.empty(len(real.x), dtype=bool)
    counts = np.empty(len(real.x), dtype=np.int64)
    for rows, piece in index.squared_distances(real.x):
        squares = piece.numpy()
        inside |= (squares <= narrow[rows]).any(axis=0)
        reached[rows] = (squares <= reach).any(axis=1)
        counts[rows] = np.count_nonzero(squares <= wide[rows], axis=1)
    return Overlap(inside, reached, counts, k)
