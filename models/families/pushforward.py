"""The pushforward of noise through a network: the implicit model of every GAN."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import torch

from models.architectures import Architecture
from models.architectures._net import Net
from models.data import Data
from models.data._picture import Shape, numbers
from models.families._base import FAMILIES, Family, Model, NetworkModel, Recipe
from models.families._condition import NOTHING, Condition, condition_of
from models.families._conditional import conditional_option, untellable
from models.latents import Latent
from models.latents._with_noise import WithNoise
from models.registry import RecipeError


class PushforwardModel(NetworkModel):
    """P_θ = (g_θ)# P_Z with g_θ one network; of one that is told c, P_θ(·|c) = (g_θ(·, c))# P_Z."""

    def __init__(self, net: Net, latent: Latent, condition: Condition, generator: torch.Generator) -> None:
        self.latent = WithNoise.behind(latent, 1) if condition else latent
        self.dimension = numbers(net.outputs)
        self.condition = condition
        self.network = condition.before(net.build(generator), generator)

    @property
    def latent_dimension(self) -> int:
        """Of z, without the number that decides c."""
        return self.latent.dimension - bool(self.condition)


@FAMILIES.register
class Pushforward(Family):
    """Noise pushed through a network: x̂ = g_θ(z), z ~ P_Z.

    Sampling is one pass and gradients flow to θ through the samples; the density of x̂ is not available, so D must be
    computed from samples alone. A conditional generator is told the class or the caption, x̂ = g_θ(z, c).

    Source: Goodfellow et al. 2014, arXiv:1406.2661, section 3; told c: Mirza and Osindero 2014, arXiv:1411.1784, eq. 2.
    """

    title: ClassVar[str] = "Pushforward"
    source: ClassVar[str] = "Goodfellow et al. 2014, arXiv:1406.2661, section 3"
    formula: ClassVar[str] = r"P_\theta = (g_\theta)_{\#} P_Z"
    capabilities: ClassVar[frozenset[str]] = frozenset({"sample", "push"})
    natural_of_pictures: ClassVar[Mapping[str, Any]] = MappingProxyType(
        {
            "latent": {"key": "gaussian", "dimension": 16},
            # bounded: the ground is black as soon as its outputs are low, and not only where they meet −1
            "architecture": {"key": "convolutional", "bounded": True},
            "objective": {"key": "adversarial", "r1": 0.5, "r2": 0.5, "fade": True, "critic": {"key": "convolutional"}},
            "optimizer": {
                "key": "adam", "lr": 1e-3, "beta1": 0.0, "beta2": 0.99, "schedule": "linear", "hold": 0.3, "ema": 0.999,
            },
        }
    )  # fmt: skip

    conditional: bool = conditional_option()

    def label(self, architecture: Architecture) -> str:
        """The network says all."""
        return architecture.label()

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """There must be something to be told."""
        return untellable(recipe.data) if self.conditional else ()

    def condition(self, data: Data) -> Condition:
        """What the data tell, where it is to be learnt."""
        return condition_of(data) if self.conditional else NOTHING

    def nets(self, recipe: Recipe) -> tuple[Net, ...]:
        """The generator."""
        condition = self.condition(recipe.data)
        return (_generator(recipe.architecture, recipe.latent, recipe.data.shape, condition),)

    def build_for(self, recipe: Recipe, generator: torch.Generator) -> Model:
        """A generator that is told what the data tell, where it is to learn that."""
        (net,), condition = self.nets(recipe), self.condition(recipe.data)
        return PushforwardModel(net, recipe.latent, condition, generator)

    def build(self, architecture: Architecture, latent: Latent, shape: Shape, generator: torch.Generator) -> Model:
        """A generator network from ℝᵏ to ℝᵈ that is told nothing."""
        return PushforwardModel(_generator(architecture, latent, shape, NOTHING), latent, NOTHING, generator)


def _generator(architecture: Architecture, latent: Latent, shape: Shape, condition: Condition) -> Net:
    return Net("architecture", architecture, latent.dimension, shape, condition.width)
