"""The Wasserstein-1 distance: how far mass must travel, by Kantorovich and Rubinstein's duality."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.architectures._network import SlopePenalty
from models.divergences._base import DIVERGENCES, CriticDivergence
from models.divergences._potential import kantorovich
from models.registry import option


@DIVERGENCES.register
class Wasserstein1(CriticDivergence):
    """The least mean distance that mass of Q must travel to become P.

    W₁(P, Q) = sup over 1-Lipschitz T of E_P[T] − E_Q[T]. It grows with the distance of disjoint supports, so the
    generator always has a direction. The critic is kept nearly 1-Lipschitz by a penalty on its slope between data and
    samples, by clipping its weights, by spectral norm in its architecture, or by several of these; then the bound
    holds up to that slope. The penalty may count slopes on both sides of 1, or only those above it.

    Source: Arjovsky et al. 2017, arXiv:1701.07875, eq. 2 and Algorithm 1 (clipping); Gulrajani et al. 2017,
    arXiv:1704.00028, eq. 3 (penalty); Petzka et al. 2018, arXiv:1709.08894 (one-sided). The best critic of two
    samples: Peyré and Cuturi 2019, arXiv:1803.00567, section 6.1.
    """

    title: ClassVar[str] = "Wasserstein-1"
    source: ClassVar[str] = (
        "Arjovsky et al. 2017, arXiv:1701.07875, eq. 2; Gulrajani et al. 2017, arXiv:1704.00028, eq. 3"
    )
    formula: ClassVar[str] = r"\sup_{\Vert T \Vert_L \leq 1}\ E_x[T(x)] - E_{\hat x}[T(\hat x)]"
    group: ClassVar[str] = "Integral probability metrics"
    capabilities: ClassVar[frozenset[str]] = frozenset({"critic"})

    gradient_penalty: float = option(
        0.1, label="gradient penalty", symbol="λ", low=0.0, high=1000.0, live=True,
        help="Weight of (‖∇T‖ − 1)² at points between data and samples; 0 takes none.",
    )  # fmt: skip
    one_sided: bool = option(
        default=False, label="one-sided penalty", live=True,
        help="Penalises only slopes above 1: max(0, ‖∇T‖ − 1)². A 1-Lipschitz critic may well be flatter.",
    )  # fmt: skip
    clip: float = option(
        0.0, label="clipping", symbol="c", low=0.0, high=10.0, live=True,
        help="Largest size of a weight of the critic after each of its steps; 0 does not clip.",
    )  # fmt: skip

    @property
    def needs_bounded_critic(self) -> bool:
        """With neither penalty nor clipping, spectral norm must bound the slope."""
        return self.gradient_penalty == 0 and self.clip == 0

    def critic_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """E_Q[T] − E_P[T], in data units times the critic's slope."""
        return fake.mean() - real.mean()

    def critic_slopes(self, real: Tensor, fake: Tensor) -> tuple[float, Tensor, Tensor]:
        """−1/N on data and 1/N on samples."""
        loss = float(self.critic_loss(real, fake))
        return loss, torch.full_like(real, -1 / len(real)), torch.full_like(fake, 1 / len(fake))

    def bound(self, critic_loss: float) -> float:
        """E_P[T] − E_Q[T]."""
        return -critic_loss

    def minimax_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """−E_Q[T]."""
        return -fake.mean()

    def minimax_slopes(self, fake: Tensor, real: Tensor | None = None) -> tuple[float, Tensor]:
        """−1/N."""
        return float(self.minimax_loss(fake)), torch.full_like(fake, -1 / len(fake))

    def non_saturating_slopes(self, fake: Tensor, real: Tensor | None = None) -> tuple[float, Tensor]:
        """The same: the minimax gradient never fades."""
        return self.minimax_slopes(fake)

    def penalty(self, real: Tensor, fake: Tensor, mix: Tensor) -> SlopePenalty | None:
        """λ E[(‖∇T(x̃)‖ − 1)²] at x̃ = u x + (1−u) x̂ (Gulrajani et al. 2017, eq. 3), or of its part above 1."""
        if self.gradient_penalty == 0:
            return None
        weight, least = self.gradient_penalty, 0.0 if self.one_sided else -1.0
        return SlopePenalty(
            torch.lerp(fake, real, mix),
            lambda slope: weight * (slope.norm(dim=1) - 1).clamp_min(least).square().mean(),
        )

    def witness(self, points: Tensor, real: Tensor, fake: Tensor) -> Tensor:
        """The Kantorovich potential of the two samples, carried on to all points with slope at most 1."""
        return kantorovich(points, real, fake, power=1)

    def exact(self, log_p: Tensor, log_q: Tensor, cell: float) -> float | None:
        """∫ |F_P − F_Q| in one dimension, where F is the distribution function; None in more."""
        if log_p.dim() != 1:
            return None
        return cell * cell * float((log_p.double().exp() - log_q.double().exp()).cumsum(0).abs().sum())

    def constrain(self, theta: Tensor) -> None:
        """Clip every weight to [−c, c] (Arjovsky et al. 2017, Algorithm 1, line 7)."""
        if self.clip > 0:
            theta.clamp_(-self.clip, self.clip)
