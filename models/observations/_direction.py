"""The one number that tells places of data space apart by colour."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from models.observations._base import Subject


def hue(x: Tensor, subject: Subject) -> Tensor:
    """The angle of x, shape (N, d), around the data's centre in turns, in [0, 1): shape (N,).

    In the plane of ``axes``; on a line it is the place on it, from 0 to 0.7, so that its ends have different colours.
    """
    if subject.dimension == 1:
        left, _, right, _ = subject.bounds
        return ((x[:, 0] - left) / (right - left)).clamp(0, 1) * 0.7
    offset = (x - subject.real.mean(0)) @ subject.axes
    return torch.atan2(offset[:, 1], offset[:, 0]) / (2 * math.pi) % 1.0


def first_two(z: Tensor) -> Tensor:
    """The first two coordinates, shape (N, k) to (N, 2); 0 where there is no second one."""
    shown = torch.zeros(len(z), 2)
    shown[:, : min(2, z.shape[1])] = z[:, :2]
    return shown
