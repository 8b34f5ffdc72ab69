"""The noise levels of EDM: fine steps near the data, coarse ones far off."""

from __future__ import annotations

from typing import ClassVar, Final

import torch
from torch import Tensor

from models.registry import option
from models.schedules._base import SCHEDULES, Level
from models.schedules._exploding import Exploding, exploding, least_option, most_option

LEAST_PROBABILITY: Final = 1e-6
"""Draws beyond this quantile of log σ count as at it: the inverse of its distribution function is infinite at 0."""


@SCHEDULES.register
class Karras(Exploding):
    """u_s = u₀ + σ ε, where the ρ-th root of σ grows evenly for sampling, and log σ is normal for training.

    σ(s) = (σ_min^{1/ρ} + s (σ_max^{1/ρ} − σ_min^{1/ρ}))^ρ, α = 1; in training log σ ~ N(P_mean, P_std²): the levels at
    which something can be learnt, neither so low that the noise is invisible nor so high that all data look alike.

    Source: Karras et al. 2022, Elucidating the design space of diffusion-based generative models, arXiv:2206.00364,
    eq. 5 and table 1; σ in standard deviations of the data, where theirs are half a unit wide, and P_std wider than
    their 1.2, for points in the plane have finer detail than pictures.
    """

    title: ClassVar[str] = "Karras (EDM)"
    source: ClassVar[str] = "Karras et al. 2022, arXiv:2206.00364, eq. 5"
    formula: ClassVar[str] = (
        r"\sigma_t = \left(\sigma_{\min}^{1/\rho} + t\,(\sigma_{\max}^{1/\rho} - \sigma_{\min}^{1/\rho})\right)^{\rho}"
    )

    least: float = least_option(0.004)
    most: float = most_option(20.0)
    curvature: float = option(
        7.0, label="curvature", symbol="ρ", low=1.0, high=20.0,
        help="1 spaces the noise levels of a sampler evenly; larger values bring more of them near the data.",
    )  # fmt: skip
    mean: float = option(
        -1.2, label="training mean", symbol="P_mean", low=-6.0, high=4.0, help="Mean of log σ in training."
    )
    std: float = option(
        1.8, label="training spread", symbol="P_std", low=0.1, high=5.0,
        help="Standard deviation of log σ in training.",
    )  # fmt: skip

    def level(self, s: Tensor) -> Level:
        """σ′ = ρ (σ_max^{1/ρ} − σ_min^{1/ρ}) σ^{1 − 1/ρ}."""
        low, high = self._ends
        root = low + (high - low) * s
        slope = self.curvature * (high - low) * root ** (self.curvature - 1)
        return exploding(root**self.curvature, slope)

    def draw(self, n: int, chance: torch.Generator) -> Tensor:
        """Times at which log σ is normal, as far as it lies between the ends; shape (n,)."""
        normal = torch.special.ndtri(super().draw(n, chance).clamp(LEAST_PROBABILITY, 1 - LEAST_PROBABILITY))
        low, high = self._ends
        root = torch.exp((self.mean + self.std * normal) / self.curvature)
        return ((root - low) / (high - low)).clamp(0, 1)

    @property
    def _ends(self) -> tuple[float, float]:
        return self.least ** (1 / self.curvature), self.most ** (1 / self.curvature)
