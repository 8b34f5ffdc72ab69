"""The Jensen-Shannon divergence: what the original GAN minimises.

With the critic's raw output v and D(x) = σ(v(x)), Goodfellow et al. maximise

    V(D) = E_P[log D(x)] + E_Q[log(1 − D(x̂))] = −E_P[softplus(−v)] − E_Q[softplus(v)]      (1)

whose maximum over all D is 2 JSD(P ‖ Q) − log 4, reached at v = log p/q. So JSD ≥ log 2 + V/2 for every critic.
"""

from __future__ import annotations

import math
from typing import ClassVar

from torch import Tensor
from torch.nn.functional import softplus

from models.divergences._base import DIVERGENCES, CriticDivergence


@DIVERGENCES.register
class JensenShannon(CriticDivergence):
    """Half the KL divergence of P and of Q from their mean.

    JSD(P ‖ Q) = ½ KL(P ‖ M) + ½ KL(Q ‖ M), M = (P + Q)/2; between 0 and log 2. On disjoint supports it is log 2
    whatever the distance, so a perfect critic leaves the minimax generator no gradient.

    Source: Goodfellow et al. 2014, arXiv:1406.2661, eq. 1 and Theorem 1; vanishing gradients: Arjovsky and Bottou
    2017, arXiv:1701.04862, Theorem 2.1.
    """

    title: ClassVar[str] = "Jensen–Shannon"
    source: ClassVar[str] = "Goodfellow et al. 2014, arXiv:1406.2661, eq. 1 and Theorem 1"
    formula: ClassVar[str] = r"\sup_T\ E_x[\log \sigma(T(x))] + E_{\hat x}[\log(1 - \sigma(T(\hat x)))]"
    capabilities: ClassVar[frozenset[str]] = frozenset({"critic"})

    def critic_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """−V of eq. 1, in nats; softplus loses no digits where σ would round to 0 or 1."""
        return softplus(-real).mean() + softplus(fake).mean()

    def critic_slopes(self, real: Tensor, fake: Tensor) -> tuple[float, Tensor, Tensor]:
        """−σ(−v)/N on data and σ(v)/N on samples."""
        loss = float(self.critic_loss(real, fake))
        return loss, (-real).sigmoid_().mul_(-1 / len(real)), fake.sigmoid().mul_(1 / len(fake))

    def bound(self, critic_loss: float) -> float:
        """Log 2 + V/2 ≤ JSD, in nats."""
        return math.log(2) - critic_loss / 2

    def minimax_loss(self, fake: Tensor) -> Tensor:
        """E_Q[log(1 − D)]: fades as the critic wins."""
        return -softplus(fake).mean()

    def non_saturating_loss(self, fake: Tensor) -> Tensor:
        """−E_Q[log D] (Goodfellow et al. 2014, section 3)."""
        return softplus(-fake).mean()

    def minimax_slopes(self, fake: Tensor) -> tuple[float, Tensor]:
        """−σ(v)/N."""
        return float(self.minimax_loss(fake)), fake.sigmoid().mul_(-1 / len(fake))

    def non_saturating_slopes(self, fake: Tensor) -> tuple[float, Tensor]:
        """−σ(−v)/N."""
        return float(self.non_saturating_loss(fake)), (-fake).sigmoid_().mul_(-1 / len(fake))
