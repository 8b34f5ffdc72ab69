"""The dark squares of a board: a density with sharp edges."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import torch
from torch import Tensor

from models.data._base import DATA, Planar
from models.data._modes import NamedModes
from models.registry import option


@dataclass(frozen=True, eq=False)
class Squares:
    """Equal squares with sides along the axes, as named modes.

    Attributes:
        means: centres, shape (K, 2), data units.
        side: of each square, data units.
        weights: all equal, shape (K,).
        names: numbers from 1.
    """

    means: Tensor
    side: float
    weights: Tensor
    names: tuple[str, ...]

    @property
    def radii(self) -> Tensor:
        """Radius of the circle inscribed in each square, shape (K,), data units."""
        return torch.full((len(self.means),), self.side / 2)

    def distances(self, x: Tensor) -> Tensor:
        """Greatest coordinate difference from each centre, data units: shape (N, 2) to (N, K)."""
        return torch.cdist(x, self.means.to(x), p=math.inf)

    def assign(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The nearest square, and whether the sample lies in it."""
        nearest, index = self.distances(x).min(dim=1)
        return index, nearest <= self.side / 2


@DATA.register
class Checkerboard(Planar):
    """Uniform on every other square of a board around the origin.

    The squares (i, j) with i + j even are filled, so m × m squares of side a carry the density 1 / (K a²) on K = ⌈m²/2⌉
    of them and none elsewhere.

    Source: Grathwohl et al. 2019, FFJORD, arXiv:1810.01367, toy data ``checkerboard`` (m = 4, a = 2: entropy log 32).
    """

    title: ClassVar[str] = "Checkerboard"
    source: ClassVar[str] = "Grathwohl et al. 2019, FFJORD, arXiv:1810.01367, toy data"
    formula: ClassVar[str] = r"p(x) = \frac{1}{K a^2}\ \mathrm{on\ the}\ K\ \mathrm{filled\ squares}"
    capabilities: ClassVar[frozenset[str]] = frozenset({"sample", "log_prob", "modes", "classes"})

    squares: int = option(
        4, label="squares", symbol="m", low=2, high=16, help="How many squares one side of the board has."
    )
    side: float = option(
        2.0, label="side", symbol="a", low=0.05, high=10.0, log=True, help="Side of one square, in data units."
    )

    @cached_property
    def _squares(self) -> Squares:
        i, j = torch.meshgrid(torch.arange(self.squares), torch.arange(self.squares), indexing="ij")
        filled = torch.stack([j, i], -1)[(i + j) % 2 == 0]
        k = len(filled)
        names = tuple(str(number + 1) for number in range(k))
        return Squares(self.side * (filled - (self.squares - 1) / 2), self.side, torch.full((k,), 1 / k), names)

    def named_modes(self) -> NamedModes:
        """The filled squares, numbered from 1, row by row from the bottom left."""
        return self._squares

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw a square, then a point in it, shape (n, 2)."""
        return self.draw_told(n, generator)[0]

    @property
    def class_names(self) -> tuple[str, ...]:
        """Those of the squares."""
        return self._squares.names

    def draw_told(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The same draws, and the square of each."""
        centres = self._squares.means
        index = torch.randint(len(centres), (n,), generator=generator)
        places = torch.rand(n, 2, generator=generator).sub_(0.5)
        return centres.index_select(0, index).add_(places, alpha=self.side), index

    def log_prob(self, x: Tensor) -> Tensor:
        """Minus the log of the filled area inside the squares, minus infinity outside, in nats, shape (N,)."""
        inside = self._squares.assign(x)[1]
        level = -math.log(len(self._squares.means) * self.side**2)
        return torch.where(inside, level, -math.inf).to(x)
