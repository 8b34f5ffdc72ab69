"""Densities estimated from many samples: a histogram smoothed by a Gaussian."""

from __future__ import annotations

import math
from typing import Final

import torch
from torch import Tensor

SMOOTHING: Final = 1.0
"""Standard deviation of the smoothing Gaussian where samples are as many as ``ENOUGH``, in cells."""

ENOUGH: Final = 50_000
"""Samples that are counted where a push is quick."""


def width_for(n: int, dimension: int) -> float:
    """Standard deviation of the smoothing Gaussian for n samples, in cells: it grows as n falls, by n^(−1/(d + 4)).

    Source: Silverman 1986, Density estimation, eq. 4.14, whose rate it is.
    """
    return SMOOTHING * max(1.0, ENOUGH / n) ** (1 / (dimension + 4))


def histogram_density(
    x: Tensor, bounds: tuple[float, float, float, float], side: int, width: float = SMOOTHING
) -> Tensor:
    """Density of samples on a grid over ``bounds``, smoothed; what lies outside counts for nothing.

    Args:
        x: samples, shape (N, 1) or (N, 2), data units.
        bounds: left, bottom, right, top.
        side: cells along each axis.
        width: standard deviation of the smoothing Gaussian, in cells.

    Returns:
        Density in 1/unit or 1/unit², shape (side,) or (side, side), row 0 at the bottom; its sum times the cell's size
        is the share of samples inside.
    """
    d = x.shape[1]
    low, high = torch.tensor(bounds[:2][:d]), torch.tensor(bounds[2:][:d])
    area = float(((high - low) / side).prod())
    return cell_shares(x, bounds, side, width) / area


def cell_shares(x: Tensor, bounds: tuple[float, float, float, float], side: int, width: float = SMOOTHING) -> Tensor:
    """Share of samples, shape (N, d), in each cell over ``bounds``, smoothed: shape (side,) or (side, side)."""
    d = x.shape[1]
    low, high = torch.tensor(bounds[:2][:d]), torch.tensor(bounds[2:][:d])
    cells = ((x - low) / (high - low) * side).floor()
    inside = ((cells >= 0) & (cells < side)).all(1)  # before they are whole numbers, which a far sample overflows
    flat = cells[inside].long() @ torch.tensor([1, side][:d])
    return smooth(torch.bincount(flat, minlength=side**d).float().view([side] * d), width) / len(x)


def smooth(counts: Tensor, width: float = SMOOTHING) -> Tensor:
    """Counts of cells, shape (side,) or (side, side), blurred by the Gaussian; what leaves the grid is lost."""
    reach = math.ceil(3 * width)
    offsets = torch.arange(-reach, reach + 1).float()
    weights = (-0.5 * (offsets / width) ** 2).exp()
    weights = weights / weights.sum()
    smoothed = counts.reshape(1, 1, *counts.shape)
    for axis in range(counts.ndim):
        kernel = weights.view([1, 1] + [len(weights) if i == axis else 1 for i in range(counts.ndim)])
        convolve = torch.nn.functional.conv2d if counts.ndim == 2 else torch.nn.functional.conv1d
        smoothed = convolve(smoothed, kernel, padding="same")
    return smoothed.reshape(counts.shape)
