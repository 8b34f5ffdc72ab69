"""What enters a denoising net: place and time as numbers of one row; and the data's own units beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import torch
from torch import Tensor, nn

LEAST_SCALE: Final = 1e-6
"""Data that never vary keep a scale by which one can divide."""


@dataclass(frozen=True)
class Embedding:
    """How place and time enter a net, in front of what is told: as one row of numbers.

    Attributes:
        time: how many frequencies of t there are, each as sine and cosine.
        place: how many of each coordinate of u.
    """

    time: int
    place: int

    @property
    def place_planes(self) -> int:
        """How many numbers go in for each of u."""
        return 1 + 2 * self.place

    @property
    def times(self) -> int:
        """How many numbers tell the time."""
        return 1 + 2 * self.time

    def of_place(self, u: Tensor) -> Tensor:
        """U and cos and sin of 2ʲπu/4, one plane of d numbers behind the other: shape (N, d) to (N, planes · d)."""
        if not self.place:
            return u
        angles = (u[:, None] * (math.pi / 4 * 2.0 ** torch.arange(self.place, device=u.device))[:, None]).flatten(1)
        return torch.cat([u, angles.cos(), angles.sin()], 1)

    def of_time(self, t: Tensor) -> Tensor:
        """Time, and cos and sin of 2ʲπt/2: shape (N, 1) to (N, ``times``)."""
        angles = t * self._frequencies.to(t.device)
        return torch.cat([2 * t - 1, angles.cos(), angles.sin()], 1)

    @cached_property
    def _frequencies(self) -> Tensor:
        return math.pi / 2 * 2.0 ** torch.arange(self.time)


class Denoiser(nn.Module):
    """The net, and the data's own place and scale, which are not trained: 0 and 1, or what ``standardise`` finds."""

    centre: Tensor
    scale: Tensor

    def __init__(self, net: nn.Module, dimension: int) -> None:
        super().__init__()
        self.net = net
        self.register_buffer("centre", torch.zeros(dimension))
        self.register_buffer("scale", torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        """The net alone."""
        return self.net(x)

    def standardise(self, u: Tensor) -> None:
        """Let the net see data of mean 0 and mean variance 1, as these points, shape (M, d), are shifted and scaled.

        One scale for all coordinates, so that noise stays round.
        """
        self.centre.copy_(u.mean(0))
        if len(u) > 1:
            self.scale.copy_(u.var(0).mean().sqrt().clamp_min(LEAST_SCALE))
