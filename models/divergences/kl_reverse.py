"""The Kullback-Leibler divergence from model to data: it would rather miss a mode than fill a gap."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from models.divergences._base import DIVERGENCES
from models.divergences._differentiated import Unfading
from models.divergences._guarded import guarded_exp, guarded_slope, relative_entropy


@DIVERGENCES.register
class KlReverse(Unfading):
    """Mean surprise of the data's law at the model's samples: it seeks modes.

    KL(Q ‖ P) = E_Q[log q/p]. Samples where there are no data cost much, data without samples cost nothing: a model that
    is too simple locks on one mode. With T = −e^(−v), v is the log ratio and f*(T) = v − 1, so the minimax generator
    has the same gradient everywhere and needs no other loss. On data that the critic rejects beyond v = −20 the
    exponential goes on as its tangent.

    Source: Nowozin et al. 2016, arXiv:1606.00709, Table 1 and section 2.3; on its modes: Minka 2005, Divergence
    measures and message passing, section 3.
    """

    title: ClassVar[str] = "Reverse KL"
    source: ClassVar[str] = "Nowozin et al. 2016, arXiv:1606.00709, Table 1"
    capabilities: ClassVar[frozenset[str]] = frozenset({"critic", "known_density"})
    formula: ClassVar[str] = r"E_{\hat x}[\log \frac{p_\theta}{p}] = \sup_{T < 0}\, 1 + E_x[T] + E_{\hat x}[\log(-T)]"

    def f(self, u: Tensor) -> Tensor:
        """−log u."""
        return -u.log()

    def derivative(self, log_ratio: Tensor) -> Tensor:
        """−1/u."""
        return -(-log_ratio).exp()

    def conjugate(self, t: Tensor) -> Tensor:
        """−1 − log(−t), t < 0."""
        return -1 - (-t).log()

    def activation(self, output: Tensor) -> Tensor:
        """T = −e^(−v)."""
        return -guarded_exp(-output)

    def conjugate_at(self, output: Tensor) -> Tensor:
        """f*(g(v)) = v − 1."""
        return output - 1

    def activation_slope(self, output: Tensor) -> Tensor:
        """e^(−v)."""
        return guarded_slope(-output)

    def conjugate_slope(self, output: Tensor) -> Tensor:
        """1."""
        return output.new_ones(output.shape)

    def integrand(self, log_p: Tensor, log_q: Tensor) -> Tensor:
        """q·log(q/p)."""
        return relative_entropy(log_q, log_p)
