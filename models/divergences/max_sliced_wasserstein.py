"""The max-sliced Wasserstein distance: transport on the line that shows the greatest difference."""

from __future__ import annotations

from typing import ClassVar, Final

import torch
from torch import Tensor

from models.divergences._base import DIVERGENCES, slopes
from models.divergences._projections import directions, line_costs
from models.divergences._transport import TransportCost
from models.registry import option

STARTS: Final = 16
"""Random directions of which the best is where the ascent begins."""


@DIVERGENCES.register
class MaxSlicedWasserstein(TransportCost):
    """Transport cost from the one direction that tells data and samples apart best.

    max over unit vectors w of Wₚᵖ(wᵀx, wᵀx̂): a linear critic of one direction, found anew for each batch by some steps
    of ascent. It wastes nothing on directions that show nothing, which helps in many dimensions; but samples move along
    one line at a time, so the model turns from one to another. Few steps of ascent give less than the maximum.

    Source: Deshpande et al. 2019, arXiv:1904.05877, eq. 7 and Algorithm 1.
    """

    title: ClassVar[str] = "Max-sliced W"
    source: ClassVar[str] = "Deshpande et al. 2019, arXiv:1904.05877"
    formula: ClassVar[str] = r"\max_{\Vert w \Vert = 1} W_p^p(w^\top x, w^\top \hat x)"

    steps: int = option(
        10, label="ascent steps", symbol="K", low=0, high=1000, live=True,
        help="How many steps the direction climbs before each step of the generator; 0 takes the best of 16 at random.",
    )  # fmt: skip

    def estimate(self, real: Tensor, fake: Tensor, chance: torch.Generator) -> Tensor:
        """Wₚᵖ along the best direction found, which is held constant in the gradient."""
        return line_costs(real, fake, self.best_direction(real, fake, chance), self.power)[0]

    def best_direction(self, real: Tensor, fake: Tensor, chance: torch.Generator) -> Tensor:
        """The direction of the greatest cost met on the way, shape (1, d)."""
        real, fake = real.detach(), fake.detach()
        starts = directions(STARTS, real, chance)
        along = starts[line_costs(real, fake, starts, self.power).argmax()][None]
        best, most = along, -1.0
        for step in range(self.steps + 1):
            value, slope = slopes(lambda w: line_costs(real, fake, w, self.power)[0], along)
            if value > most:
                best, most = along, value
            along = along + slope / slope.norm().clamp_min(torch.finfo(slope.dtype).tiny) / (step + 1)
            along = along / along.norm()
        return best
