"""What every observation offers: one thing to see of a model, computed from its weights as plain arrays."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.experiment import Experiment
from models.objectives._base import Game
from models.registry import Member, Registry

Arrays = Mapping[str, NDArray[np.generic]]


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
    """

    experiment: Experiment
    game: Game
    real: Tensor
    noise: Tensor
    bounds: tuple[float, float, float, float]

    @cached_property
    def fake(self) -> Tensor:
        """The fixed noise pushed through g_θ, shape (N, d)."""
        return torch.cat([self.game.model.push(part) for part in self.noise.split(4096)])


class Observation(Member):
    """One thing to see of a model."""

    @abstractmethod
    def missing(self, subject: Subject) -> str:
        """Why it cannot be seen of this subject, in one sentence for the screen; empty if it can."""

    @abstractmethod
    def observe(self, subject: Subject) -> Arrays:
        """The arrays that the view of the same name draws, each freshly made, float32 or int64."""


OBSERVATIONS: Final[Registry[Observation]] = Registry("observations", Observation)


def plain(tensor: Tensor) -> NDArray[np.generic]:
    """A tensor as an array that owns its memory."""
    return tensor.detach().cpu().numpy().copy()
