"""What every family offers: how an architecture becomes a distribution P_θ."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar, Final, Literal, Protocol

import torch
from torch import Tensor

from models.architectures import Architecture
from models.architectures._net import Net
from models.architectures._network import Network
from models.data import Data
from models.data._picture import Shape
from models.data._units import Units
from models.divergences import Divergence
from models.families._condition import NOTHING, Condition
from models.families._told import Told
from models.families._weighted import Weighted
from models.latents import Latent
from models.registry import Member, RecipeError, Registry

DensityKind = Literal["none", "exact", "bound", "flow"]
"""What ``Model.log_prob`` is: nothing, the log density itself, a lower bound on it, or the log density of a probability
flow, which takes so long that pictures of it count samples instead."""

POINTS: Final = 10_000
"""Samples that are looked at where a push is quick."""

LEAST_POINTS: Final = 64
"""Samples that are looked at however slow a push is: a sheet of pictures."""

WORK: Final = 1 << 31
"""Multiplications by weights that one picture's samples may take: about a tenth of a second."""

CHUNK: Final = 4096
"""Points whose density is worked out at once: more need memory and no less time."""


@dataclass(frozen=True, eq=False)
class Components:
    """Gaussians of which P_θ is a mixture, data units.

    Attributes:
        weights: shape (K,), sum 1.
        means: shape (K, d).
        covariances: shape (K, d, d).
    """

    weights: Tensor
    means: Tensor
    covariances: Tensor


