"""What every observation offers: one thing to see of a model, computed from its weights as plain arrays."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.experiment import Experiment
from models.families import Model
from models.families._base import POINTS
from models.objectives._base import Game
from models.registry import Member, Registry

T = TypeVar("T")
Array = NDArray[Any]
Arrays = Mapping[str, Array]

WIDE: Final = 512
"""Numbers of a sample up to which its covariance is worked out."""

CURVE_POINTS: Final = 256
"""Points of a curve over a one-dimensional data space."""


@dataclass(eq=False)
class Subject:
    """What an observation looks at: a model at one step, its experiment, and the same noise at every step.

    Attributes:
        experiment: the recipe.
        game: the model with the weights of one step, its critic, and the draws that the loss needs.
        real: fixed samples of P_X, shape (M, d).
        noise: fixed latent samples, shape (N, k): the same ones at every step, so that points move and do not flicker.
        bounds: the part of data space that is shown, (left, bottom, right, top), data units; for one dimension the
            first and third number count.
        axes: two directions of data space in which directions are told apart, shape (d, 2): the plane itself, or the
            two in which the data varies most.
        player: the model with the weights that train where ``game`` holds averaged ones; None where they are the same.
        kept: what was worked out once and holds throughout the run.
        made: what was worked out of these weights already.
        samples: the noise pushed through g_θ, where that was done already, shape (N, d).
        unsettled: whether a picture, though of the same weights, becomes better when it is made again: work that would
            take seconds is done in pieces.
    """

    experiment: Experiment
    game: Game
    real: Tensor
    noise: Tensor
    bounds: tuple[float, float, float, float]
    axes: Tensor
    player: Model | None = None
    kept: dict[str, Any] = field(default_factory=dict)
    made: dict[str, Any] = field(default_factory=dict)
    samples: Tensor | None = None
    unsettled: bool = False

    @property
    def rival(self) -> Model:
        """The model that the critic plays against."""
        return self.player or self.game.model

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What is the same throughout the run, worked out when it is first asked for."""
        if name not in self.kept:
            self.kept[name] = make()
        return self.kept[name]

    def once_of_weights(self, name: str, make: Callable[[], T]) -> T:
        """What holds for the present weights, worked out when it is first asked for."""
        if name not in self.made:
            self.made[name] = make()
        return self.made[name]

    def once_for(self, name: str, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        """What holds throughout the run for as long as the key does, worked out when it is first asked for."""
        held = self.kept.get(name)
        if held is None or held[0] != key:
            held = self.kept[name] = (key, make())
        return held[1]

    @cached_property
    def fake(self) -> Tensor:
        """The fixed noise pushed through g_θ, shape (N, d)."""
        return self.game.model.push(self.noise) if self.samples is None else self.samples

    def first_fakes(self, count: int) -> Tensor:
        """The first of them, shape (count, d) or fewer, without the work for all the others."""
        if "fake" in self.__dict__:
            return self.fake[:count]
        held = self.made.get("first fakes")
        if held is None or len(held) < min(count, len(self.noise)):
            held = self.made["first fakes"] = self.game.model.push(self.noise[:count])
        return held[:count]

    @property
    def is_costly(self) -> bool:
        """Whether a push is so slow that pictures of a law make do with the fixed noise."""
        return self.game.model.points < POINTS

    @property
    def dimension(self) -> int:
        """How many numbers a sample has, d."""
        return self.experiment.data.dimension

    @property
    def latent_dimension(self) -> int:
        """How many numbers a latent sample has, k."""
        return self.game.model.latent_dimension

    def data_grid(self, side: int) -> Tensor:
        """Points that cover the shown part of data space: (side, 1) for d = 1, else (side², 2), bottom row first."""
        left, bottom, right, top = self.bounds
        if self.dimension == 1:
            return torch.linspace(left, right, side)[:, None]
        x, y = torch.meshgrid(torch.linspace(left, right, side), torch.linspace(bottom, top, side), indexing="xy")
        return torch.stack([x.reshape(-1), y.reshape(-1)], 1)

    def latent_grid(self, side: int) -> Tensor:
        """Points that cover the latent square, all other coordinates 0: shape (side², k), bottom row first."""
        extent = self.game.model.latent.extent
        line = torch.linspace(-extent, extent, side)
        x, y = torch.meshgrid(line, line, indexing="xy")
        z = torch.zeros(side * side, max(self.latent_dimension, 2))
        z[:, 0], z[:, 1] = x.reshape(-1), y.reshape(-1)
        return z[:, : self.latent_dimension]


class Observation(Member):
    """One thing to see of a model."""

    @abstractmethod
    def missing(self, subject: Subject) -> str:
        """Why it cannot be seen of this subject, in one sentence for the screen; empty if it can."""

    @abstractmethod
    def observe(self, subject: Subject) -> Arrays:
        """The arrays that the view of the same name draws, each freshly made, float32 or int64."""


OBSERVATIONS: Final[Registry[Observation]] = Registry("observations", Observation)


def plain(tensor: Tensor) -> Array:
    """A tensor as an array that owns its memory."""
    return np.array(tensor.detach().cpu().numpy())


def only_up_to(dimension: int, subject: Subject) -> str:
    """The sentence for data of more dimensions than a picture has; empty where it fits."""
    if subject.dimension <= dimension:
        return ""
    return f"Needs data of at most {dimension} dimensions; this has {subject.dimension}."


def only_pushed(subject: Subject) -> str:
    """The sentence for families that do not push z through a smooth function; empty for those that do."""
    family = subject.experiment.family
    return "" if "push" in family.capabilities else f"{family.title} pushes no z through a smooth function."


def only_inferred(subject: Subject) -> str:
    """The sentence for models without an encoder that infers z from x; empty for those with one."""
    family = subject.experiment.family
    if "posterior" not in family.capabilities:
        return f"{family.title} infers no z from x."
    if subject.game.model.is_mixed:
        return "The model was told the class of every sample, so it infers z only where the class is known."
    return ""


def only_particles(subject: Subject) -> str:
    """The sentence for families that have one θ; empty for those with many."""
    family = subject.experiment.family
    return "" if "particles" in family.capabilities else f"{family.title} has one θ and no posterior over it."


def main_axes(real: Tensor) -> Tensor:
    """The two directions in which real samples, shape (M, d), vary most: shape (d, 2); the plane's own for d ≤ 2."""
    d = real.shape[1]
    if d <= 2:
        return torch.eye(d, 2)
    if d > WIDE:  # of so many numbers the covariance fits no memory: its eigenvectors come from few samples' products
        few = real[:WIDE] - real[:WIDE].mean(0)
        _, mixtures = torch.linalg.eigh(few @ few.T)
        both = torch.zeros(d, 2)
        both[:, : len(few)] = few.T @ mixtures[:, -2:].flip(1)
        return torch.linalg.qr(both).Q
    _, directions = torch.linalg.eigh(torch.cov(real.T))
    return directions[:, [-1, -2]]
