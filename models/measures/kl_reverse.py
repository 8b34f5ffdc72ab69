"""How much a model adds to P_X: samples where there are no data cost most."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from models.measures._base import MEASURES, LogDensity, Reference, Samples
from models.measures._f_divergence import FIFTH, FDivergence, relative_entropy
from models.measures._neighbours import Neighbours, Side, neighbours


@MEASURES.register
class KLReverse(FDivergence):
    """Reverse KL divergence D_KL(P_θ ‖ P_X) = E_q [log q − log p].

    Where P_X has an exact density, only the entropy of P_θ is estimated: −Ĥ(q) − E_q log p with the fifth neighbour.
    Then the cost of a sample far from all data is the true one, which two samples cannot show: a ring with modes
    twice as wide (divergence 1.61) has 1.65 so and .36 from two samples. It is infinite if a sample lies where P_X has
    no mass. Without an exact density it is estimated as ``kl_forward`` is, with the two samples in exchanged places.

    Source: Kozachenko and Leonenko 1987, Probl. Inf. Transm. 23(2), as in Kraskov et al. 2004, equation 20; two
    samples: Wang, Kulkarni and Verdú 2009, IEEE Trans. Inf. Theory 55(5), equation 5.
    """

    title: ClassVar[str] = "Reverse KL"
    source: ClassVar[str] = "Wang, Kulkarni and Verdú 2009, IEEE Trans. Inf. Theory 55(5), equation 5"
    formula: ClassVar[str] = r"E_q\,[\log q - \log p]"
    unit: ClassVar[str] = "nats"
    live: ClassVar[bool] = True

    def compare(self, samples: Samples, reference: Reference, generator: torch.Generator) -> float:
        """The divergence, in nats."""
        log_p = reference.log_prob
        if log_p is None or self.is_exact(samples, reference):
            return super().compare(samples, reference, generator)
        return -_entropy(neighbours(samples, reference).samples) - _mean(log_p, samples)

    def integrand(self, log_p: Tensor, log_q: Tensor) -> Tensor:
        """Of q log(q/p)."""
        return relative_entropy(log_q, log_p)

    def estimate(self, near: Neighbours) -> float:
        """The mean log ratio at the samples, in nats."""
        return float(near.samples.log_ratios(FIFTH).values.mean())

    def bounds(self, reference: Reference) -> tuple[float, float]:
        """Any number: the estimate of 0 may be negative."""
        return -math.inf, math.inf


def _mean(log_p: LogDensity, samples: Samples) -> float:
    return float(log_p(samples.x).double().mean())


def _entropy(side: Side) -> float:
    """ψ(N) − ψ(k) + log c_d + (d/N) Σ log ρ_k, nats, with c_d the volume of the unit ball."""
    from scipy.special import digamma, gammaln  # a window that opens must not wait for scipy

    n, d = side.x.shape
    k = min(FIFTH, n - 1)
    unit_ball = d / 2 * math.log(math.pi) - gammaln(d / 2 + 1)
    return float(digamma(n) - digamma(k) + unit_ball + d * np.log(side.radius(k)).mean())
