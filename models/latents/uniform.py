"""Uniform noise on a cube."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor

from models.latents._base import LATENTS, Latent


@LATENTS.register
class Uniform(Latent):
    """Uniform noise z ~ U[−1, 1]ᵏ.

    Bounded: a continuous generator can send it only to a bounded set, and the cube's faces stay visible as the edges of
    what is generated.

    Source: Radford et al. 2016, DCGAN, arXiv:1511.06434, section 4 (a uniform Z).
    """

    title: ClassVar[str] = "Uniform on a cube"
    source: ClassVar[str] = "Radford et al. 2016, arXiv:1511.06434, section 4"
    formula: ClassVar[str] = r"z \sim U[-1, 1]^k"

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw z ~ U[−1, 1]ᵏ, shape (n, k)."""
        return torch.rand(n, self.dimension, generator=generator).mul_(2).sub_(1)

    def log_prob(self, z: Tensor) -> Tensor:
        """−k log 2 inside the cube, minus infinity outside, in nats, shape (N,)."""
        inside = (z.abs() <= 1).all(dim=1)
        return torch.where(inside, -self.dimension * math.log(2), -math.inf).to(z)

    @property
    def extent(self) -> float:
        """The cube itself."""
        return 1.0
