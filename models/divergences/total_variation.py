"""Total variation: half the area between two densities."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from models.divergences._base import DIVERGENCES
from models.divergences._differentiated import Unfading


@DIVERGENCES.register
class TotalVariation(Unfading):
    """The greatest difference that P and Q make to the probability of any event.

    TV(P, Q) = ½ ∫ |p − q|, between 0 and 1. The best critic is −½ or ½ and says only which law is denser, not by how
    much, so the generator learns nothing of the size of its error. T = ½ tanh(v), and for minimax and non-saturating
    loss alike the gradient is lost wherever the critic is sure: on disjoint laws training stops.

    Source: Nowozin et al. 2016, arXiv:1606.00709, Tables 1 and 6; as a distance that stays flat on disjoint laws:
    Arjovsky et al. 2017, arXiv:1701.07875, example 1.
    """

    title: ClassVar[str] = "Total variation"
    source: ClassVar[str] = "Nowozin et al. 2016, arXiv:1606.00709, Tables 1 and 6"
    formula: ClassVar[str] = r"\sup_{\vert T \vert \leq 1/2}\ E_x[T(x)] - E_{\hat x}[T(\hat x)]"

    def f(self, u: Tensor) -> Tensor:
        """½ |u − 1|."""
        return (u - 1).abs() / 2

    def derivative(self, log_ratio: Tensor) -> Tensor:
        """½ sign(u − 1)."""
        return log_ratio.sign() / 2

    def conjugate(self, t: Tensor) -> Tensor:
        """t, |t| ≤ ½."""
        return t

    def activation(self, output: Tensor) -> Tensor:
        """T = ½ tanh(v)."""
        return output.tanh() / 2

    def activation_slope(self, output: Tensor) -> Tensor:
        """½ (1 − tanh²(v))."""
        return output.tanh().square_().mul_(-0.5).add_(0.5)

    def conjugate_slope(self, output: Tensor) -> Tensor:
        """The same."""
        return self.activation_slope(output)

    def integrand(self, log_p: Tensor, log_q: Tensor) -> Tensor:
        """½ |p − q|."""
        return (log_p.exp() - log_q.exp()).abs() / 2
