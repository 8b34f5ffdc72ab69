"""Pictures as patches, and blocks of a transformer that a condition modulates."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.architectures._attention import attend
from models.architectures._blocks import QuietLinear
from models.data._picture import Picture


@dataclass(frozen=True)
class Patches:
    """A picture cut into squares, the last ones filled up with zeros where its sides are no multiples.

    Attributes:
        picture: what is cut.
        side: pixels along each side of a square.
    """

    picture: Picture
    side: int

    @property
    def rows(self) -> int:
        """Squares above one another."""
        return -(-self.picture.rows // self.side)

    @property
    def columns(self) -> int:
        """Squares side by side."""
        return -(-self.picture.columns // self.side)

    @property
    def count(self) -> int:
        """How many squares there are."""
        return self.rows * self.columns

    @property
    def numbers(self) -> int:
        """How many numbers one has."""
        return self.picture.channels * self.side**2

    def cut(self, planes: Tensor) -> Tensor:
        """Shape (N, channels, rows, columns) to (N, count, numbers)."""
        below = self.rows * self.side - self.picture.rows
        right = self.columns * self.side - self.picture.columns
        squares = functional.pad(planes, (0, right, 0, below)) if below or right else planes
        squares = squares.unflatten(3, (self.columns, self.side)).unflatten(2, (self.rows, self.side))
        return squares.permute(0, 2, 4, 1, 3, 5).flatten(3).flatten(1, 2)

    def join(self, patches: Tensor) -> Tensor:
        """Shape (N, count, numbers) to (N, channels, rows, columns)."""
        squares = patches.unflatten(2, (self.picture.channels, self.side, self.side))
        planes = squares.unflatten(1, (self.rows, self.columns)).permute(0, 3, 1, 4, 2, 5)
        return planes.flatten(4).flatten(2, 3)[:, :, : self.picture.rows, : self.picture.columns]

    def places(self, width: int) -> Tensor:
        """Where each square is: sines and cosines of row and column at falling frequencies, shape (count, width).

        Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.5, half of the numbers for each direction.
        """
        quarter = width // 4
        frequencies = 10_000 ** (-torch.arange(quarter) / max(1, quarter))
        row, column = torch.meshgrid(torch.arange(self.rows), torch.arange(self.columns), indexing="ij")
        angles = torch.cat([place.reshape(-1, 1) * frequencies for place in (row, column)], 1)
        return torch.cat([angles.sin(), angles.cos()], 1)


class Modulated(nn.Module):
    """Layer normalisation with scale and shift, and a gate for what follows: learnt numbers, or told by a condition.

    The gates of a condition begin at 0: every block begins as the identity (Peebles and Xie 2023, adaLN-Zero).
    """

    def __init__(self, width: int, told: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=not told)
        self.modulation = QuietLinear(told, 3 * width) if told else None

    def forward(self, h: Tensor, told: Tensor | None) -> tuple[Tensor, Tensor | float]:
        """Shapes (N, T, width) and (N, told) to that of h and a gate, shape (N, 1, width), or 1 for none."""
        h = self.norm(h)
        if self.modulation is None or told is None:
            return h, 1.0
        scale, shift, gate = self.modulation(told)[:, None].chunk(3, 2)
        return torch.addcmul(shift, h, 1 + scale), gate


class TransformerBlock(nn.Module):
    """Attention between tokens, then two layers on each; both are added to what came in."""

    def __init__(self, width: int, heads: int, widening: int, told: int) -> None:
        super().__init__()
        self.norm_attention, self.norm_layers = Modulated(width, told), Modulated(width, told)
        self.mix, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.layers = nn.Sequential(
            nn.Linear(width, widening * width), nn.GELU(approximate="tanh"), nn.Linear(widening * width, width)
        )
        self._heads = heads

    def forward(self, h: Tensor, told: Tensor | None) -> Tensor:
        """Shape (N, T, width) to the same."""
        inner, gate = self.norm_attention(h, told)
        h = h + gate * self.out(attend(self.mix(inner), self._heads))
        inner, gate = self.norm_layers(h, told)
        return h + gate * self.layers(inner)


def coarse_side(picture: Picture, fewest: int, most: int, finest: int) -> int:
    """Side of patches, of which between ``fewest`` and ``most`` stand in a row.

    Args:
        picture: what is cut.
        fewest: in a row of a small picture.
        most: in a row of a large one.
        finest: pixels that a side need not exceed while there are not more than ``most``.
    """
    longest = max(picture.rows, picture.columns)
    return max(math.ceil(longest / most), min(finest, math.ceil(longest / fewest)))
