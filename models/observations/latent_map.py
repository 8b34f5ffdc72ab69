"""The latent space, coloured by where each point of it lands."""

from __future__ import annotations

import math
from typing import ClassVar, Final

import torch
from torch import Tensor

from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, plain

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
        shown = torch.zeros(len(z), 2)
        shown[:, : min(2, z.shape[1])] = z[:, :2]
        return {"z": plain(shown), "hue": plain(_hue(landed, subject)), "mode": plain(_mode(landed, subject))}


def _hue(x: Tensor, subject: Subject) -> Tensor:
    """The angle around the data's centre in turns, in the plane of ``axes``; on a line, the place on it."""
    if subject.dimension == 1:
        left, _, right, _ = subject.bounds
        return ((x[:, 0] - left) / (right - left)).clamp(0, 1) * 0.7
    offset = (x - subject.real.mean(0)) @ subject.axes
    return torch.atan2(offset[:, 1], offset[:, 0]) / (2 * math.pi) % 1.0


def _mode(x: Tensor, subject: Subject) -> Tensor:
    index, good = subject.experiment.data.parts.assign(x)
    return torch.where(good, index, -1)
