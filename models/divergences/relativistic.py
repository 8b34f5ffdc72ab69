"""Relativistic pairing: the critic is asked which of two is the datum."""

from __future__ import annotations

import math
from typing import ClassVar

from torch import Tensor
from torch.nn.functional import softplus

from models.divergences._base import DIVERGENCES, CriticDivergence


@DIVERGENCES.register
class Relativistic(CriticDivergence):
    """Each sample is compared with a datum, so the critic has no single wall that the generator could hide behind.

    D = log 2 − min over T of E[softplus(T(x̂) − T(x))], over pairs of a datum and a sample; 0 between equals, log 2 at
    most. Only differences of T count: dropping a mode shows, because its data stay far above the samples. Both losses
    of the generator read the critic at as many data as samples. The non-saturating one exchanges the roles in the
    pairs; minimax fades as the critic wins. Known to need R1 (and R2) for its good behaviour.

    Source: Jolicoeur-Martineau 2018, arXiv:1807.00734 (pairing); that it is a divergence: 2019,
    arXiv:1901.02474; with R1 and R2: Huang et al. 2024, arXiv:2501.05441, eq. 2.
    """

    title: ClassVar[str] = "Relativistic"
    source: ClassVar[str] = "Jolicoeur-Martineau 2018, arXiv:1807.00734; Huang et al. 2024, arXiv:2501.05441, eq. 2"
    formula: ClassVar[str] = r"\log 2 + \sup_T\ E_{x, \hat x}[\log \sigma(T(x) - T(\hat x))]"
    group: ClassVar[str] = "Losses by name"
    capabilities: ClassVar[frozenset[str]] = frozenset({"critic"})
    paired: ClassVar[bool] = True

    def critic_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """E[softplus(T(x̂) − T(x))].

        Raises:
            ValueError: there are not as many data as samples.
        """
        return softplus(_differences(fake, real)).mean()

    def critic_slopes(self, real: Tensor, fake: Tensor) -> tuple[float, Tensor, Tensor]:
        """∓σ(T(x̂) − T(x))/N."""
        slope = _differences(fake, real).sigmoid_().mul_(1 / len(fake))
        return float(self.critic_loss(real, fake)), -slope, slope

    def bound(self, critic_loss: float) -> float:
        """D ≥ log 2 − loss."""
        return math.log(2) - critic_loss

    def minimax_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """−E[softplus(T(x̂) − T(x))]."""
        return -softplus(_differences(fake, real)).mean()

    def minimax_slopes(self, fake: Tensor, real: Tensor | None = None) -> tuple[float, Tensor]:
        """−σ(T(x̂) − T(x))/N."""
        slope = _differences(fake, real).sigmoid_().mul_(-1 / len(fake))
        return float(self.minimax_loss(fake, real)), slope

    def non_saturating_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """E[softplus(T(x) − T(x̂))]."""
        return softplus(-_differences(fake, real)).mean()

    def non_saturating_slopes(self, fake: Tensor, real: Tensor | None = None) -> tuple[float, Tensor]:
        """−σ(T(x) − T(x̂))/N."""
        slope = _differences(fake, real).neg_().sigmoid_().mul_(-1 / len(fake))
        return float(self.non_saturating_loss(fake, real)), slope


def _differences(fake: Tensor, real: Tensor | None) -> Tensor:
    if real is None or real.shape != fake.shape:
        found = "none" if real is None else str(len(real))
        raise ValueError(f"relativistic pairing needs as many data as samples: {len(fake)} samples, {found} data")
    return fake - real
