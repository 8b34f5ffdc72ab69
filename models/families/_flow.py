"""What normalising flows share: an invertible map from the latent law to data, with the density that it gives."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from zuko.lazy import LazyTransform

from models.architectures import Architecture
from models.architectures._network import Network
from models.families._base import DensityKind, Family, Model, NetworkModel, Recipe, Weighted
from models.latents import Latent
from models.registry import RecipeError, option


class FlowModule(nn.Module):
    """u = T_θ⁻¹(z), with T_θ from data to latent space as densities are computed."""

    def __init__(self, transform: LazyTransform, chance: torch.Generator) -> None:
        """Take over a transform; its weights are drawn anew, uniform in ±1/√inputs.

        Args:
            transform: from data to latent space.
            chance: the only source of the first weights.
        """
        super().__init__()
        self.transform = transform
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                _draw_weights(layer, chance)

    def forward(self, z: Tensor) -> Tensor:
        """From latent space to data, shape (N, d) to (N, d)."""
        return self.transform().inv(z)

    def inverse(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """The pair z = T_θ(u) and log |det ∂z/∂u|, shapes (N, d) and (N,)."""
        return self.transform().call_and_ladj(u)


class FlowModel(NetworkModel):
    """P_θ = (T_θ⁻¹)# P_Z with log q_θ(u) = log p_Z(T_θ(u)) + log |det ∂T_θ/∂u|."""

    density: DensityKind = "exact"

    def __init__(self, module: FlowModule, latent: Latent) -> None:
        self.latent = latent
        self.dimension = latent.dimension
        self.network = Network(module)
        self._module = module

    def log_density(self, u: Tensor) -> Tensor:
        """By the change of variables."""
        z, stretch = self._module.inverse(u)
        return self.latent.log_prob(z) + stretch

    def draw_weighted(self, z: Tensor) -> Weighted:
        """One point for each z, with equal weights."""
        u = self._module(z)
        return Weighted(u, torch.full((len(z),), 1 / len(z), device=z.device), self.log_density(u))

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

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """An invertible function goes between spaces of one dimension."""
        d = recipe.data.dimension
        if recipe.latent.dimension != d:
            yield RecipeError(
                "latent.dimension",
                f"{recipe.latent.dimension} is not allowed: {self.title} is invertible, so k must be d = {d}",
                (f"latent.dimension={d}",),
            )

    def build(self, architecture: Architecture, latent: Latent, dimension: int, generator: torch.Generator) -> Model:
        """A composition of transforms that starts near the identity, as far as its kind allows."""
        return FlowModel(FlowModule(self.transform(dimension), generator), latent)

    def transform(self, dimension: int) -> LazyTransform:
        """The transform from data to latent space over ℝᵈ."""
        raise NotImplementedError

    @property
    def hidden(self) -> list[int]:
        """Widths of the hidden layers."""
        return [self.width] * self.depth


def _draw_weights(layer: nn.Linear, chance: torch.Generator) -> None:
    bound = 1 / math.sqrt(max(1, layer.in_features))
    for tensor in (layer.weight, layer.bias):
        if tensor is not None:
            nn.init.uniform_(tensor, -bound, bound, generator=chance)
