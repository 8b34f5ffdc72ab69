"""The noising process of one model: a schedule, run over times t from 0, nearly data, to 1, nearly noise."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from models.schedules._base import Level, Schedule


@dataclass(frozen=True, eq=False)
class Reversal:
    """The law of u_s at an earlier time s < t, given u_t and the data: N(place · u_t + data · u₀, least · I).

    Given u_t alone its variance lies between ``least``, for data that are known, and ``greatest``, for data that are
    standard normal. Source: Ho et al. 2020, arXiv:2006.11239, eq. 6 and 7 and section 3.2, for any α and σ.

    Attributes:
        place: what u_t is multiplied by, shape of the times.
        data: what u₀ is multiplied by.
        least: the variance.
        greatest: the variance given u_t alone of standard normal data.
    """

    place: Tensor
    data: Tensor
    least: Tensor
    greatest: Tensor

    @classmethod
    def between(cls, before: Level, after: Level) -> Reversal:
        """From the level at t to the one at s, where there is less noise."""
        ratio = before.alpha / after.alpha
        fresh = before.sigma**2 - ratio**2 * after.sigma**2
        share = after.sigma**2 / before.sigma**2
        greatest = fresh * after.power / before.power
        return cls(ratio * share, after.alpha * fresh / before.sigma**2, fresh * share, greatest)


@dataclass(frozen=True)
class NoiseProcess:
    """A schedule over times t in [0, 1], at all of them or at T levels alone.

    t = 0 is the least noise that the model knows and t = 1 the most; the data themselves lie before t = 0 where there
    is noise left, and at it otherwise.

    Attributes:
        schedule: the ways of α and σ.
        levels: T, how many levels training looks at, t = 0, 1/(T − 1), …, 1; 0 for all times.
    """

    schedule: Schedule
    levels: int = 0

    def at(self, t: Tensor | float) -> Level:
        """α and σ with their derivatives in t, shape and type of t; double precision for a plain number."""
        first, last = self._span
        times = t if isinstance(t, Tensor) else torch.tensor(t, dtype=torch.float64)
        level = self.schedule.level(first + (last - first) * times)
        stretch = last - first
        return Level(level.alpha, level.sigma, stretch * level.alpha_slope, stretch * level.sigma_slope)

    def start(self, z: Tensor) -> Tensor:
        """σ(1) z: where a sample starts, any shape; what is left of the data at t = 1 is left out."""
        return float(self.at(1.0).sigma) * z

    def draw_times(self, n: int, chance: torch.Generator) -> Tensor:
        """Times for training, shape (n,)."""
        share = self.schedule.draw(n, chance)
        if not self.levels:
            return share
        index = (share * self.levels).long().clamp_max(self.levels - 1)
        return index / max(1, self.levels - 1)

    def grid(self, steps: int) -> list[float]:
        """Times from 1 down to 0 at which a sampler of so many steps looks at the model.

        Where there is noise left at t = 0 the last step goes on from there to the data: ``steps`` times, else one more.
        With T levels and no more steps than that all times are levels.
        """
        count = steps if self.ends_noisy else steps + 1
        times = torch.linspace(1, 0, count, dtype=torch.float64) if count > 1 else torch.ones(1, dtype=torch.float64)
        if 1 < count <= self.levels:
            times = (times * (self.levels - 1)).round() / (self.levels - 1)
        return times.tolist()

    @property
    def ends_noisy(self) -> bool:
        """Whether some noise is left at t = 0."""
        return float(self.at(0.0).sigma) > 0

    @property
    def _span(self) -> tuple[float, float]:
        first, last = self.schedule.span
        return (last / self.levels, last) if self.levels else (first, last)
