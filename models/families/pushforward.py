"""The pushforward of noise through a network: the implicit model of every GAN."""

from __future__ import annotations

from typing import ClassVar

import torch

from models.architectures import Architecture
from models.architectures._net import Net
from models.data._picture import Shape, numbers
from models.families._base import FAMILIES, Family, Model, NetworkModel, Recipe
from models.latents import Latent


class PushforwardModel(NetworkModel):
    """P_θ = (g_θ)# P_Z with g_θ one network."""

    def __init__(self, net: Net, latent: Latent, generator: torch.Generator) -> None:
        self.latent = latent
        self.dimension = numbers(net.outputs)
        self.network = net.build(generator)


@FAMILIES.register
class Pushforward(Family):
    """Noise pushed through a network: x̂ = g_θ(z), z ~ P_Z.

    Sampling is one pass and gradients flow to θ through the samples; the density of x̂ is not available, so D must be
    computed from samples alone.

    Source: Goodfellow et al. 2014, arXiv:1406.2661, section 3.
    """

    title: ClassVar[str] = "Pushforward"
    source: ClassVar[str] = "Goodfellow et al. 2014, arXiv:1406.2661, section 3"
    formula: ClassVar[str] = r"P_\theta = (g_\theta)_{\#} P_Z"
    capabilities: ClassVar[frozenset[str]] = frozenset({"sample", "push"})

    def label(self, architecture: Architecture) -> str:
        """The network says all."""
        return architecture.label()

    def nets(self, recipe: Recipe) -> tuple[Net, ...]:
        """The generator."""
        return (_generator(recipe.architecture, recipe.latent, recipe.data.shape),)

    def build(self, architecture: Architecture, latent: Latent, shape: Shape, generator: torch.Generator) -> Model:
        """A generator network from ℝᵏ to ℝᵈ."""
        return PushforwardModel(_generator(architecture, latent, shape), latent, generator)


def _generator(architecture: Architecture, latent: Latent, shape: Shape) -> Net:
    return Net("architecture", architecture, latent.dimension, shape)
