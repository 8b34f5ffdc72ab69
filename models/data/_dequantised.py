"""Levels widened to intervals: uniform noise lets a density be held against a probability.

A density p gives the level x, whose interval is x + [−w/2, w/2]ᵈ, the probability P(x) = ∫ p over that interval. With u
uniform on [−½, ½]ᵈ Jensen's inequality gives

    E_u[log p(x + w u)] + d log w ≤ log P(x),

with equality where p is constant in the interval. So a likelihood of noised levels is an honest bound, and one that is
trained on the levels themselves, where a density may grow without end, is none.

Source: Theis, van den Oord and Bethge 2016, arXiv:1511.01844, section 3.1; Uria et al. 2013, arXiv:1306.0186.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Bins:
    """Equal intervals around equally spaced levels.

    Attributes:
        low: the lowest level, data units.
        width: w, from one level to the next, data units.
        count: how many levels there are.
    """

    low: float
    width: float
    count: int

    @property
    def ends(self) -> tuple[float, float]:
        """Where the lowest interval begins and the highest one ends."""
        return self.low - self.width / 2, self.low + self.width * (self.count - 0.5)

    def noised(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Levels with uniform noise as wide as one of them, any shape."""
        noise = torch.rand(x.shape, generator=generator) - 0.5
        return x + self.width * noise.to(x)

    def level_of(self, x: Tensor) -> Tensor:
        """The level in whose interval a value lies, any shape."""
        index = ((x - self.low) / self.width + 0.5).floor().clamp(0, self.count - 1)
        return self.low + self.width * index

    def log_mass(self, log_density: Tensor, dimension: int) -> Tensor:
        """From log p at noised levels to what bounds log P of the levels themselves from below, nats: any shape."""
        return log_density + dimension * math.log(self.width)
