"""What normalising flows share: an invertible map from the latent law to data, with the density that it gives."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Final

import torch
import zuko.nn
from torch import Tensor, nn
from zuko.lazy import LazyTransform

from models.architectures import Architecture
from models.architectures._network import Network
from models.data._picture import Shape, numbers
from models.families._base import POINTS, DensityKind, Family, Model, NetworkModel, Recipe, Weighted
from models.latents import Latent
from models.registry import RecipeError, option

LEAST_SCALE: Final = 1e-6
"""A coordinate that never varies keeps a scale by which one can divide."""

MOST_IN_TURN: Final = 16
"""Coordinates that may be drawn one after another: a thousand samples take seconds then, at 64 a minute."""

LEAST_POINTS: Final = 500

FREE: Final = 0.5
"""Bound of the first values of parameters that belong to no layer, as on a line, where nothing steers a transform."""


class FlowModule(nn.Module):
    """u = m + s T_θ⁻¹(z), with T_θ from data to latent space as densities are computed.

    m and s, one of each for a coordinate, are not trained: 0 and 1, or what ``standardise`` finds.
    """

    centre: Tensor
    scale: Tensor

    def __init__(self, transform: LazyTransform, dimension: int, chance: torch.Generator) -> None:
        """Take over a transform; its weights are drawn anew.

        Args:
            transform: from data to latent space.
            dimension: d.
            chance: the only source of the first weights.
        """
        super().__init__()
        self.transform = transform
        self.register_buffer("centre", torch.zeros(dimension))
        self.register_buffer("scale", torch.ones(dimension))
        _draw_weights(transform, chance)

    def standardise(self, u: Tensor) -> None:
        """Let T_θ see data of mean 0 and variance 1, as these points, shape (M, d), are shifted and scaled to be."""
        self.centre.copy_(u.mean(0))
        self.scale.copy_(u.std(0).clamp_min(LEAST_SCALE) if len(u) > 1 else torch.ones_like(self.scale))

    def forward(self, z: Tensor) -> Tensor:
        """From latent space to data, shape (N, d) to (N, d)."""
        return self.centre + self.scale * self.transform().inv(z)

    def push(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """The pair u and log |det ∂u/∂z|, shapes (N, d) and (N,)."""
        v, stretch = self.transform().inv.call_and_ladj(z)
        return self.centre + self.scale * v, stretch + self.scale.log().sum()

    def inverse(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """The pair z = T_θ((u − m) / s) and log |det ∂z/∂u|, shapes (N, d) and (N,)."""
        z, stretch = self.transform().call_and_ladj((u - self.centre) / self.scale)
        return z, stretch - self.scale.log().sum()


class FlowModel(NetworkModel):
    """P_θ = (T_θ⁻¹)# P_Z with log q_θ(u) = log p_Z(T_θ(u)) + log |det ∂T_θ/∂u|."""

    def __init__(self, module: FlowModule, latent: Latent, *, standardised: bool) -> None:
        self.latent = latent
        self.dimension = latent.dimension
        self.network = Network(module)
        self.most = POINTS
        self._module = module
        self._standardised = standardised

    @property
    def density(self) -> DensityKind:
        """By the change of variables."""
        return "exact"

    @property
    def points(self) -> int:
        """As the family says."""
        return self.most

    def start(self, u: Tensor, chance: torch.Generator) -> None:
        """Learn the data's own units, where that is asked for."""
        if self._standardised:
            self._module.standardise(u)

    def log_density(self, u: Tensor) -> Tensor:
        """By the change of variables."""
        z, stretch = self._module.inverse(u)
        return self.latent.log_prob(z) + stretch

    def draw_weighted(self, z: Tensor) -> Weighted:
        """One point for each z, with equal weights."""
        u, stretch = self._module.push(z)  # not back through T_θ again: that would cost a second pass and digits
        return Weighted(u, torch.full((len(z),), 1 / len(z), device=z.device), self.latent.log_prob(z) - stretch)

    def encode(self, x: Tensor) -> Tensor:
        """The inverse pass T_θ(x)."""
        with torch.no_grad():
            return self._module.inverse(self.inward(x))[0]


