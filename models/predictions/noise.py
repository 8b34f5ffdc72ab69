"""The noise is predicted."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.predictions._base import PREDICTIONS, Prediction
from models.schedules import Level


@PREDICTIONS.register
class Noise(Prediction):
    """The net says which noise ε is in u_t: up to the factor −1/σ this is the score.

    Near the data it is a hard question, and near pure noise an easy one, where the answer is nearly u_t itself.

    Source: Ho et al. 2020, arXiv:2006.11239, eq. 14.
    """

    title: ClassVar[str] = "Noise ε"
    source: ClassVar[str] = "Ho et al. 2020, arXiv:2006.11239, eq. 14"
    formula: ClassVar[str] = r"F_\theta(u_t, t) \approx \varepsilon"

    def target(self, clean: Tensor, noise: Tensor, level: Level) -> Tensor:
        """ε."""
        return noise

    def split(self, output: Tensor, u: Tensor, level: Level) -> tuple[Tensor, Tensor]:
        """u₀ = (u_t − σ ε) / α."""
        return (u - level.sigma * output) / level.alpha, output

    def noise_slope(self, level: Level) -> Tensor:
        """1."""
        return torch.ones_like(level.alpha)
