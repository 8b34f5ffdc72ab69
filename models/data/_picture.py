"""What a row of numbers stands for: a point of ℝᵈ, or a picture of channels, rows and columns."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class Picture(NamedTuple):
    """The shape of a picture, whose numbers stand in a row plane by plane: first channel, then row, then column.

    Attributes:
        channels: 1 for grey levels, 3 for red, green and blue.
        rows: height in pixels.
        columns: width in pixels.
    """

    channels: int
    rows: int
    columns: int

    @property
    def numbers(self) -> int:
        """How many numbers one picture has."""
        return self.channels * self.rows * self.columns

    def with_channels(self, channels: int) -> Picture:
        """As many pixels with so many numbers each."""
        return self._replace(channels=channels)

    def view(self, x: Tensor) -> Tensor:
        """Rows of numbers, shape (N, d), as planes, shape (N, channels, rows, columns)."""
        return x.view(len(x), *self)


Shape = int | Picture
"""A plain vector of so many numbers, or a picture."""


def numbers(shape: Shape) -> int:
    """How many numbers a row of this shape has."""
    return shape if isinstance(shape, int) else shape.numbers


def times(shape: Shape, count: int) -> Shape:
    """The shape of so many numbers in place of each: of a picture, as many planes in place of each plane."""
    return shape * count if isinstance(shape, int) else shape.with_channels(shape.channels * count)
