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
from models.data import Data
from models.data._picture import Shape, numbers
from models.families._base import CHUNK, POINTS, DensityKind, Family, Model, NetworkModel, Recipe
from models.families._bayes import joint
from models.families._box import Box
from models.families._condition import NOTHING, Condition, condition_of
from models.families._conditional import conditional_option, unknown_law, untellable, untold_option
from models.families._weighted import Weighted
from models.latents import Latent
from models.latents._with_noise import WithNoise
from models.registry import RecipeError, option

LEAST_SCALE: Final = 1e-6
"""A coordinate that never varies keeps a scale by which one can divide."""

MOST_IN_TURN: Final = 16
"""Coordinates that may be drawn one after another: a thousand samples take seconds then, at 64 a minute."""

LEAST_POINTS: Final = 500

FREE: Final = 0.5
"""Bound of the first values of parameters that belong to no layer, as on a line, where nothing steers a transform."""


class FlowModule(nn.Module):
    """u = b(m + s T_θ⁻¹(z)), with T_θ from data to latent space as densities are computed.

    m and s, one of each for a coordinate, are not trained: 0 and 1, or what ``standardise`` finds. b is the identity,
    or what takes the line into a box. Where c is told, it steers the transform, T_θ(·; c), and its columns stand behind
    each row of z, and of u.
    """

    centre: Tensor
    scale: Tensor

    def __init__(
        self, transform: LazyTransform, dimension: int, chance: torch.Generator, condition: Condition = NOTHING
    ) -> None:
        """Take over a transform; its weights are drawn anew.

        Args:
            transform: from data to latent space, with what the condition's encoder makes of c as its context.
            dimension: d.
            chance: the only source of the first weights.
            condition: how c is told.
        """
        super().__init__()
        self.transform = transform
        self.box: Box | None = None
        self._dimension = dimension
        self.register_buffer("centre", torch.zeros(dimension))
        self.register_buffer("scale", torch.ones(dimension))
        _draw_weights(transform, chance)
        self.encoder = condition.encoder(chance) if condition else None

    def standardise(self, u: Tensor) -> None:
        """Let T_θ see data of mean 0 and variance 1, as these points, shape (M, d), are shifted and scaled to be."""
        u = u if self.box is None else self.box.spread(u)[0]
        self.centre.copy_(u.mean(0))
        self.scale.copy_(u.std(0).clamp_min(LEAST_SCALE) if len(u) > 1 else torch.ones_like(self.scale))

    def forward(self, rows: Tensor) -> Tensor:
        """From latent space to data, shape (N, d), with the columns of c behind, to (N, d)."""
        v = self.centre + self.scale * self._told(rows).inv(rows[:, : self._dimension])
        return v if self.box is None else self.box.gathered(v)[0]

    def push(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """The pair u and log |det ∂u/∂z|, shapes (N, d) and (N,)."""
        v, stretch = self._told(rows).inv.call_and_ladj(rows[:, : self._dimension])
        v, stretch = self.centre + self.scale * v, stretch + self.scale.log().sum()
        if self.box is None:
            return v, stretch
        u, more = self.box.gathered(v)
        return u, stretch + more

    def inverse(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """The pair z = T_θ((b⁻¹(u) − m) / s) and log |det ∂z/∂u|, shapes (N, d) and (N,), of rows of u."""
        u = rows[:, : self._dimension]
        v, spread = (u, 0.0) if self.box is None else self.box.spread(u)
        z, stretch = self._told(rows).call_and_ladj((v - self.centre) / self.scale)
        return z, stretch - self.scale.log().sum() + spread

    def _told(self, rows: Tensor) -> Any:
        return self.transform(None if self.encoder is None else self.encoder(rows[:, self._dimension :]))


class FlowModel(NetworkModel):
    """P_θ = (T_θ⁻¹)# P_Z with log q_θ(u) = log p_Z(T_θ(u)) + log |det ∂T_θ/∂u|.

    Told c, this is log q_θ(u|c), and log q_θ(u) = log Σ_c p(c) q_θ(u|c), unless some samples were told nothing: of
    those the flow has learnt log q_θ(u) itself.
    """

    def __init__(
        self, module: FlowModule, latent: Latent, *, standardised: bool, condition: Condition = NOTHING,
        untold: float = 0.0,
    ) -> None:  # fmt: skip
        self.latent = WithNoise.behind(latent, 1) if condition else latent
        self.dimension = latent.dimension
        self.condition, self.untold = condition, untold
        self.network = Network(module)
        self.most = POINTS
        self._source = latent
        self._module = module
        self._standardised = standardised

    def confine(self, box: Box | None) -> None:
        """Keep all mass between these bounds; None sets none."""
        self._module.box = box

    @property
    def latent_dimension(self) -> int:
        """That of the data."""
        return self.dimension

    @property
    def density(self) -> DensityKind:
        """By the change of variables."""
        return "none" if self.is_vast_mixture else "exact"

    @property
    def density_points(self) -> int:
        """Fewer, the more laws are mixed."""
        return super().density_points // self.laws

    @property
    def points(self) -> int:
        """As the family says."""
        return self.most

    def adopt(self, family: Family) -> None:
        """Take up in mid-run how often nothing is told."""
        self.untold = family.withheld

    def start(self, u: Tensor, chance: torch.Generator) -> None:
        """Learn the data's own units, where that is asked for."""
        if self._standardised:
            self._module.standardise(u)

    def log_density(self, u: Tensor) -> Tensor:
        """By the change of variables; the mixture of the classes, where all were told."""
        if self.is_mixed:
            return joint(self.log_density_given, self.condition.shares.to(u), u).logsumexp(1)
        return self.log_density_given(u, None)

    def log_density_given(self, u: Tensor, told: Tensor | None) -> Tensor:
        """By the change of variables that c steers; as learnt of the untold samples for None."""
        z, stretch = self._module.inverse(self._beside(u, told))
        return self._source.log_prob(z) + stretch

    def _beside(self, u: Tensor, told: Tensor | None) -> Tensor:
        if not self.condition:
            return u
        return torch.cat([u, self.condition.rows(told, len(u)).to(u).expand(len(u), -1)], 1)

    def log_prob(self, x: Tensor) -> Tensor:
        """In smaller parts, the more laws are mixed."""
        parts = x.split(max(1, CHUNK // self.laws))
        return torch.cat([super(FlowModel, self).log_prob(part) for part in parts])

    def log_prob_given(self, x: Tensor, told: Tensor) -> Tensor:
        """By the change of variables."""
        with torch.no_grad():
            parts = zip(self.inward(x).split(CHUNK), told.split(CHUNK), strict=True)
            return torch.cat([self.log_density_given(u, each) for u, each in parts]) - self.log_stretch

    def draw_weighted(self, z: Tensor) -> Weighted:
        """One point for each z, with equal weights."""
        u, stretch = self._module.push(self.rows(z))  # not back through T_θ again: that would cost a pass and digits
        log_density = self.log_density(u) if self.is_mixed else self._source.log_prob(z[:, : self.dimension]) - stretch
        return Weighted(u, torch.full((len(z),), 1 / len(z), device=z.device), log_density)

    def encode(self, x: Tensor) -> Tensor:
        """The inverse pass T_θ(x), told the likeliest class where every class was told."""
        with torch.no_grad():
            return torch.cat([self._encode(part) for part in self.inward(x).split(max(1, CHUNK // self.laws))])

    def _encode(self, u: Tensor) -> Tensor:
        told = joint(self.log_density_given, self.condition.shares.to(u), u).argmax(1) if self.is_mixed else None
        return self._module.inverse(self._beside(u, told))[0]


class Flow(Family):
    """An invertible function, so that its density is exact: both a pushforward and a likelihood model.

    Where the numbers of data take levels, it learns from intervals around them, filled evenly by fresh noise: on the
    levels themselves its density could grow without end.
    """

    widens_levels: ClassVar[bool] = True
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

    logit: bool = option(
        default=True, label="logit",
        help="Spreads data that take levels between two bounds, as ink does, over the whole line before all else: so "
        "no mass is lost beyond black and white. Other data are left alone.",
    )  # fmt: skip
    conditional: bool = conditional_option()
    untold: float = untold_option(0.0)

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """An invertible function goes between spaces of one dimension, and there must be something to be told."""
        if self.conditional:
            yield from untellable(recipe.data)
            yield from unknown_law(recipe.data, self.untold)
        d = recipe.data.dimension
        if recipe.latent.dimension != d:
            yield RecipeError(
                "latent.dimension",
                f"{recipe.latent.dimension} is not allowed: {self.title} is invertible, so k must be d = {d}",
                (f"latent.dimension={d}",),
            )

    def condition(self, data: Data) -> Condition:
        """What the data tell, where it is to be learnt."""
        return condition_of(data) if self.conditional else NOTHING

    @property
    def withheld(self) -> float:
        """The option ``untold``, where something is told."""
        return self.untold if self.conditional else 0.0

    def build_for(self, recipe: Recipe, generator: torch.Generator) -> Model:
        """A flow that is told what the data tell, where it is to learn that."""
        model = self._build(recipe.latent, recipe.data.shape, self.condition(recipe.data), generator)
        if self.logit:
            model.confine(Box.around(recipe.data))
        return model

    def build(self, architecture: Architecture, latent: Latent, shape: Shape, generator: torch.Generator) -> Model:
        """A composition of transforms that starts near the identity, as far as its kind allows; it is told nothing."""
        return self._build(latent, shape, NOTHING, generator)

    def _build(self, latent: Latent, shape: Shape, condition: Condition, chance: torch.Generator) -> FlowModel:
        d = numbers(shape)
        module = FlowModule(self.transform(d, condition.width), d, chance, condition)
        return FlowModel(module, latent, standardised=self.standardised, condition=condition, untold=self.withheld)

    def transform(self, dimension: int, context: int) -> LazyTransform:
        """The transform from data to latent space over ℝᵈ, steered by so many numbers besides."""
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

    def _build(self, latent: Latent, shape: Shape, condition: Condition, chance: torch.Generator) -> FlowModel:
        """A model that is looked at by the fewer points, the more a push costs."""
        model = super()._build(latent, shape, condition, chance)
        model.most = max(LEAST_POINTS, min(POINTS, round(POINTS * (2 / numbers(shape)) ** 2)))
        return model


def _draw_weights(transform: nn.Module, chance: torch.Generator) -> None:
    """Matrices and offsets of layers uniform in ±1/√inputs; what no net steers, uniform in ±``FREE``."""
    for part in transform.modules():
        is_layer = isinstance(part, (nn.Linear, zuko.nn.Linear))
        bound = 1 / math.sqrt(max(1, part.in_features)) if is_layer else FREE
        for tensor in part.parameters(recurse=False):
            nn.init.uniform_(tensor, -bound, bound, generator=chance)
