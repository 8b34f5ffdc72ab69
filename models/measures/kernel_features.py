"""How far the features of generated pictures are from those of real ones, without bias."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor

from models.measures._base import MEASURES, Reference, Samples
from models.measures._pictures import PictureMeasure, seen


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
        return _within(drawn.x) + own - 2 * float(_kernel(drawn.x, truth.x).mean())

    def bounds(self, reference: Reference) -> tuple[float, float]:
        """Any number: the unbiased estimate may be negative."""
        return -math.inf, math.inf


def _kernel(x: Tensor, y: Tensor) -> Tensor:
    return (x.double() @ y.double().T).add_(1).pow_(3)


def _within(x: Tensor) -> float:
    """The mean kernel between two different points, shape (n, F)."""
    n = len(x)
    return float(_kernel(x, x).fill_diagonal_(0).sum()) / (n * (n - 1))
