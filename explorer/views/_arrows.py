"""Arrows in proportion to one another: how long each is drawn, and the strokes that it is made of."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

HEAD: Final = 0.32
"""Length of a head in units of its shaft."""

PERCENTILE: Final = 95
"""Share of the arrows, in percent, that are drawn as long as they are; the others are cut to the longest."""

LEAST: Final = 1e-30
"""Where all are 0 one can still divide by the longest."""


def numbers(vectors: Array) -> Array:
    """In double precision, for squares of what explodes; what is no number any more is 0."""
    return np.nan_to_num(vectors.astype(np.float64), posinf=0.0, neginf=0.0)


def longest_of(vectors: Array) -> float:
    """The length of a vector that is drawn as the longest arrow, of vectors of numbers, shape (…, d)."""
    return max(float(np.percentile(np.linalg.norm(vectors, axis=-1), PERCENTILE)), LEAST) if vectors.size else LEAST


def shorten(vectors: Array, room: float, longest: float | None = None) -> Array:
    """Vectors as they are drawn, shape (…, d): in proportion, none longer than ``room``, which the longest has.

    Args:
        vectors: any, also such as are no numbers.
        room: data units.
        longest: a vector's length that has all the room; their own 95th percentile if it is not given.
    """
    finite = numbers(vectors)
    full = longest_of(finite) if longest is None else longest
    return finite * (room / np.maximum(np.linalg.norm(finite, axis=-1, keepdims=True), full))


def segments(tails: Array, vectors: Array) -> tuple[Array, Array]:
    """Shaft and two strokes of a head for each arrow as pairs of points: x and y, shape (6 N,)."""
    tips = tails + vectors
    turned = np.stack([-vectors[:, 1], vectors[:, 0]], axis=1)
    left, right = (tips - HEAD * (vectors + side * 0.6 * turned) for side in (1, -1))
    pairs = np.stack([tails, tips, tips, left, tips, right], axis=1).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]
