"""The velocity of the path is predicted."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from models.predictions._base import PREDICTIONS, Prediction
from models.schedules import Level


@PREDICTIONS.register
class Velocity(Prediction):
    """The net says how fast u_t moves, and in which direction: α′ u₀ + σ′ ε.

    Its mean over all paths through a place is the field that carries the whole law along, and it stays finite at both
    ends.

    Source: Lipman et al. 2023, arXiv:2210.02747, eq. 8 and 9.
    """

    title: ClassVar[str] = "Velocity du/dt"
    source: ClassVar[str] = "Lipman et al. 2023, arXiv:2210.02747, eq. 8 and 9"
    formula: ClassVar[str] = r"F_\theta(u_t, t) \approx \alpha_t'\, u_0 + \sigma_t'\, \varepsilon"

    def target(self, clean: Tensor, noise: Tensor, level: Level) -> Tensor:
        """α′ u₀ + σ′ ε."""
        return level.velocity(clean, noise)

    def split(self, output: Tensor, u: Tensor, level: Level) -> tuple[Tensor, Tensor]:
        """The solution of u_t = α u₀ + σ ε and F = α′ u₀ + σ′ ε."""
        whole = _determinant(level)
        clean = (level.sigma_slope * u - level.sigma * output) / whole
        return clean, (level.alpha * output - level.alpha_slope * u) / whole

    def noise_slope(self, level: Level) -> Tensor:
        """α / (α σ′ − σ α′)."""
        return level.alpha / _determinant(level)


def _determinant(level: Level) -> Tensor:
    return level.alpha * level.sigma_slope - level.sigma * level.alpha_slope
