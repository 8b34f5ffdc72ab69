"""The distance between two laws' means in the feature space of a Gaussian kernel."""

from __future__ import annotations

from typing import ClassVar, Final

import torch

from models.measures._base import MEASURES, Measure, Reference, Samples
from models.measures._distances import Kernel, squared_distances, sum_between, sum_within

MEDIAN_POINTS: Final = 1_000
"""Points of the reference that the median distance is taken from, the first ones of its fixed order."""


@MEASURES.register
class MMD(Measure):
    """Squared maximum mean discrepancy with a Gaussian kernel, unbiased.

    MMD² = E k(x, x') + E k(y, y') − 2 E k(x, y) with k(a, b) = exp(−‖a − b‖² / 2h²), where h is the median distance
    between points of the reference. Pairs i = j do not count, so equal laws have 0 on average and negative values
    occur.

    Source: Gretton et al. 2012, A Kernel Two-Sample Test, JMLR 13, equation 3; median: section 8.
    """

    title: ClassVar[str] = "Squared MMD"
    source: ClassVar[str] = "Gretton et al. 2012, A Kernel Two-Sample Test, equation 3"
    formula: ClassVar[str] = r"E\,k(x, x') + E\,k(y, y') - 2\,E\,k(x, y)"
    largest: ClassVar[int] = 2_500

    def compare(self, samples: Samples, reference: Reference, generator: torch.Generator) -> float:
        """The squared discrepancy, without a unit."""
        x = samples.x
        scale, own = reference.term(self)
        n, m = len(x), len(reference.x)
        within = sum_within(x, _gaussian(scale)) / (n * (n - 1))
        between = sum_between(x, reference.x, _gaussian(scale)) / (n * m)
        return within + own - 2 * between

    def prepare(self, reference: Reference) -> tuple[float, float]:
        """2h², and the mean kernel between two points of the reference."""
        m = len(reference.x)
        few = reference.at_most(MEDIAN_POINTS).x
        rows, columns = torch.triu_indices(len(few), len(few), offset=1)
        median = float(squared_distances(few, few)[rows, columns].median())
        scale = 2 * median or 1.0  # all points in one place: any width tells the same
        return scale, sum_within(reference.x, _gaussian(scale)) / (m * (m - 1))

    def bounds(self, reference: Reference) -> tuple[float, float]:
        """No more than 2, as the kernel lies in (0, 1]; the unbiased estimate may be negative."""
        return -2.0, 2.0

    def rate(self, d: int) -> float:
        """As 1/N, in any dimension."""
        return 1.0


def _gaussian(scale: float) -> Kernel:
    return lambda squared: squared.div_(-scale).exp_()
