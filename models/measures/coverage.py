"""How many data points have a sample in their neighbourhood."""

from __future__ import annotations

from typing import ClassVar

from models.measures._base import MEASURES
from models.measures._manifold import Manifold
from models.measures._overlap import Overlap


@MEASURES.register
class Coverage(Manifold):
    """Share of data points with at least one sample in the ball to their fifth nearest other data point.

    A perfect sampler that draws as many samples as there are data points has 1 − 2⁻⁵ = .969, not 1.

    Source: Naeem et al. 2020, Reliable Fidelity and Diversity Metrics, arXiv:2002.09797, equation 4 and section 3.3.
    """

    title: ClassVar[str] = "Coverage"
    source: ClassVar[str] = "Naeem et al. 2020, Reliable Fidelity and Diversity Metrics, arXiv:2002.09797, equation 4"
    formula: ClassVar[str] = r"\frac{1}{M} \sum_j 1[\exists i: x_i \in B(y_j, \rho_k(y_j))]"
    unit: ClassVar[str] = "share"

    def share(self, found: Overlap) -> float:
        """The share, 0 … 1."""
        return float((found.counts > 0).mean())
