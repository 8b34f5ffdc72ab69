"""The least squares GAN: the critic is a regression on labels 1 for data and 0 for samples."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.divergences._base import DIVERGENCES, CriticDivergence


@DIVERGENCES.register
class LeastSquares(CriticDivergence):
    """A critic that regresses on labels instead of classifying: its slope never saturates.

    Minimising E_P[(T − 1)²] + E_Q[T²] leads to T* = p/(p + q), and with it to the Vincze–Le Cam divergence
    Δ = ½ ∫ (p − q)²/(p + q) = 1 − 2 · loss, between 0 and 1 and flat on disjoint laws. Samples far on the wrong side of
    the label pull on the generator in proportion to their distance; the non-saturating loss is E_Q[(T − 1)²], the
    minimax one −E_Q[T²], which fades at T = 0 where the critic wins.

    Source: Mao et al. 2017, arXiv:1611.04076, eq. 2 and 9 (labels 0 and 1), doubled; Vincze 1981; Le Cam 1986.
    """

    title: ClassVar[str] = "Least squares"
    source: ClassVar[str] = "Mao et al. 2017, arXiv:1611.04076, eq. 2 and 9"
    formula: ClassVar[str] = r"1 - 2 \min_T \left( E_x[(T(x) - 1)^2] + E_{\hat x}[T(\hat x)^2] \right)"
    group: ClassVar[str] = "Losses by name"
    capabilities: ClassVar[frozenset[str]] = frozenset({"critic"})

    def critic_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """E_P[(T − 1)²] + E_Q[T²]."""
        return (real - 1).square().mean() + fake.square().mean()

    def critic_slopes(self, real: Tensor, fake: Tensor) -> tuple[float, Tensor, Tensor]:
        """2(T − 1)/N on data and 2T/N on samples."""
        return float(self.critic_loss(real, fake)), (real - 1).mul_(2 / len(real)), fake * (2 / len(fake))

    def bound(self, critic_loss: float) -> float:
        """Δ ≥ 1 − 2 · loss."""
        return 1 - 2 * critic_loss

    def minimax_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """−E_Q[T²]."""
        return -fake.square().mean()

    def minimax_slopes(self, fake: Tensor, real: Tensor | None = None) -> tuple[float, Tensor]:
        """−2T/N."""
        return float(self.minimax_loss(fake)), fake * (-2 / len(fake))

    def non_saturating_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """E_Q[(T − 1)²]."""
        return (fake - 1).square().mean()

    def non_saturating_slopes(self, fake: Tensor, real: Tensor | None = None) -> tuple[float, Tensor]:
        """2(T − 1)/N."""
        return float(self.non_saturating_loss(fake)), (fake - 1).mul_(2 / len(fake))

    @property
    def threshold(self) -> float:
        """½."""
        return 0.5

    def optimal(self, log_ratio: Tensor) -> Tensor:
        """T* = p/(p + q)."""
        return log_ratio.sigmoid()

    def exact(self, log_p: Tensor, log_q: Tensor, cell: float) -> float:
        """½ ∫ (p − q)²/(p + q) = ½ ∫ (p + q) tanh²(½ log p/q)."""
        log_p, log_q = log_p.double(), log_q.double()
        parts = (log_p.exp() + log_q.exp()) * ((log_p - log_q) / 2).tanh().square() / 2
        return cell * float(torch.nan_to_num(parts, nan=0.0).sum())
