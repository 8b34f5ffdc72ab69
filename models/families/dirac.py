"""One point that moves: the least model there is to train."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.architectures import Architecture
from models.architectures._affine_pass import AffineModule, AffinePass
from models.architectures._network import Network
from models.data._picture import Shape, numbers
from models.families._base import FAMILIES, Family, Model, NetworkModel
from models.latents import Latent
from models.registry import option


class DiracModel(NetworkModel):
    """P_θ = δ_θ: whatever z is, x̂ = θ."""

    def __init__(self, latent: Latent, start: Tensor) -> None:
        self.latent = latent
        self.dimension = len(start)
        self.network = Network(AffineModule(None, start), AffinePass)


@FAMILIES.register
class Dirac(Family):
    """All mass at one point: P_θ = δ_θ, with the point as its only weight.

    The architecture and the noise are not used: there is no function to choose. On the line against data at 0 and with
    a linear critic it is the Dirac-GAN, where unregularised training circles around its equilibrium for ever.

    Source: Mescheder et al. 2018, arXiv:1801.04406, definition 2.1.
    """

    title: ClassVar[str] = "One point"
    source: ClassVar[str] = "Mescheder et al. 2018, arXiv:1801.04406, definition 2.1"
    formula: ClassVar[str] = r"P_\theta = \delta_\theta"
    capabilities: ClassVar[frozenset[str]] = frozenset({"sample", "push"})
    idle: ClassVar[frozenset[str]] = frozenset({"architecture"})

    start: float = option(
        1.0, label="start", symbol="θ₀", low=-100.0, high=100.0, help="Where the point is at first, on every axis."
    )

    def build(self, architecture: Architecture, latent: Latent, shape: Shape, generator: torch.Generator) -> Model:
        """The point at its start, in the units of training."""
        return DiracModel(latent, torch.full((numbers(shape),), self.start))
