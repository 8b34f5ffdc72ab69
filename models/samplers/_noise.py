"""Where a sampler's fresh noise comes from."""

from __future__ import annotations

from typing import Final, Protocol

import torch
from torch import Tensor

MIX: Final = (-4658895280553007687, -7723592293110705685)
"""The multipliers of splitmix64 as signed numbers: Steele, Lea and Flood 2014, Fast splittable pseudorandom number
generators, figure 13."""
STEP: Final = -7046029254386353131
BITS: Final = 24


class Noise(Protocol):
    """Standard normal numbers for the steps of a sampler."""

    def of_step(self, number: int) -> Noise:
        """Those of one step, independent of all others."""
        ...

    def draw(self, like: Tensor) -> Tensor:
        """Numbers of the shape, type and place of this tensor."""
        ...


class Keyed:
    """Noise that follows from the latent samples themselves: a row of z has the same noise whenever it is pushed.

    So fixed z give fixed samples, however many of them are pushed at once, points move from step to step of training
    and do not flicker, and all chance is in z. The bits of z's row, of the step and of the column are mixed until
    nothing of them can be recognised, and become one normal number by the inverse of its distribution function.
    """

    def __init__(self, z: Tensor, steps: tuple[int, ...] = ()) -> None:
        """Take the rows of z, shape (N, k), float32, as keys."""
        self._z, self._steps = z, steps

    def of_step(self, number: int) -> Keyed:
        """The same rows at another step."""
        return Keyed(self._z, (*self._steps, number))

    def draw(self, like: Tensor) -> Tensor:
        """One number a row and column."""
        key = torch.zeros(len(self._z), dtype=torch.int64, device=self._z.device)
        for column in self._z.detach().float().contiguous().view(torch.int32).long().unbind(1):
            key = _mix(key ^ column)
        for number in (*self._steps, 0):  # at last 0, or a step's numbers would be the keys of the steps in it
            key = _mix(key + torch.tensor(number + 1) * STEP)  # a tensor, whose numbers go round where they end
        columns = torch.arange(1, like.shape[1] + 1, device=key.device) * STEP
        bits = _shift(_mix(key[:, None] + columns), 64 - BITS)
        return torch.special.ndtri((bits.double() + 0.5) / 2**BITS).to(like)


def _mix(x: Tensor) -> Tensor:
    x = (x ^ _shift(x, 30)) * MIX[0]
    x = (x ^ _shift(x, 27)) * MIX[1]
    return x ^ _shift(x, 31)


def _shift(x: Tensor, by: int) -> Tensor:
    """To the right, as of a number without sign."""
    return (x >> by) & ((1 << (64 - by)) - 1)