class Flow(Family):
    """An invertible function, so that its density is exact: both a pushforward and a likelihood model."""

    group: ClassVar[str] = "Normalising flows"
    capabilities: ClassVar[frozenset[str]] = frozenset({"sample", "push", "log_prob", "reparameterised", "encode"})
    requires: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType({"latent": frozenset({"everywhere"})})
    idle: ClassVar[frozenset[str]] = frozenset({"architecture"})
    natural: ClassVar[Mapping[str, Any]] = MappingProxyType(
        {
            "divergence": "kl_forward",
            "objective": "maximum_likelihood",
            "optimizer": {"key": "adam", "schedule": "linear", "ema": 0.99},
        }
    )

    width: int = option(
        64, label="width", low=1, high=512, log=True,
        help="How many units each hidden layer has of the nets that steer the transforms.",
    )  # fmt: skip
    depth: int = option(2, label="depth", low=0, high=6, help="How many hidden layers those nets have.")
    standardised: bool = option(
        default=True, label="standardised",
        help="Shifts and scales each coordinate once, by mean and standard deviation of the data, for the transforms "
        "bend best near the origin; off where the flow must know no data, as against a known density.",
    )  # fmt: skip

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """An invertible function goes between spaces of one dimension."""
        d = recipe.data.dimension
        if recipe.latent.dimension != d:
            yield RecipeError(
                "latent.dimension",
                f"{recipe.latent.dimension} is not allowed: {self.title} is invertible, so k must be d = {d}",
                (f"latent.dimension={d}",),
            )

    def build(self, architecture: Architecture, latent: Latent, shape: Shape, generator: torch.Generator) -> Model:
        """A composition of transforms that starts near the identity, as far as its kind allows."""
        d = numbers(shape)
        module = FlowModule(self.transform(d), d, generator)
        return FlowModel(module, latent, standardised=self.standardised)

    def transform(self, dimension: int) -> LazyTransform:
        """The transform from data to latent space over ℝᵈ."""
        raise NotImplementedError

    @property
    def hidden(self) -> list[int]:
        """Widths of the hidden layers."""
        return [self.width] * self.depth


class SequentialFlow(Flow):
    """A flow whose samples come one coordinate after another: d passes through each transform, of d coordinates each.

    Its density takes one pass, so that it learns from data of any dimension as fast as others do.
    """

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """Nobody waits for pictures of many coordinates."""
        yield from super().objections(recipe)
        d = recipe.data.dimension
        if d > MOST_IN_TURN:
            yield RecipeError(
                "family.key",
                f"{self.title} draws the coordinates of a sample one after another, each with a pass of its own: too "
                f"slow for d = {d}, at most {MOST_IN_TURN}; coupling_flow draws all in one",
                ("family.key=coupling_flow",),
            )

    def build(self, architecture: Architecture, latent: Latent, shape: Shape, generator: torch.Generator) -> Model:
        """A model that is looked at by the fewer points, the more a push costs."""
        model = super().build(architecture, latent, shape, generator)
        assert isinstance(model, FlowModel)
        model.most = max(LEAST_POINTS, min(POINTS, round(POINTS * (2 / numbers(shape)) ** 2)))
        return model


def _draw_weights(transform: nn.Module, chance: torch.Generator) -> None:
    """Matrices and offsets of layers uniform in ±1/√inputs; what no net steers, uniform in ±``FREE``."""
    for part in transform.modules():
        is_layer = isinstance(part, (nn.Linear, zuko.nn.Linear))
        bound = 1 / math.sqrt(max(1, part.in_features)) if is_layer else FREE
        for tensor in part.parameters(recurse=False):
            nn.init.uniform_(tensor, -bound, bound, generator=chance)
