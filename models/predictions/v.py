"""A mixture of noise and data is predicted, which is a good question at every level of noise."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from models.predictions._base import PREDICTIONS, Prediction
from models.schedules import Level


@PREDICTIONS.register
class V(Prediction):
    """The net says v = α ε − σ u₀: near the data it is asked for the noise, near the noise for the data.

    With α = cos φ and σ = sin φ this is the velocity du/dφ. For other schedules what is missing is divided by
    S = α² + σ².

    Source: Salimans and Ho 2022, Progressive distillation for fast sampling of diffusion models, arXiv:2202.00512,
    section 4 and appendix D.
    """

    title: ClassVar[str] = "v"
    source: ClassVar[str] = "Salimans and Ho 2022, arXiv:2202.00512, section 4"
    formula: ClassVar[str] = r"F_\theta(u_t, t) \approx \alpha_t\, \varepsilon - \sigma_t\, u_0"

    def target(self, clean: Tensor, noise: Tensor, level: Level) -> Tensor:
        """α ε − σ u₀."""
        return level.alpha * noise - level.sigma * clean

    def split(self, output: Tensor, u: Tensor, level: Level) -> tuple[Tensor, Tensor]:
        """u₀ = (α u_t − σ v) / S, ε = (σ u_t + α v) / S."""
        clean = (level.alpha * u - level.sigma * output) / level.power
        return clean, (level.sigma * u + level.alpha * output) / level.power

    def noise_slope(self, level: Level) -> Tensor:
        """α / S."""
        return level.alpha / level.power
