"""Shapes that fit themselves to a picture: how it is halved, step by step, and how layers between two sizes are cut.

A side of n pixels is halved to ⌊n/2⌋. A kernel of 4 with stride 2 and one pixel of margin does just that, and its
transpose comes back to n with one row more where n is odd; since 2 divides 4, all pixels are touched equally often
(Odena et al. 2016, Deconvolution and checkerboard artifacts, Distill). A side that is not halved has kernel 3 and
stride 1.
"""

from __future__ import annotations

import itertools
from typing import Final

from torch import nn

from models.data._picture import Picture, Shape, numbers

WIDEST: Final = 8
"""Planes grow to so many times as many as there are at first, as in DCGAN, and no further."""

Sides = tuple[int, int]
"""Rows and columns."""


def ladder(picture: Picture, channels: int, halvings: int, least: int) -> tuple[Picture, ...]:
    """Planes after each halving, finest first: ``channels`` after the first, twice as many after each further one.

    Args:
        picture: what is halved.
        channels: planes after the first halving.
        halvings: how often; 0 for as often as it takes until no side is longer than ``least``.
        least: sides of this length and shorter are not halved.
    """
    sides, rungs = (picture.rows, picture.columns), []
    for i in range(halvings or 64):
        if i and (halved(sides, least) == sides):
            break
        sides = halved(sides, least)
        rungs.append(Picture(channels * min(2**i, WIDEST), *sides))
    return tuple(rungs)


def halved(sides: Sides, least: int) -> Sides:
    """Each side that is longer than ``least`` by half."""
    rows, columns = (side // 2 if side > least else side for side in sides)
    return rows, columns


def shrinking(before: Picture, after: Picture) -> nn.Conv2d:
    """A convolution from planes to others that are halved where they are shorter."""
    kernel, stride, _ = _cut(before, after)
    return nn.Conv2d(before.channels, after.channels, kernel, stride, padding=1)


def growing(before: Picture, after: Picture) -> nn.ConvTranspose2d:
    """A transposed convolution to planes that are doubled where they are longer."""
    kernel, stride, left_over = _cut(after, before)
    return nn.ConvTranspose2d(before.channels, after.channels, kernel, stride, padding=1, output_padding=left_over)


def _cut(fine: Picture, coarse: Picture) -> tuple[Sides, Sides, Sides]:
    """Kernel, stride and what is left over, for rows and for columns."""
    pairs = list(zip(fine[1:], coarse[1:], strict=True))
    kernel_rows, kernel_columns = (3 if n == m else 4 for n, m in pairs)
    stride_rows, stride_columns = (1 if n == m else 2 for n, m in pairs)
    rest_rows, rest_columns = (0 if n == m else n - 2 * m for n, m in pairs)
    return (kernel_rows, kernel_columns), (stride_rows, stride_columns), (rest_rows, rest_columns)


def spreads(picture: Picture, depth: int) -> list[int]:
    """Pixels from weight to weight of kernels that work in place: 1, 2, 4 … a quarter of the picture … 4, 2, 1.

    Source: Yu and Koltun 2016, arXiv:1511.07122, section 2.

    Args:
        picture: what they work on.
        depth: how many kernels; 0 for once up and down.
    """
    widest = max(picture.rows, picture.columns) // 4
    up = [1, *itertools.takewhile(lambda gap: gap <= widest, (2**i for i in itertools.count(1)))]
    whole = up + up[-2::-1]
    return list(itertools.islice(itertools.cycle(whole), depth or len(whole)))


def no_picture(title: str, inputs: Shape, outputs: Shape) -> str:
    """Why a function class of pictures has none between these shapes; empty if it has."""
    if isinstance(inputs, int) and isinstance(outputs, int):
        return (
            f"{title} works on pictures, and here {numbers(inputs)} plain numbers go in and {numbers(outputs)} come "
            "out; what fits: mlp, or data that are images"
        )
    if isinstance(inputs, Picture) and isinstance(outputs, Picture) and inputs[1:] != outputs[1:]:
        sizes = f"{inputs.rows} × {inputs.columns} to {outputs.rows} × {outputs.columns}"
        return f"{title} does not change the size of a picture, from {sizes} pixels; what fits: mlp"
    return ""
