"""What is left when the best linear guess of the data is taken away is predicted, at unit size."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from models.predictions._base import PREDICTIONS, Prediction
from models.schedules import Level


@PREDICTIONS.register
class Preconditioned(Prediction):
    """The net corrects the best linear denoiser, and both what it sees and what it says have variance 1.

    u₀ ≈ (α/S) u_t + (σ/√S) F with S = α² + σ², for data of variance 1. At little noise the net hardly matters, at much
    noise its errors are not blown up. Where S = 1 this is −v.

    Source: Karras et al. 2022, arXiv:2206.00364, eq. 7 and table 1, with σ_data = 1 and for any α.
    """

    title: ClassVar[str] = "Preconditioned (EDM)"
    source: ClassVar[str] = "Karras et al. 2022, arXiv:2206.00364, eq. 7"
    formula: ClassVar[str] = r"u_0 \approx \frac{\alpha_t}{S} u_t + \frac{\sigma_t}{\sqrt{S}} F_\theta"

    def target(self, clean: Tensor, noise: Tensor, level: Level) -> Tensor:
        """(σ u₀ − α ε) / √S."""
        return (level.sigma * clean - level.alpha * noise) / level.power.sqrt()

    def split(self, output: Tensor, u: Tensor, level: Level) -> tuple[Tensor, Tensor]:
        """u₀ = (α/S) u_t + (σ/√S) F, ε = (σ/S) u_t − (α/√S) F."""
        root = level.power.sqrt()
        clean = level.alpha / level.power * u + level.sigma / root * output
        return clean, level.sigma / level.power * u - level.alpha / root * output

    def noise_slope(self, level: Level) -> Tensor:
        """−α / √S."""
        return -level.alpha / level.power.sqrt()
