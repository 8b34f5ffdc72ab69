"""The density of P_θ, estimated from many pushes."""

from __future__ import annotations

from typing import ClassVar, Final

import torch

from models.observations._base import CURVE_POINTS, OBSERVATIONS, Arrays, Observation, Subject, only_up_to, plain
from models.observations._kde import histogram_density

PUSHES: Final = 50_000
SIDE: Final = 128


@OBSERVATIONS.register
class Density(Observation):
    """The density q of P_θ from 50,000 pushes, a histogram smoothed by a Gaussian of one cell."""

    title: ClassVar[str] = "density of the model"
    source: ClassVar[str] = "Silverman 1986, Density estimation, section 4.2"

    def missing(self, subject: Subject) -> str:
        """For one and two dimensions."""
        return only_up_to(2, subject)

    def observe(self, subject: Subject) -> Arrays:
        """``q``: shape (128, 128), row 0 at the bottom, or (256,) for one dimension."""
        noise = torch.Generator().manual_seed(0)
        x = subject.game.model.sample(PUSHES, noise).cpu()
        side = SIDE if subject.dimension == 2 else CURVE_POINTS
        return {"q": plain(histogram_density(x, subject.bounds, side))}
