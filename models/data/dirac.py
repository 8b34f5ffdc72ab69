"""One point of the line: the least law there is to learn."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.data._base import DATA, Bounds, Data

REACH = 2.5
"""Half the part of the line that is shown: the game of one point circles around 0 at a distance of about 1."""


@DATA.register
class Dirac(Data):
    """All mass at 0: every sample is 0.

    It has no density. With a generator that is one point too, adversarial training is a game of two numbers, whose
    every move can be drawn.

    Source: Mescheder et al. 2018, arXiv:1801.04406, definition 2.1.
    """

    title: ClassVar[str] = "Dirac at 0"
    source: ClassVar[str] = "Mescheder et al. 2018, arXiv:1801.04406, definition 2.1"
    formula: ClassVar[str] = r"P_X = \delta_0"
    capabilities: ClassVar[frozenset[str]] = frozenset({"sample"})

    @property
    def dimension(self) -> int:
        """One: the line."""
        return 1

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Zeros, shape (n, 1)."""
        return torch.zeros(n, 1)

    def bounds(self) -> Bounds:
        """The part of the line on which the game is played."""
        return (-REACH, 0.0, REACH, 1.0)