class Model(Told, ABC):
    """A distribution P_θ with weights: what a family builds and an objective trains.

    A family declares in its capabilities which of these it can do: ``sample``; ``push`` (x̂ = g_θ(z) with gradients
    to θ); ``log_prob`` (``log_density`` and ``log_prob``, exact); ``reparameterised`` (``draw_weighted``); ``encode``;
    ``components`` …
    """

    network: Network
    """The weights θ that training moves."""

    dimension: int
    units: Units | None = None
    """From what the network gives to data units; training itself stays inside."""

    density_side: int = 128
    """Points along each axis at which a picture of an exact density is worked out; fewer where one is slow."""

    @property
    def density(self) -> DensityKind:
        """What ``log_prob`` is."""
        return "none"

    @property
    def density_points(self) -> int:
        """Points at which the density is worked out at once for looking at the model; 0 where that takes too long."""
        return 2_000

    @property
    def density_remark(self) -> str:
        """What has to be said of ``log_prob``, or of there being none: a clause; empty if it is what it seems to be."""
        return ""

    @property
    def is_map(self) -> bool:
        """Whether x̂ is a smooth function of z although no gradient comes through it, as ``push`` has it."""
        return False

    @property
    def points(self) -> int:
        """Samples that are pushed at once for looking at the model; fewer where a push is slow."""
        return POINTS

    @property
    def sample_work(self) -> int:
        """Multiplications by weights that one sample takes, at least 1."""
        return max(1, WORK // self.points)

    @property
    def latent_dimension(self) -> int:
        """How many of the noise's numbers are z, k; the others, if any, are drawn after it and count as 0 if left out.

        They come first. ``push`` of those alone is g_θ(z).
        """
        return self.latent.dimension

    @abstractmethod
    def push_inside(self, z: Tensor) -> Tensor:
        """x̂ = g_θ(z) in the units of training, without gradient: shape (N, k) to (N, d)."""

    def rows(self, z: Tensor, told: Tensor | None = None) -> Tensor:
        """What goes into the network for noise, differentiable in it. Only with the capability ``push``.

        Args:
            z: shape (N, k).
            told: what is told of each sample, where z is not to decide it.
        """
        return z

    def push_recorded(self, z: Tensor, told: Tensor | None = None) -> Tensor:
        """The samples of ``rows``, remembering what ``pull_back`` needs. Only with the capability ``push``."""
        raise NotImplementedError(f"samples of {type(self).__name__} are not differentiable in its weights")

    def pull_back(self, dx: Tensor) -> None:
        """Turn ∂L/∂x̂ of the last ``push_recorded``, shape (N, d), into ∂L/∂θ in ``network.gradient``."""
        raise NotImplementedError(f"samples of {type(self).__name__} are not differentiable in its weights")

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

    def adopt(self, family: Family) -> None:
        """Go on under a family that differs in live options only."""
        return

    def probe(self, n: int, generator: torch.Generator) -> Tensor:
        """What shows whether the weights are of any use, for they are not where it is no number: n samples, (n, d)."""
        return self.sample(n, generator)

    def start(self, u: Tensor, chance: torch.Generator) -> None:
        """Give the fresh weights a first place that depends on data, shape (M, d), units of training; most do not."""
        return

    def log_density(self, u: Tensor) -> Tensor:
        """Log q_θ(u) in the units of training, nats: shape (N, d) to (N,), differentiable in θ and u.

        Only with the capability ``log_prob``.
        """
        raise NotImplementedError(f"{type(self).__name__} has no density")

    def log_prob(self, x: Tensor) -> Tensor:
        """Log p_θ(x) in data units, nats, without gradient: shape (N, d) to (N,); ``density`` says what it is."""
        with torch.no_grad():
            inside = torch.cat([self.log_density(part) for part in self.inward(x).split(CHUNK)])
        return inside - self.log_stretch

    def quick_log_prob(self, x: Tensor) -> Tensor:
        """The same with as much of an error as a picture of a model in training bears: shape (N, d) to (N,)."""
        return self.log_prob(x)

    def density_map(self, axes: Sequence[Tensor]) -> Tensor:
        """The density p_θ on a grid of one axis, shape (n,), or of x and y, rows of y and columns of x; data units.

        Point by point, where a family knows no quicker way.
        """
        points = torch.cartesian_prod(*reversed(axes)).view(-1, len(axes)).flip(1)
        return self.log_prob(points).exp().view([len(axis) for axis in reversed(axes)])

    @property
    def log_stretch(self) -> float:
        """Log |dx/du|: what a log density in data units has less than one in the units of training."""
        return 0.0 if self.units is None else float(self.units.scale.log().sum())

    def draw_weighted(self, z: Tensor) -> Weighted:
        """Points for expectations under P_θ from latent samples, shape (N, k). Only with ``reparameterised``."""
        raise NotImplementedError(f"{type(self).__name__} cannot be differentiated through its samples")

    def encode(self, x: Tensor) -> Tensor:
        """The z that stands for each x, data units, without gradient: shape (N, d) to (N, k). Only with ``encode``."""
        raise NotImplementedError(f"{type(self).__name__} has no way back from x to z")

    def components(self) -> Components:
        """The Gaussians that P_θ is a mixture of. Only with the capability ``components``."""
        raise NotImplementedError(f"{type(self).__name__} is no mixture")

    def improve(self, u: Tensor) -> float:
        """One step of expectation maximisation on a whole sample, shape (n, d), in the units of training.

        Only with the capability ``em``.

        Returns:
            The mean of log q_θ(u) before the step, nats.
        """
        raise NotImplementedError(f"{type(self).__name__} has no closed form for its expectations")


class NetworkModel(Model):
    """A model whose samples are one network's outputs: x̂ = g_θ(z)."""

    @property
    def points(self) -> int:
        """Fewer, the more a pass of the network has to work out."""
        return max(LEAST_POINTS, min(POINTS, WORK // self._work))

    @property
    def sample_work(self) -> int:
        """One pass."""
        return self._work

    @cached_property
    def _work(self) -> int:
        noise = self.latent.dimension - bool(self.condition)
        return max(1, self.network.multiply_adds(noise + self.condition.columns))

    def rows(self, z: Tensor, told: Tensor | None = None) -> Tensor:
        """The noise, and behind it what is told, in place of the number that decides it.

        Where that is left out, too, nothing is told if the net has learnt that, else what 0 decides.
        """
        if not self.condition:
            return z
        if told is None:
            told = self.labels_of(z)
        if told is None and self.is_mixed:
            told = self.condition.decided(z.new_zeros(len(z)))
        columns = self.condition.rows(told, len(z)).to(z)
        return torch.cat([z[:, : self.latent.dimension - 1], columns.expand(len(z), -1)], 1)

    def push_inside(self, z: Tensor) -> Tensor:
        """x̂ = g_θ(z), shape (N, k) to (N, d)."""
        return self.network.evaluate(self.rows(z))

    def push_given(self, z: Tensor, told: Tensor) -> Tensor:
        """x̂ = g_θ(z, c)."""
        return self.outward(self.network.evaluate(self.rows(z, told)))

    def push_recorded(self, z: Tensor, told: Tensor | None = None) -> Tensor:
        """x̂ = g_θ(z), kept for ``pull_back``."""
        return self.network.forward(self.rows(z, told))

    def pull_back(self, dx: Tensor) -> None:
        """∂L/∂θ = Σᵢ (∂x̂ᵢ/∂θ)ᵀ ∂L/∂x̂ᵢ."""
        self.network.backward(dx)


class Recipe(Protocol):
    """The parts of a recipe that a member may look at before it objects to them."""

    @property
    def data(self) -> Data:
        """P_X."""
        ...

    @property
    def latent(self) -> Latent:
        """P_Z."""
        ...

    @property
    def architecture(self) -> Architecture:
        """The function class of g_θ."""
        ...

    @property
    def family(self) -> Family:
        """How P_θ is made."""
        ...

    @property
    def divergence(self) -> Divergence:
        """D."""
        ...

    @property
    def objective(self) -> Member:
        """How D is minimised."""
        ...

    @property
    def batch_size(self) -> int:
        """N."""
        ...


def needs_sample(recipe: Recipe, why: str, n: int, *also: str) -> Iterable[RecipeError]:
    """An objection to fresh data in every step.

    Args:
        recipe: the recipe.
        why: what goes wrong with them, a clause.
        n: size of a sample that will do.
        also: further settings that such a sample needs.
    """
    if recipe.data.size is not None:
        return
    if "n" in type(recipe.data).model_fields:
        yield RecipeError("data.n", f"0 is not allowed: {why}; set it to {n}, say", (f"data.n={n}", *also))
    else:
        problem = f"{recipe.data.key} is not allowed: {why}, and {recipe.data.title} has no finite one"
        yield RecipeError("data.key", problem)


class Family(Member):
    """A way to turn an architecture and a latent law into a distribution.

    Attributes:
        natural: field of the recipe to the member, or the table with its key and options, that models of this family
            are commonly trained with: what a recipe has that names the family alone.
        natural_of_pictures: the same for data that are images, where it is different.
        side_by_side: whether the densities of many models can be worked out at once: not where the way there depends on
            the weights.
        widens_levels: whether models are given data that take levels with fresh noise on them, as wide as a level.
    """

    natural: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    natural_of_pictures: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    side_by_side: ClassVar[bool] = True
    widens_levels: ClassVar[bool] = False

    @classmethod
    def natural_for(cls, data: Data) -> Mapping[str, Any]:
        """What models of these data are commonly trained with."""
        return {**cls.natural, **cls.natural_of_pictures} if "images" in data.capabilities else cls.natural

    def label(self, architecture: Architecture) -> str:
        """What a model is called in the few words that stand for its recipe."""
        return self.title

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """Why the other parts of a recipe do not go with this family although their capabilities fit."""
        return ()

    def condition(self, data: Data) -> Condition:
        """What models of this family are told of samples of these data."""
        return NOTHING

    @property
    def withheld(self) -> float:
        """Share of the training samples of which they are told nothing all the same."""
        return 0.0

    def nets(self, recipe: Recipe) -> tuple[Net, ...]:
        """The networks that a model of the recipe is built of by the architectures it names; none where it has its own.

        They are known before anything is built: what they cost, and why one cannot be.
        """
        return ()

    def build_for(self, recipe: Recipe, generator: torch.Generator) -> Model:
        """Make the model of a recipe with fresh weights from ``generator``; most need nothing but its shape."""
        return self.build(recipe.architecture, recipe.latent, recipe.data.shape, generator)

    @abstractmethod
    def build(self, architecture: Architecture, latent: Latent, shape: Shape, generator: torch.Generator) -> Model:
        """Make a model over ℝᵈ with fresh weights.

        Args:
            architecture: the function class.
            latent: P_Z.
            shape: what a sample is, a vector of d numbers or a picture.
            generator: the only source of chance for the initial weights.
        """


FAMILIES: Final[Registry[Family]] = Registry("families", Family)
