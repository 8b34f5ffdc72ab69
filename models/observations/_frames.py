"""The sampler's own states that are shown: the way of fixed noise to data, and the data's way into the noise.

Nothing lies between two states: what is seen at a time is what the sampler held then. Where a sampler takes more steps
than there are pictures, some of its states are left out, never the first and never the last.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from models.data._picture import Picture
from models.families._denoising import EVALUATIONS, DenoisingModel
from models.observations._base import Subject
from models.observations._display import display_shape
from models.observations._picture_units import PictureUnits

MOST: Final = 33
"""Frames at most."""

POINTS: Final = 400
"""Particles that are followed …"""

PICTURES: Final = 64
"""… and as many at most where a sample is a picture …"""

LEAST_PICTURES: Final = 9
NUMBERS: Final = 2_000_000
"""… of all whose frames so many numbers are sent, unless the pictures are as few as that."""

LEAST_ALPHA: Final = 1e-6
"""Where less than that is left of the data, the ratio of noise to data is told as its inverse, and not as infinity."""


@dataclass(frozen=True, eq=False)
class Frames:
    """The way of the same particles from noise to data, F states of it.

    Attributes:
        time: t, from 1 to 0, shape (F,); the last two may both be 0: there the rest of the noise was taken away.
        number: how many steps the sampler had taken, shape (F,), int64.
        steps: how many it takes.
        alpha: α, shape (F,); 1 at the end.
        sigma: σ, shape (F,); 0 at the end.
        scale: what pictures divide a state by, shape (F,): √(α² + σ²) of a schedule that explodes, else 1.
        states: v, units of the process, shape (F, N, d).
        labels: class of each particle, shape (N,), int64; −1 for none.
    """

    time: Tensor
    number: Tensor
    steps: int
    alpha: Tensor
    sigma: Tensor
    scale: Tensor
    states: Tensor
    labels: Tensor

    @property
    def noise(self) -> Tensor:
        """The ratio σ/α of noise to data, shape (F,)."""
        return self.sigma / self.alpha.clamp_min(LEAST_ALPHA)


def process_model(subject: Subject) -> DenoisingModel:
    """The model, which has a way from noise to data."""
    model = subject.game.model
    assert isinstance(model, DenoisingModel)
    return model


def only_processes(subject: Subject) -> str:
    """The sentence for families without a way from noise to data; empty for those with one."""
    family = subject.experiment.family
    return "" if "process" in family.capabilities else f"{family.title} has no way from noise to data in time."


def unasked(subject: Subject) -> str:
    """Why the net has no answer for samples of any class, in one sentence; empty if it has, or knows no classes."""
    if subject.game.model.is_mixed:
        return "The class of every sample was told, so what is behind noise in a sample of any class was not learnt."
    return ""


def frames(subject: Subject) -> Frames:
    """The frames of the subject's fixed noise, worked out once for its weights."""
    with torch.no_grad():
        return subject.once_of_weights("frames", lambda: _frames(subject))


def shown(states: Tensor, subject: Subject) -> Tensor:
    """States in the frames' times, units of the process, shape (F, N, d), as pictures show them: data units."""
    model, scale = process_model(subject), frames(subject).scale
    flat = (states / scale[:, None, None]).flatten(0, 1)
    return model.out_of_process(flat).view(states.shape)


def _frames(subject: Subject) -> Frames:
    model = process_model(subject)
    z = subject.noise[: _particles(subject, model)]
    states = list(model.states(z))
    chosen = _chosen(len(states))
    time = torch.tensor([states[index].time for index in chosen])
    level = model.process.at(time)
    alpha, sigma = level.alpha.clone(), level.sigma.clone()
    alpha[-1], sigma[-1] = 1.0, 0.0  # the last state is data, whatever is left of the process there
    units = PictureUnits.of(model)
    labels = model.labels_of(z)
    return Frames(
        time=time,
        number=torch.tensor(chosen),
        steps=len(states) - 1,
        alpha=alpha,
        sigma=sigma,
        scale=torch.tensor([*map(units.shrinkage, time.tolist()[:-1]), 1.0]),
        states=torch.stack([states[index].u for index in chosen]),
        labels=torch.full((len(z),), -1) if labels is None else labels,
    )


def _particles(subject: Subject, model: DenoisingModel) -> int:
    """As many as there is time for: a sampler of very many steps carries fewer."""
    shape = subject.experiment.data.image_shape
    most = _pictures(shape) if shape else POINTS
    return max(1, min(most, EVALUATIONS // model.sampler.cost))


def _pictures(shape: Picture) -> int:
    """How many pictures are followed."""
    return max(LEAST_PICTURES, min(PICTURES, NUMBERS // (MOST * display_shape(shape).numbers)))


def _chosen(count: int) -> list[int]:
    """Places among so many states: every one, every second, every third …, and the last."""
    stride = max(1, math.ceil((count - 1) / (MOST - 1)))
    return [*range(0, count - 1, stride), count - 1]
