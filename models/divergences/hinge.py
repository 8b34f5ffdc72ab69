"""The hinge loss of support vector machines, as a game."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.divergences._base import DIVERGENCES, CriticDivergence


@DIVERGENCES.register
class Hinge(CriticDivergence):
    """A critic that rests once it is right by a margin, and a generator that climbs it everywhere.

    E_P[max(0, 1 − T)] + E_Q[max(0, 1 + T)] is least at T* = sign(p − q), where it is 2(1 − TV): so TV ≥ 1 − loss/2. The
    critic spends no slope on points beyond the margin. The generator's loss −E_Q[T] keeps its gradient there as far as
    the critic has one; the minimax loss −E_Q[max(0, 1 + T)] loses it below T = −1. Usually with spectral norm.

    Source: Lim and Ye 2017, Geometric GAN, arXiv:1705.02894, section 3; Miyato et al. 2018, arXiv:1802.05957,
    eq. 16-17.
    """

    title: ClassVar[str] = "Hinge"
    source: ClassVar[str] = "Lim and Ye 2017, arXiv:1705.02894; Miyato et al. 2018, arXiv:1802.05957, eq. 16-17"
    formula: ClassVar[str] = (
        r"1 - \frac{1}{2} \min_T \left( E_x[\max(0, 1 - T(x))] + E_{\hat x}[\max(0, 1 + T(\hat x))] \right)"
    )
    group: ClassVar[str] = "Losses by name"
    capabilities: ClassVar[frozenset[str]] = frozenset({"critic"})

    def critic_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """E_P[max(0, 1 − T)] + E_Q[max(0, 1 + T)]."""
        return (1 - real).clamp_min(0).mean() + (1 + fake).clamp_min(0).mean()

    def critic_slopes(self, real: Tensor, fake: Tensor) -> tuple[float, Tensor, Tensor]:
        """−1/N on data below 1, 1/N on samples above −1, 0 elsewhere."""
        loss = float(self.critic_loss(real, fake))
        return loss, (real <= 1).to(real.dtype).mul_(-1 / len(real)), (fake >= -1).to(fake.dtype).mul_(1 / len(fake))

    def bound(self, critic_loss: float) -> float:
        """TV ≥ 1 − loss/2."""
        return 1 - critic_loss / 2

    def minimax_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """−E_Q[max(0, 1 + T)]."""
        return -(1 + fake).clamp_min(0).mean()

    def minimax_slopes(self, fake: Tensor, real: Tensor | None = None) -> tuple[float, Tensor]:
        """−1/N where T is above −1."""
        return float(self.minimax_loss(fake)), (fake >= -1).to(fake.dtype).mul_(-1 / len(fake))

    def non_saturating_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """−E_Q[T] (Lim and Ye 2017)."""
        return -fake.mean()

    def non_saturating_slopes(self, fake: Tensor, real: Tensor | None = None) -> tuple[float, Tensor]:
        """−1/N."""
        return float(self.non_saturating_loss(fake)), torch.full_like(fake, -1 / len(fake))

    def optimal(self, log_ratio: Tensor) -> Tensor:
        """sign(p − q)."""
        return log_ratio.sign()

    def exact(self, log_p: Tensor, log_q: Tensor, cell: float) -> float:
        """Total variation, ½ ∫ |p − q|."""
        return cell * float((log_p.double().exp() - log_q.double().exp()).abs().sum()) / 2
