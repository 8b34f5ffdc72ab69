"""The density of P_θ: exact where the family has one, else estimated from many pushes."""

from __future__ import annotations

from typing import ClassVar, Final

import torch
from torch import Tensor

from models.observations._base import CURVE_POINTS, OBSERVATIONS, Arrays, Observation, Subject, only_up_to, plain
from models.observations._kde import ENOUGH, histogram_density, width_for

SIDE: Final = 128
COARSEST: Final = 48


@OBSERVATIONS.register
class Density(Observation):
    """The density q of P_θ: its own where it has one, else a histogram of 50,000 pushes, blurred by one cell.

    Where a push is slow, the fixed noise must do; the fewer samples it has, the wider they are blurred.
    """

    title: ClassVar[str] = "density of the model"
    source: ClassVar[str] = "Silverman 1986, Density estimation, section 4.2"

    def missing(self, subject: Subject) -> str:
        """For one and two dimensions."""
        return only_up_to(2, subject)

    def observe(self, subject: Subject) -> Arrays:
        """``q``: shape (128, 128) or less, row 0 at the bottom, or (256,) for one dimension."""
        return {"q": plain(model_density(subject))}


def model_density(subject: Subject) -> Tensor:
    """The density q in the cells that fill the shown part of data space: (S, S), row 0 at the bottom, or (256,).

    S is 128, or the model's own ``density_side`` where its density is exact; less where that is of many laws.
    """
    return subject.once_of_weights("density", lambda: (_exact if _has_exact(subject) else _counted)(subject))


def _has_exact(subject: Subject) -> bool:
    return subject.game.model.density == "exact"


def cell_axes(subject: Subject, side: int) -> list[Tensor]:
    """Middles of the equal cells that fill the shown part of data space, along each axis: d of shape (side,)."""
    left, bottom, right, top = subject.bounds
    share = (torch.arange(side) + 0.5) / side
    return [left + (right - left) * share, bottom + (top - bottom) * share][: subject.dimension]


def cell_middles(subject: Subject, side: int) -> Tensor:
    """The same as points: (side, 1) or (side², 2), bottom row first."""
    axes = torch.meshgrid(*cell_axes(subject, side), indexing="xy")
    return torch.stack([axis.reshape(-1) for axis in axes], 1)


def _exact(subject: Subject) -> Tensor:
    model = subject.game.model
    side = max(COARSEST, round(model.density_side / model.laws**0.5))
    return model.density_map(cell_axes(subject, side if subject.dimension == 2 else CURVE_POINTS))


def blur(subject: Subject) -> float:
    """By how many cells a density that is counted is blurred, as a standard deviation."""
    return width_for(len(subject.noise) if subject.is_costly else ENOUGH, subject.dimension)


def _counted(subject: Subject) -> Tensor:
    chance = torch.Generator().manual_seed(0)
    x = subject.fake if subject.is_costly else subject.game.model.sample(ENOUGH, chance).cpu()
    side = SIDE if subject.dimension == 2 else CURVE_POINTS
    return histogram_density(x, subject.bounds, side, blur(subject))
