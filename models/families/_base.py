"""What every family offers: how an architecture becomes a distribution P_θ."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final

import torch
from torch import Tensor

from models.architectures import Architecture
from models.architectures._network import Network
from models.data._units import Units
from models.latents import Latent
from models.registry import Member, Registry


class Model(ABC):
    """A distribution P_θ with weights: what a family builds and an objective trains.

    A family declares in its capabilities which of these it can do: ``sample``, ``push`` (x̂ = g_θ(z) with gradients
    to θ), ``log_prob``, ``encode`` …
    """

    network: Network
    """The weights θ that training moves."""

    latent: Latent
    dimension: int
    units: Units | None = None
    """From what the network gives to data units; training itself stays inside."""

    @abstractmethod
    def push_inside(self, z: Tensor) -> Tensor:
        """x̂ = g_θ(z) in the units of training, without gradient: shape (N, k) to (N, d)."""

    @abstractmethod
    def push_recorded(self, z: Tensor) -> Tensor:
        """The same, remembering what ``pull_back`` needs."""

    @abstractmethod
    def pull_back(self, dx: Tensor) -> None:
        """Turn ∂L/∂x̂ of the last ``push_recorded``, shape (N, d), into ∂L/∂θ in ``network.gradient``."""

    def push(self, z: Tensor) -> Tensor:
        """x̂ = g_θ(z) in data units, for looking at, without gradient: shape (N, k) to (N, d)."""
        return self.outward(self.push_inside(z))

    def outward(self, x: Tensor) -> Tensor:
        """From the units of training to data units, shape (N, d)."""
        return x if self.units is None else self.units.outward(x)

    def inward(self, x: Tensor) -> Tensor:
        """From data units to the units of training, shape (N, d)."""
        return x if self.units is None else self.units.inward(x)

    def sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw from P_θ by pushing latent samples: shape (n, d)."""
        return self.push(self.latent.draw(n, generator).to(self.network.theta.device))


class NetworkModel(Model):
    """A model whose samples are one network's outputs: x̂ = g_θ(z)."""

    def push_inside(self, z: Tensor) -> Tensor:
        """x̂ = g_θ(z), shape (N, k) to (N, d)."""
        return self.network.evaluate(z)

    def push_recorded(self, z: Tensor) -> Tensor:
        """x̂ = g_θ(z), kept for ``pull_back``."""
        return self.network.forward(z)

    def pull_back(self, dx: Tensor) -> None:
        """∂L/∂θ = Σᵢ (∂x̂ᵢ/∂θ)ᵀ ∂L/∂x̂ᵢ."""
        self.network.backward(dx)


class Family(Member):
    """A way to turn an architecture and a latent law into a distribution."""

    @abstractmethod
    def build(self, architecture: Architecture, latent: Latent, dimension: int, generator: torch.Generator) -> Model:
        """Make a model over ℝᵈ with fresh weights.

        Args:
            architecture: the function class.
            latent: P_Z.
            dimension: d, how many numbers a sample has.
            generator: the only source of chance for the initial weights.
        """


FAMILIES: Final[Registry[Family]] = Registry("families", Family)
