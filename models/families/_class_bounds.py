"""What the errors of a denoising net tell of log p(x|c): asked what is behind the same noise, it is told each c.

With λ(t) = log α²/σ² and t uniform on [0, 1],

    log p(u|c) ≥ −½ E_{t, ε}[−λ′(t) ‖ε − ε_θ(u_t, t, c)‖²] + what is the same for every c               (1)

(Kingma et al. 2021, Variational diffusion models, arXiv:2107.00630, section 5), with equality for the best net of each
class (Kong et al. 2023, Information-theoretic diffusion, arXiv:2302.03792, section 2). Of the difference between two
classes hardly anything is chance, for both see the same t and ε.

Source: Li et al. 2023, Your diffusion model is secretly a zero-shot classifier, arXiv:2303.16203, section 3.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import torch
from torch import Tensor

from models.families._denoising import DenoisingModel
from models.schedules import Level, NoiseProcess

GOLDEN: Final = (math.sqrt(5) - 1) / 2
"""Times that are this far apart, modulo 1, lie evenly, however many of them have been looked at."""

TICKS: Final = 2001
"""Times at which noise is looked up."""

END: Final = 1e-2
"""σ/α, and α/σ, that no time passes: at an end without noise or without data λ has no bounds."""

Weight = Callable[[Level], Tensor]
"""Of the square error of what the net predicts, shape of the level's tensors."""


@dataclass(frozen=True, eq=False)
class Times:
    """Times to look at, half of them even in t and half in λ(t): so no weight of (1) over their density is large.

    Attributes:
        every: ticks, shape (K,).
        density: of the times, on [0, 1], at each tick.
        levels: how many there are alone; 0 for all times.
    """

    every: Tensor
    density: Tensor
    levels: int

    @classmethod
    def of(cls, process: NoiseProcess) -> Times:
        """Those of a process."""
        every = torch.linspace(0, 1, TICKS, dtype=torch.float64)
        level = process.at(every)
        inner = torch.minimum(level.sigma / level.alpha, level.alpha / level.sigma) >= END
        every, rate = every[inner], _rate(process.at(every[inner]))
        return cls(every, TICKS / len(every) * (0.5 + 0.5 * rate / rate.mean()), process.levels)

    def at(self, share: float) -> tuple[Tensor, float]:
        """The time before which this share of them lies, shape (1, 1), at a level if there are some; its density."""
        cut = int(torch.searchsorted(self.density.cumsum(0), share * self.density.sum()).clamp_max(len(self.every) - 1))
        t = self.every[cut]
        rounded = (t * (self.levels - 1)).round() / (self.levels - 1) if self.levels else t
        return rounded.view(1, 1), float(self.density[cut])


@dataclass(eq=False)
class ClassBounds:
    """Sums of weighted errors of some samples, told each class, that grow pair by pair.

    Attributes:
        model: told classes.
        v: samples, units of the process, shape (N, d).
        weights: of the errors, one for each of W sums.
        pairs: how many (t, ε) there have been.
    """

    model: DenoisingModel
    v: Tensor
    weights: tuple[Weight, ...]
    pairs: int = 0
    _sums: Tensor = field(init=False)
    _times: Times = field(init=False)

    def __post_init__(self) -> None:
        self._times = Times.of(self.model.process)
        self._sums = torch.zeros(len(self.weights), len(self.v), self.model.classes).to(self.v)

    def add(self) -> None:
        """One pair more: a time that all samples share, and noise of each."""
        model, v, count = self.model, self.v, self.model.classes
        noise = torch.randn(v.shape, generator=torch.Generator().manual_seed(self.pairs)).to(v)
        t, density = self._times.at((0.5 + GOLDEN * self.pairs) % 1)
        level = model.process.at(t.to(v))
        place, target = level.place(v, noise), model.prediction.target(v, noise, level)
        told = torch.arange(count, device=v.device).repeat(len(v))
        said = model.network.evaluate(model.embed(place.repeat_interleave(count, 0), t.to(v), told, level))
        errors = (said[:, : model.dimension].view(len(v), count, -1) - target[:, None]).square().sum(2)
        self._sums += torch.stack([weight(level) / density * errors for weight in self.weights])
        self.pairs += 1

    def log_posterior(self, which: int) -> Tensor:
        """Log p(y|x) by Bayes' rule with one of the weights, shape (N, C), nats."""
        bound = -0.5 * self._sums[which] / self.pairs
        return (bound + self.model.condition.shares.to(bound).log()).log_softmax(1)


def variational(model: DenoisingModel) -> Weight:
    """The weight of (1): −λ′ (∂ε/∂F)²."""

    def weight(level: Level) -> Tensor:
        return _rate(level) * model.prediction.noise_slope(level).square()

    return weight


def _rate(level: Level) -> Tensor:
    """−λ′ = g²/σ²."""
    return level.diffusion / level.sigma.square()
