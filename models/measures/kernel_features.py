"""How far the features of generated pictures are from those of real ones, without bias."""

from __future__ import annotations

import math
from typing import ClassVar, Final

import torch
from torch import Tensor

from models.measures._base import MEASURES, Reference, Samples
from models.measures._pictures import PictureMeasure, seen

ROWS: Final = 64
"""Points that are held against all others at once: 64 × 2,500 numbers stay in the processor's cache."""


@MEASURES.register
class KernelFeatures(PictureMeasure):
    """Squared maximum mean discrepancy with a cubic kernel between features of a classifier of the same data, unbiased.

    MMD² = E k(x, x') + E k(y, y') − 2 E k(x, y) with k(a, b) = (a·b + 1)³. The paper divides a·b by the number of
    features; here features are scaled so that data have a total variance of 1, which is the same where each has a
    variance of 1. Pairs i = j do not count, so equal laws have 0 on average, whatever the size of the samples, and
    negative values occur. Where data have no classes the features are principal components.

    Source: Bińkowski et al. 2018, Demystifying MMD GANs, arXiv:1801.01401, sections 2.1 and 4, with other features.
    """

    title: ClassVar[str] = "Kernel distance in features"
    source: ClassVar[str] = "Bińkowski et al. 2018, arXiv:1801.01401, section 4, with other features"
    formula: ClassVar[str] = r"E\,k(x, x') + E\,k(y, y') - 2\,E\,k(x, y), \quad k(a, b) = (a \cdot b + 1)^3"
    largest: ClassVar[int] = 2_500

    def compare(self, samples: Samples, reference: Reference, generator: torch.Generator) -> float:
        """The squared discrepancy, without a unit."""
        drawn, truth = seen(samples, reference)
        own = truth.kept("kernel", lambda: _within(truth.x))
        return _within(drawn.x) + own - 2 * _between(drawn.x, truth.x)

    def bounds(self, reference: Reference) -> tuple[float, float]:
        """Any number: the unbiased estimate may be negative."""
        return -math.inf, math.inf


def _between(x: Tensor, y: Tensor) -> float:
    """The mean kernel between a point of one sample and one of the other, shapes (n, F) and (m, F)."""
    x, y = x.double(), y.double()
    room = _room(y)
    return sum(_kernel_sum(rows, y, room) for rows in x.split(ROWS)) / (len(x) * len(y))


def _within(x: Tensor) -> float:
    """The mean kernel between two different points, shape (n, F): every pair is looked at once and counts twice."""
    x = x.double()
    n, room = len(x), _room(x)
    own = float((x.square().sum(dim=1) + 1).pow_(3).sum())
    blocks = [(x[start : start + ROWS], x[start + ROWS :]) for start in range(0, n, ROWS)]
    total = sum(_kernel_sum(rows, rows, room) + 2 * _kernel_sum(rows, later, room) for rows, later in blocks)
    return (total - own) / (n * (n - 1))


def _room(y: Tensor) -> Tensor:
    return y.new_empty(ROWS * len(y))


def _kernel_sum(x: Tensor, y: Tensor, room: Tensor) -> float:
    """Σ_ij k(x_i, y_j) in double precision, worked out in a room of at least as many numbers."""
    out = room[: len(x) * len(y)].view(len(x), len(y))
    return float(torch.addmm(x.new_ones(1), x, y.T, out=out).pow_(3).sum())
