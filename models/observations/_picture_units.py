"""Between the units in which noise comes in and the data units of pictures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from models.families._denoising import DenoisingModel
from models.observations._base import Subject
from models.schedules import NoiseProcess

EDGE: Final = 0.005
"""Share of the source that may lie beyond each side of a picture."""

SOURCE: Final = 2_000
"""Points by which the source's extent is known."""


@dataclass(frozen=True, eq=False)
class PictureUnits:
    """x = m + s v / c with v in the units of the process and x in data units.

    c is 1, or, of a process that explodes, the standard deviation √(α² + σ²) of v: so all times fit into one picture.

    Attributes:
        centre: m, where data have their mean if they are standardised, shape (d,), data units.
        scale: s, one number for each coordinate, shape (d,), data units.
        process: how noise comes in.
    """

    centre: Tensor
    scale: Tensor
    process: NoiseProcess

    @classmethod
    def of(cls, model: DenoisingModel) -> PictureUnits:
        """Those of a model with its present weights; they were learnt before the first step and stay as they are."""
        inside = model.denoiser
        stretch = torch.ones(model.dimension) if model.units is None else model.units.scale
        return cls(model.outward(inside.centre[None])[0], stretch * inside.scale, model.process)

    @property
    def key(self) -> tuple[float, ...]:
        """What tells them from others of the same process."""
        return (*self.centre.tolist(), *self.scale.tolist())

    @property
    def is_even(self) -> bool:
        """Whether noise is as wide in each coordinate."""
        return bool((self.scale == self.scale[0]).all())

    @property
    def is_shrunk(self) -> bool:
        """Whether places are shown divided by their standard deviation at their time."""
        return "exploding" in self.process.schedule.capabilities

    def outward(self, v: Tensor, c: float = 1.0) -> Tensor:
        """Places of the process, shape (N, d), in data units."""
        return self.centre + self.scale * v / c

    def inward(self, x: Tensor, c: float = 1.0) -> Tensor:
        """Places in data units, shape (N, d), in those of the process."""
        return (x - self.centre) / self.scale * c

    def shrinkage(self, t: float) -> float:
        """The c of a time before the last of the noise is taken away; without any it is 1."""
        return math.sqrt(float(self.process.at(t).power)) if self.is_shrunk else 1.0

    def velocity(self, dv: Tensor, v: Tensor, t: float) -> Tensor:
        """Dx/dt for dv/dt at v, shape (N, d) each: s (v′/c − v c′/c²), data units per unit of t."""
        level, c = self.process.at(t), self.shrinkage(t)
        growth = float(level.alpha * level.alpha_slope + level.sigma * level.sigma_slope) / c if self.is_shrunk else 0.0
        return self.scale * (dv / c - v * (growth / c**2))

    def score(self, slope: Tensor, t: float) -> Tensor:
        """∇ log p(x) for ∇ log p(v), shape (N, d): c/s as large, per data unit."""
        return slope * (self.shrinkage(t) / self.scale)


def process_bounds(subject: Subject) -> tuple[float, float, float, float]:
    """The part of data space that holds the source as well as the data: left, bottom, right, top, data units."""
    model = subject.game.model
    assert isinstance(model, DenoisingModel)
    units = PictureUnits.of(model)
    x = units.outward(model.source_of(subject.noise[:SOURCE]), units.shrinkage(1.0))[:, :2]
    low, high = x.quantile(torch.tensor([EDGE, 1 - EDGE]), dim=0).tolist()
    left, bottom, right, top = subject.bounds
    if subject.dimension == 1:
        return (min(left, low[0]), bottom, max(right, high[0]), top)
    middle = ((left + right) / 2, (bottom + top) / 2)
    half = max((right - left) / 2, *(abs(e - m) for ends in (low, high) for e, m in zip(ends, middle, strict=True)))
    return (middle[0] - half, middle[1] - half, middle[0] + half, middle[1] + half)
