"""What every schedule offers: how much of the data is left, and how much noise is there, at each time."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Final

import torch
from torch import Tensor

from models.registry import Member, Registry


@dataclass(frozen=True, eq=False)
class Level:
    """Where the process stands at some times: u_t = α u₀ + σ ε.

    Attributes:
        alpha: α, shape of the times.
        sigma: σ, the same shape.
        alpha_slope: dα/dt.
        sigma_slope: dσ/dt.
    """

    alpha: Tensor
    sigma: Tensor
    alpha_slope: Tensor
    sigma_slope: Tensor

    @property
    def drift(self) -> Tensor:
        """The factor f = α′/α of the forward equation du = f u dt + g dw."""
        return self.alpha_slope / self.alpha

    @property
    def diffusion(self) -> Tensor:
        """Its g² = 2σσ′ − 2σ² α′/α: what makes the law of u_t the one of α u₀ + σ ε."""
        return 2 * self.sigma * (self.sigma_slope - self.drift * self.sigma)

    @property
    def power(self) -> Tensor:
        """α² + σ², the variance of u_t for data of variance 1."""
        return self.alpha.square() + self.sigma.square()

    def place(self, clean: Tensor, noise: Tensor) -> Tensor:
        """α u₀ + σ ε, for data and noise of shapes that go with the times'."""
        return self.alpha * clean + self.sigma * noise

    def velocity(self, clean: Tensor, noise: Tensor) -> Tensor:
        """α′ u₀ + σ′ ε: how the place moves if data and noise stay as they are."""
        return self.alpha_slope * clean + self.sigma_slope * noise


class Schedule(Member):
    """How data turn into noise over s from 0 to 1: u_s = α(s) u₀ + σ(s) ε with ε ~ N(0, I).

    Capabilities: ``score`` (α and σ are positive throughout ``span``, so that noise, data and score follow from one
    another); ``exploding`` (α = 1 throughout, and σ grows far beyond the data).

    Attributes:
        span: first and last s in use where the process is continuous; at the ends of [0, 1] some are singular.
    """

    capabilities: ClassVar[frozenset[str]] = frozenset({"score"})
    span: ClassVar[tuple[float, float]] = (1e-3, 1.0)

    @abstractmethod
    def level(self, s: Tensor) -> Level:
        """α, σ and their derivatives in s, any shape."""

    def draw(self, n: int, chance: torch.Generator) -> Tensor:
        """Shares of ``span`` at which training looks, shape (n,), in [0, 1]: evenly spread, shifted by one draw.

        Every share is uniform, so a loss is estimated without bias, and with less spread than by independent draws.
        Source: Kingma et al. 2021, Variational diffusion models, arXiv:2107.00630, appendix I.1.
        """
        return (torch.arange(n) + torch.rand(1, generator=chance)) / n


SCHEDULES: Final[Registry[Schedule]] = Registry("schedules", Schedule)
