"""Noise that already has modes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import torch
from torch import Tensor

from models.latents._base import LATENTS, Latent
from models.registry import option


@dataclass(frozen=True, eq=False)
class _Centres:
    means: Tensor


@LATENTS.register
class GaussianMixture(Latent):
    """Equal round Gaussians on a circle in the first two coordinates, all other coordinates N(0, σ²).

    Centres at r (cos 2πm/M, sin 2πm/M, 0, …, 0); with k = 1 they stand evenly on [−r, r]. A continuous generator cannot
    tear connected noise apart to fit separate modes; this noise comes in separate pieces.

    Source: Gurumurthy et al. 2017, DeLiGAN, arXiv:1706.02071, eq. 4 (a mixture as the latent law).
    """

    title: ClassVar[str] = "Gaussian mixture"
    source: ClassVar[str] = "Gurumurthy et al. 2017, arXiv:1706.02071, eq. 4"
    capabilities: ClassVar[frozenset[str]] = frozenset({"everywhere"})
    formula: ClassVar[str] = r"z \sim \frac{1}{M}\sum_m N(\mu_m, \sigma^2 I_k)"

    components: int = option(8, label="components", symbol="M", low=1, high=64, help="How many Gaussians are mixed.")
    radius: float = option(
        2.0, label="radius", symbol="r", low=0.0, high=10.0, help="Distance of the Gaussians from the origin."
    )
    std: float = option(
        0.4, label="std", symbol="σ", low=0.01, high=3.0, log=True, help="Standard deviation of each Gaussian."
    )

    @cached_property
    def _centres(self) -> _Centres:
        if self.dimension == 1:
            middle = (self.components - 1) / 2
            return _Centres(self.radius * (torch.arange(self.components)[:, None] - middle) / max(middle, 0.5))
        angle = 2 * math.pi * torch.arange(self.components) / self.components
        means = torch.zeros(self.components, self.dimension)
        means[:, :2] = self.radius * torch.stack([angle.cos(), angle.sin()], 1)
        return _Centres(means)

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw a component, then μₘ + σ ε with ε ~ N(0, I), shape (n, k)."""
        index = torch.randint(self.components, (n,), generator=generator)
        noise = torch.randn(n, self.dimension, generator=generator)
        return self._centres.means.index_select(0, index).add_(noise, alpha=self.std)

    def log_prob(self, z: Tensor) -> Tensor:
        """Log of the mean of the components' densities, in nats, shape (N,)."""
        # Not through a matrix product: float32 would lose the distances of near points.
        means = self._centres.means.to(z)
        distances = torch.cdist(z, means, compute_mode="donot_use_mm_for_euclid_dist") / self.std
        constant = math.log(self.components) + 0.5 * self.dimension * math.log(2 * math.pi * self.std**2)
        return (-0.5 * distances.square()).logsumexp(dim=1) - constant

    @property
    def extent(self) -> float:
        """Three standard deviations beyond the centres."""
        return self.radius + 3 * self.std
