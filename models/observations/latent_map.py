"""The latent space, coloured by where each point of it lands."""

from __future__ import annotations

from typing import ClassVar, Final

import torch
from torch import Tensor

from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, plain
from models.observations._direction import first_two, hue

POINTS: Final = 4_000


@OBSERVATIONS.register
class LatentMap(Observation):
    """Each latent sample with the direction, seen from the centre of the data, in which it lands."""

    title: ClassVar[str] = "latent space"
    source: ClassVar[str] = "the angle of g_θ(z) around the mean of P_X"

    def missing(self, subject: Subject) -> str:
        """Always there."""
        return ""

    def observe(self, subject: Subject) -> Arrays:
        """``z``: (N, 2) first two coordinates; ``hue``: (N,) in [0, 1); ``mode``: (N,) int64, −1 for none."""
        z = subject.noise[:POINTS]
        landed = subject.fake[:POINTS]
        return {"z": plain(first_two(z)), "hue": plain(hue(landed, subject)), "mode": plain(_mode(landed, subject))}


def _mode(x: Tensor, subject: Subject) -> Tensor:
    index, good = subject.experiment.data.parts.assign(x)
    return torch.where(good, index, -1)
