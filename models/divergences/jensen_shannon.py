"""The Jensen-Shannon divergence: what the original GAN minimises.

With the critic's raw output v and D(x) = σ(v(x)), Goodfellow et al. maximise

    V(D) = E_P[log D(x)] + E_Q[log(1 − D(x̂))] = −E_P[softplus(−v)] − E_Q[softplus(v)]      (1)

whose maximum over all D is 2 JSD(P ‖ Q) − log 4, reached at v = log p/q. So JSD ≥ log 2 + V/2 for every critic. It is
the f-divergence of f(u) = u log u − (u + 1) log((1 + u)/2), halved, with T = log 2D.
"""

from __future__ import annotations

import math
from typing import ClassVar, Final

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid, softplus

from models.divergences._base import DIVERGENCES
from models.divergences._f_divergence import FDivergence

LOG_2: Final = math.log(2)


@DIVERGENCES.register
class JensenShannon(FDivergence):
    """Half the KL divergence of P and of Q from their mean.

    JSD(P ‖ Q) = ½ KL(P ‖ M) + ½ KL(Q ‖ M), M = (P + Q)/2; between 0 and log 2. On disjoint supports it is log 2
    whatever the distance, so a perfect critic leaves the minimax generator no gradient.

    Source: Goodfellow et al. 2014, arXiv:1406.2661, eq. 1 and Theorem 1; vanishing gradients: Arjovsky and Bottou
    2017, arXiv:1701.04862, Theorem 2.1.
    """

    title: ClassVar[str] = "Jensen–Shannon"
    source: ClassVar[str] = "Goodfellow et al. 2014, arXiv:1406.2661, eq. 1 and Theorem 1"
    formula: ClassVar[str] = r"\sup_T\ E_x[\log \sigma(T(x))] + E_{\hat x}[\log(1 - \sigma(T(\hat x)))]"
    scale: ClassVar[float] = 0.5

    def f(self, u: Tensor) -> Tensor:
        """u·log u − (u + 1) log((1 + u)/2)."""
        return torch.xlogy(u, u) - (u + 1) * ((1 + u) / 2).log()

    def derivative(self, log_ratio: Tensor) -> Tensor:
        """f′(u) = log(2u/(1 + u))."""
        return LOG_2 + logsigmoid(log_ratio)

    def conjugate(self, t: Tensor) -> Tensor:
        """−log(2 − eᵗ), t < log 2."""
        return -torch.log(2 - t.exp())

    def activation(self, output: Tensor) -> Tensor:
        """T = log(2σ(v))."""
        return LOG_2 + logsigmoid(output)

    def conjugate_at(self, output: Tensor) -> Tensor:
        """−log 2(1 − σ(v)) = softplus(v) − log 2: loses no digits where σ would round to 1."""
        return softplus(output) - LOG_2

    def integrand(self, log_p: Tensor, log_q: Tensor) -> Tensor:
        """p·log(p/m) + q·log(q/m), with m the mean of both; 0 log 0 = 0."""
        log_m = torch.logaddexp(log_p, log_q) - LOG_2
        parts = [log.exp() * (log - log_m) for log in (log_p, log_q)]
        return sum((torch.nan_to_num(part, nan=0.0) for part in parts), torch.zeros(()))

    def critic_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """−V − log 4: the same as of any f-divergence, in fewer steps."""
        return softplus(-real).mean() + softplus(fake).mean() - 2 * LOG_2

    def critic_slopes(self, real: Tensor, fake: Tensor) -> tuple[float, Tensor, Tensor]:
        """−σ(−v)/N on data and σ(v)/N on samples."""
        loss = float(self.critic_loss(real, fake))
        return loss, (-real).sigmoid_().mul_(-1 / len(real)), fake.sigmoid().mul_(1 / len(fake))

    def minimax_slopes(self, fake: Tensor, real: Tensor | None = None) -> tuple[float, Tensor]:
        """−σ(v)/N: fades as the critic wins."""
        return float(self.minimax_loss(fake)), fake.sigmoid().mul_(-1 / len(fake))

    def non_saturating_slopes(self, fake: Tensor, real: Tensor | None = None) -> tuple[float, Tensor]:
        """−σ(−v)/N (Goodfellow et al. 2014, section 3)."""
        return float(self.non_saturating_loss(fake)), (-fake).sigmoid_().mul_(-1 / len(fake))
