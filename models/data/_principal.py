"""Pictures in few numbers: averaged to few pixels, then along the directions in which real ones vary most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from models.data._picture import Picture, Shape

SIDE: Final = 32
"""Pixels along each side that a picture is averaged to where it has more."""


def shrunk_shape(shape: Shape) -> Shape:
    """What ``shrunk`` leaves of samples of this shape."""
    if isinstance(shape, int):
        return shape
    return Picture(shape.channels, min(shape.rows, SIDE), min(shape.columns, SIDE))


def shrunk(x: Tensor, shape: Shape) -> Tensor:
    """Pictures with more than ``SIDE`` pixels along a side, averaged over patches: shape (N, d) to (N, p), p ≤ d."""
    small = shrunk_shape(shape)
    if isinstance(shape, int) or isinstance(small, int) or small == shape:
        return x
    return adaptive_avg_pool2d(shape.view(x), small[1:]).flatten(1)


@dataclass(frozen=True, eq=False)
class Principal:
    """The first principal components of a sample.

    Attributes:
        shape: of the samples before they are shrunk.
        centre: mean of the sample, shape (p,).
        axes: orthonormal directions, shape (p, F), in falling order of the sample's variance along them.
        variances: along each of them, shape (F,).
    """

    shape: Shape
    centre: Tensor
    axes: Tensor
    variances: Tensor

    def of(self, x: Tensor) -> Tensor:
        """Coordinates along the directions: shape (N, d) to (N, F)."""
        return (shrunk(x, self.shape) - self.centre) @ self.axes

    def rest(self, x: Tensor, coordinates: Tensor) -> Tensor:
        """How far shrunk samples are from what their coordinates, shape (N, F), say of them: shape (N, d) to (N,)."""
        squares = (shrunk(x, self.shape) - self.centre).square().sum(dim=1) - coordinates.square().sum(dim=1)
        return squares.clamp_min(0).sqrt()


def principal_components(x: Tensor, shape: Shape, most: int) -> Principal:
    """The first principal components of shrunk samples, at most so many: those along which they vary at all.

    Of fewer samples than numbers they come from the Gram matrix of the samples, whose eigenvectors u give Xᵀu.

    Args:
        x: samples as ``shrunk`` gives them, shape (n, p).
        shape: what they were before.
        most: how many components.
    """
    centre = x.mean(dim=0)
    centred = (x - centre).double()
    n, p = centred.shape
    squares = centred.T @ centred if p <= n else centred @ centred.T
    values, vectors = torch.linalg.eigh(squares / max(1, n - 1))
    some = (values > values[-1].clamp_min(0) * 1e-9).nonzero()[:, 0].flip(0)[:most]
    axes = vectors[:, some] if p <= n else centred.T @ vectors[:, some]
    axes = axes / axes.norm(dim=0)
    return Principal(shape, centre, axes.float(), values[some].float())
