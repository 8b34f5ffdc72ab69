"""The Kullback-Leibler divergence from data to model: what maximum likelihood minimises."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.divergences._base import DIVERGENCES
from models.divergences._differentiated import Differentiated
from models.divergences._guarded import guarded_exp, guarded_slope, relative_entropy


@DIVERGENCES.register
class KlForward(Differentiated):
    """Mean log-likelihood that the model loses on data: it covers every mode.

    KL(P ‖ Q) = E_P[log p/q]. Where data lie and the model has no mass it is infinite, so the model spreads over all of
    the data, and over the gaps between modes if it must. The critic's loss weighs samples by the ratio e^(T−1) that it
    believes in, so a few samples can dominate it; beyond T − 1 = 20 the exponential goes on as its tangent. The minimax
    generator fades on samples that the critic rejects. The non-saturating one climbs log p/q instead, which is the
    gradient of the reverse KL when the critic is at its best.

    Source: Nowozin et al. 2016, arXiv:1606.00709, Table 1; Kullback and Leibler 1951, Ann. Math. Stat. 22, eq. 2.4.
    """

    title: ClassVar[str] = "KL"
    source: ClassVar[str] = "Nowozin et al. 2016, arXiv:1606.00709, Table 1"
    capabilities: ClassVar[frozenset[str]] = frozenset({"critic", "likelihood"})
    formula: ClassVar[str] = r"E_x[\log \frac{p}{p_\theta}] = \sup_T\, E_x[T] - E_{\hat x}[e^{T - 1}]"

    def f(self, u: Tensor) -> Tensor:
        """u·log u."""
        return torch.xlogy(u, u)

    def derivative(self, log_ratio: Tensor) -> Tensor:
        """1 + log u."""
        return 1 + log_ratio

    def conjugate(self, t: Tensor) -> Tensor:
        """e^(t−1)."""
        return guarded_exp(t - 1)

    def activation(self, output: Tensor) -> Tensor:
        """T = v."""
        return output

    def activation_slope(self, output: Tensor) -> Tensor:
        """1."""
        return torch.ones_like(output)

    def conjugate_slope(self, output: Tensor) -> Tensor:
        """e^(v−1)."""
        return guarded_slope(output - 1)

    def integrand(self, log_p: Tensor, log_q: Tensor) -> Tensor:
        """p·log(p/q)."""
        return relative_entropy(log_p, log_q)
