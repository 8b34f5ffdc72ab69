"""What every latent law offers: noise z ~ P_Z in ℝᵏ, the distribution that a generator pushes forward."""

from __future__ import annotations

from abc import abstractmethod
from typing import Final

import torch
from torch import Tensor

from models.registry import Member, Registry, option


class Latent(Member):
    """A known law P_Z over ℝᵏ that is easy to draw from.

    Capabilities: ``everywhere`` (its density is positive on all of ℝᵏ), ``standard_normal`` (it is N(0, I)).
    """

    dimension: int = option(
        2, label="dimension k", symbol="k", low=1, high=1 << 20, log=True,
        help="How many numbers one latent sample z has.",
    )  # fmt: skip

    @abstractmethod
    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw latent samples: shape (n, k), float32, from ``generator`` alone."""

    @property
    def has_density(self) -> bool:
        """Whether ``log_prob`` is known."""
        return True

    @abstractmethod
    def log_prob(self, z: Tensor) -> Tensor:
        """Exact log density in nats: shape (N, k) to (N,). Only where ``has_density``."""

    @property
    @abstractmethod
    def extent(self) -> float:
        """Half the side of the square around the origin that holds nearly all of the mass, for pictures."""


LATENTS: Final[Registry[Latent]] = Registry("latents", Latent)
