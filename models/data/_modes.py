"""What a law's named modes offer, whether they are Gaussians, squares of a board or classes of real pictures."""

from __future__ import annotations

from typing import Final, Protocol

import torch
from torch import Tensor

NEAR: Final = 0.25
"""A sample is at a mode if it is of high quality there, or nearer to its centre than this share of the way to the next
mode."""


class NamedModes(Protocol):
    """The parts of a law that a model can lose: each with a name, a place, a mass, and a rule for what is in it."""

    @property
    def means(self) -> Tensor:
        """Centre of each mode, shape (K, d), data units."""
        ...

    @property
    def weights(self) -> Tensor:
        """Mass of each mode under P_X, shape (K,), sums to 1."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """What a person calls each mode, K of them."""
        ...

    @property
    def radii(self) -> Tensor:
        """Radius of the ball around each centre that holds what counts as high quality, shape (K,), data units."""
        ...

    def assign(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Nearest mode of every sample, and whether the sample is of high quality.

        Args:
            x: samples, shape (N, d).

        Returns:
            The index of the mode, shape (N,), int64; and whether the sample is of high quality, shape (N,), bool.
        """
        ...


def at_modes(modes: NamedModes, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Where samples are.

    Args:
        modes: of the law.
        x: samples, shape (N, d).

    Returns:
        The nearest mode of each, shape (N,), int64; whether it is *at* that mode, shape (N,), bool: of high quality, or
        nearer than ``NEAR`` of the way to the next mode; and whether it is of high quality, shape (N,), bool.
    """
    index, good = modes.assign(x)
    near = (x - modes.means[index]).norm(dim=1) <= _reach(modes.means)[index]
    return index, good | near, good


def _reach(means: Tensor) -> Tensor:
    """``NEAR`` of the distance from each centre to the nearest other one, shape (K,); 0 for a single one."""
    if len(means) < 2:
        return torch.zeros(len(means))
    return NEAR * torch.cdist(means, means).fill_diagonal_(torch.inf).amin(dim=1)
