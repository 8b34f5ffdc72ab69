"""The data are predicted."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from models.predictions._base import PREDICTIONS, Prediction
from models.schedules import Level


@PREDICTIONS.register
class Data(Prediction):
    """The net says what the sample was before any noise came in.

    Near pure noise it is a hard question, whose best answer is the mean of all data, and near the data an easy one;
    the noise that follows from the answer is uncertain there.

    Source: Ho et al. 2020, arXiv:2006.11239, section 3.2; Salimans and Ho 2022, arXiv:2202.00512, section 4.
    """

    title: ClassVar[str] = "Data u₀"
    source: ClassVar[str] = "Salimans and Ho 2022, arXiv:2202.00512, section 4"
    formula: ClassVar[str] = r"F_\theta(u_t, t) \approx u_0"

    def target(self, clean: Tensor, noise: Tensor, level: Level) -> Tensor:
        """u₀."""
        return clean

    def split(self, output: Tensor, u: Tensor, level: Level) -> tuple[Tensor, Tensor]:
        """ε = (u_t − α u₀) / σ."""
        return output, (u - level.alpha * output) / level.sigma

    def noise_slope(self, level: Level) -> Tensor:
        """−α / σ."""
        return -level.alpha / level.sigma
