"""Standard normal noise."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor

from models.latents._base import LATENTS, Latent


@LATENTS.register
class Gaussian(Latent):
    """Standard normal noise z ~ N(0, I).

    Unbounded and rotation invariant: no direction of the latent space is special.

    Source: Goodfellow et al. 2014, arXiv:1406.2661, section 3 (the prior p_z).
    """

    title: ClassVar[str] = "Gaussian N(0, I)"
    source: ClassVar[str] = "Goodfellow et al. 2014, arXiv:1406.2661, section 3"
    capabilities: ClassVar[frozenset[str]] = frozenset({"everywhere", "standard_normal"})
    formula: ClassVar[str] = r"z \sim N(0, I_k)"

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw z ~ N(0, I), shape (n, k)."""
        return torch.randn(n, self.dimension, generator=generator)

    def log_prob(self, z: Tensor) -> Tensor:
        """−(‖z‖² + k log 2π) / 2 in nats, shape (N,)."""
        return -0.5 * (z.square().sum(1) + self.dimension * math.log(2 * math.pi))

    @property
    def extent(self) -> float:
        """Three standard deviations."""
        return 3.0
