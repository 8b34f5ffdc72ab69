"""Latent noise with normal noise behind it: all chance that a sample of a two-stage model is made of."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

import torch
from torch import Tensor

from models.latents._base import LATENTS, Latent
from models.registry import member_type, option


class WithNoise(Latent):
    """z ~ P_Z in the first columns, then independent standard normal noise.

    With it a sample drawn from p(x|z) is a function of fixed noise, so points move from step to step and do not
    flicker.
    """

    title: ClassVar[str] = "latent and noise"
    capabilities: ClassVar[frozenset[str]] = frozenset({"everywhere"})

    first: Annotated[Latent, member_type(LATENTS)]
    dimension: int = option(2, label="dimension", low=1, help="How many numbers z and the noise have together.")

    @classmethod
    def behind(cls, first: Latent, noise: int) -> WithNoise:
        """This law of z, with so many numbers of noise after it."""
        return cls(first=first, dimension=first.dimension + noise)

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Both parts, shape (n, k + noise)."""
        noise = self.dimension - self.first.dimension
        return torch.cat([self.first.draw(n, generator), torch.randn(n, noise, generator=generator)], 1)

    @property
    def has_density(self) -> bool:
        """Whether that of z is known."""
        return self.first.has_density

    def log_prob(self, z: Tensor) -> Tensor:
        """Sum of both parts' log densities, in nats, shape (N,)."""
        first, noise = z[:, : self.first.dimension], z[:, self.first.dimension :]
        normal = -0.5 * (noise.square().sum(1) + noise.shape[1] * math.log(2 * math.pi))
        return self.first.log_prob(first) + normal

    @property
    def extent(self) -> float:
        """Of z alone, which is what pictures show."""
        return self.first.extent
