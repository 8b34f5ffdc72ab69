"""How much of P_X a model leaves out: the divergence that maximum likelihood makes small."""

from __future__ import annotations

import math
from typing import ClassVar

from torch import Tensor

from models.measures._base import MEASURES, Reference
from models.measures._f_divergence import FIFTH, FDivergence, relative_entropy
from models.measures._neighbours import Neighbours


@MEASURES.register
class KLForward(FDivergence):
    """Forward KL divergence D_KL(P_X ‖ P_θ) = E_p [log p − log q].

    From samples: (d/M) Σ log(ν_k/ρ_k) + log(N/(M−1)) with k = 5, where ρ_k is the distance from a point of P_X to the
    k-th nearest of the others and ν_k that to the k-th nearest of P_θ. It is too low where the laws are far apart:
    2-D Gaussians with a divergence of 1 have .93 from 2,000 points, with 4 only 3.1. Where both samples have the
    same point, their shares of it are compared; no distance counts as less than float32 can tell apart.

    Source: Wang, Kulkarni and Verdú 2009, IEEE Trans. Inf. Theory 55(5), equation 5.
    """

    title: ClassVar[str] = "Forward KL"
    source: ClassVar[str] = "Wang, Kulkarni and Verdú 2009, IEEE Trans. Inf. Theory 55(5), equation 5"
    formula: ClassVar[str] = r"E_p\,[\log p - \log q]"
    unit: ClassVar[str] = "nats"
    live: ClassVar[bool] = True

    def integrand(self, log_p: Tensor, log_q: Tensor) -> Tensor:
        """Of p log(p/q)."""
        return relative_entropy(log_p, log_q)

    def estimate(self, near: Neighbours) -> float:
        """The mean log ratio at the data, in nats."""
        return float(near.data.log_ratios(FIFTH).values.mean())

    def bounds(self, reference: Reference) -> tuple[float, float]:
        """Any number: the estimate of 0 may be negative."""
        return -math.inf, math.inf
