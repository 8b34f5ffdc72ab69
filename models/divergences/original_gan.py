"""The value function of the first GAN, as an f-divergence of its own.

V(D) = E_P[log D(x)] + E_Q[log(1 − D(x̂))] with D = eᵀ = σ(v). At the best critic V = 2 JSD(P ‖ Q) − log 4, and what is
reported as D is V + log 4, so that it is 0 between equals.
"""

from __future__ import annotations

import math
from typing import ClassVar, Final

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid, softplus

from models.divergences._base import DIVERGENCES
from models.divergences._differentiated import Differentiated
from models.divergences._guarded import relative_entropy

LOG_2: Final = math.log(2)


@DIVERGENCES.register
class OriginalGan(Differentiated):
    """The game of the first GAN: a critic that tells data from samples, as a classifier.

    f(u) = u log u − (u + 1) log(u + 1), for which D_f is the value V itself, −log 4 between equals; bound and exact
    value are given as V + log 4 = 2 JSD. ``generator_loss = minimax`` descends E_Q[log(1 − D)], which fades as the
    critic wins; ``non_saturating`` descends −E_Q[log D], the paper's own remedy: the same fixed point, with a gradient
    that stays, and one that counts modes no more than the reverse KL does.

    Source: Goodfellow et al. 2014, arXiv:1406.2661, eq. 1, section 3 and Theorem 1; Nowozin et al. 2016,
    arXiv:1606.00709, Table 1; on the non-saturating loss: Arjovsky and Bottou 2017, arXiv:1701.04862, Theorem 2.5.
    """

    title: ClassVar[str] = "Original GAN"
    source: ClassVar[str] = "Goodfellow et al. 2014, arXiv:1406.2661, eq. 1 and Theorem 1"
    formula: ClassVar[str] = r"\sup_{0 < D < 1}\ E_x[\log D(x)] + E_{\hat x}[\log(1 - D(\hat x))] + \log 4"

    def f(self, u: Tensor) -> Tensor:
        """u·log u − (u + 1) log(u + 1)."""
        return torch.xlogy(u, u) - (u + 1) * torch.log1p(u)

    def derivative(self, log_ratio: Tensor) -> Tensor:
        """f′(u) = log(u/(1 + u))."""
        return logsigmoid(log_ratio)

    def conjugate(self, t: Tensor) -> Tensor:
        """−log(1 − eᵗ), t < 0."""
        return -torch.log(-torch.expm1(t))

    def activation(self, output: Tensor) -> Tensor:
        """T = log σ(v)."""
        return logsigmoid(output)

    def conjugate_at(self, output: Tensor) -> Tensor:
        """−log(1 − σ(v)) = softplus(v)."""
        return softplus(output)

    def activation_slope(self, output: Tensor) -> Tensor:
        """σ(−v)."""
        return (-output).sigmoid_()

    def conjugate_slope(self, output: Tensor) -> Tensor:
        """σ(v)."""
        return output.sigmoid()

    def bound(self, critic_loss: float) -> float:
        """V + log 4."""
        return super().bound(critic_loss) + 2 * LOG_2

    def integrand(self, log_p: Tensor, log_q: Tensor) -> Tensor:
        """p·log(p/(p + q)) + q·log(q/(p + q))."""
        log_sum = torch.logaddexp(log_p, log_q)
        return relative_entropy(log_p, log_sum) + relative_entropy(log_q, log_sum)

    def exact(self, log_p: Tensor, log_q: Tensor, cell: float) -> float:
        """V + log 4, with log 2 counted for as much of P and of Q as the grid holds: exactly 0 between equals."""
        mass = cell * float(log_p.double().exp().sum() + log_q.double().exp().sum())
        return super().exact(log_p, log_q, cell) + LOG_2 * mass
