"""The squared Hellinger distance: how far the roots of two densities lie apart."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.divergences._base import DIVERGENCES
from models.divergences._differentiated import Differentiated
from models.divergences._guarded import guarded_exp, guarded_slope


@DIVERGENCES.register
class SquaredHellinger(Differentiated):
    """Squared distance of √p and √q: symmetric, between covering and seeking modes.

    H²(P, Q) = ∫ (√p − √q)², between 0 and 2. It is 2 on all disjoint laws, however far apart. With T = 1 − e^(−v) the
    log ratio is 2v and both losses of the critic are exponentials, steeper than those of a classifier: critic rates
    must be lower. The minimax generator fades as e^v, the non-saturating one grows as e^(−v). Exponents beyond 20 go
    on as tangents.

    Source: Nowozin et al. 2016, arXiv:1606.00709, Tables 1 and 6.
    """

    title: ClassVar[str] = "Hellinger²"
    source: ClassVar[str] = "Nowozin et al. 2016, arXiv:1606.00709, Tables 1 and 6"
    formula: ClassVar[str] = r"\sup_{T < 1}\ E_x[T(x)] - E_{\hat x}[\frac{T(\hat x)}{1 - T(\hat x)}]"

    def f(self, u: Tensor) -> Tensor:
        """(√u − 1)²."""
        return (u.sqrt() - 1).square()

    def derivative(self, log_ratio: Tensor) -> Tensor:
        """1 − u^(−1/2)."""
        return -torch.expm1(-log_ratio / 2)

    def conjugate(self, t: Tensor) -> Tensor:
        """t/(1 − t), t < 1."""
        return t / (1 - t)

    def activation(self, output: Tensor) -> Tensor:
        """T = 1 − e^(−v)."""
        return 1 - guarded_exp(-output)

    def conjugate_at(self, output: Tensor) -> Tensor:
        """e^v − 1."""
        return guarded_exp(output) - 1

    def activation_slope(self, output: Tensor) -> Tensor:
        """e^(−v)."""
        return guarded_slope(-output)

    def conjugate_slope(self, output: Tensor) -> Tensor:
        """e^v."""
        return guarded_slope(output)

    def integrand(self, log_p: Tensor, log_q: Tensor) -> Tensor:
        """(√p − √q)²."""
        return ((log_p / 2).exp() - (log_q / 2).exp()).square()
