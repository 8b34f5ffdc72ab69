"""How deep in the data a model's samples lie."""

from __future__ import annotations

import math
from typing import ClassVar

from models.measures._base import MEASURES, Reference
from models.measures._manifold import Manifold
from models.measures._overlap import Overlap


@MEASURES.register
class Density(Manifold):
    """In how many balls of data points a sample lies, over k: (1/kN) Σ_i Σ_j 1[x_i ∈ B(y_j, ρ_k(y_j))], k = 5.

    A perfect sampler has 1 on average; samples that crowd where data are dense have more.

    Source: Naeem et al. 2020, Reliable Fidelity and Diversity Metrics, arXiv:2002.09797, equation 3.
    """

    title: ClassVar[str] = "Density"
    source: ClassVar[str] = "Naeem et al. 2020, Reliable Fidelity and Diversity Metrics, arXiv:2002.09797, equation 3"
    formula: ClassVar[str] = r"\frac{1}{kN} \sum_i \sum_j 1[x_i \in B(y_j, \rho_k(y_j))]"
    live: ClassVar[bool] = False

    def share(self, found: Overlap) -> float:
        """The mean count over k."""
        return float(found.counts.sum()) / (found.k * len(found.samples))

    def bounds(self, reference: Reference) -> tuple[float, float]:
        """All samples may lie in all balls."""
        return 0.0, math.inf
