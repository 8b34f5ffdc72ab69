"""Exact transport between samples on a line: the quantile coupling."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Array = NDArray[np.generic]


def ordered(x: Tensor) -> Tensor:
    """Every row in rising order; numpy's vectorised sort takes a tenth of the time of torch's on a CPU."""
    return torch.from_numpy(np.sort(x.detach().cpu().numpy(), axis=-1))


def transport_cost(x: Tensor, y: Tensor, p: int) -> Tensor:
    """Cost ∫₀¹ |F⁻¹(u) − G⁻¹(u)|ᵖ du of moving one sample onto the other, which is W_pᵖ, for every row.

    Both quantile functions are steps, so the integral is a finite sum, exact for unequal sizes too.

    Args:
        x: rows in rising order, shape (P, N).
        y: rows in rising order, shape (P, M).
        p: power of the cost.

    Returns:
        Cost of every row, shape (P,), float64, (data units)ᵖ.

    Source: Santambrogio 2015, Optimal Transport for Applied Mathematicians, proposition 2.17.
    """
    if x.shape[1] == y.shape[1]:
        return (x - y).abs().pow(p).mean(dim=1, dtype=torch.float64)
    left, right, width = (torch.from_numpy(part) for part in _steps(x.shape[1], y.shape[1]))
    return (x[:, left] - y[:, right]).abs().pow(p).double() @ width


@lru_cache(maxsize=4)
def _steps(n: int, m: int) -> tuple[Array, Array, Array]:
    """Where two quantile functions of n and m steps are constant: index in each, and width of the interval."""
    # In whole numbers, of unit 1/(n m): floating fractions would part ends that coincide.
    ends = np.union1d(np.arange(1, n + 1, dtype=np.int64) * m, np.arange(1, m + 1, dtype=np.int64) * n)
    starts = np.concatenate([[0], ends[:-1]])
    return starts // m, starts // n, (ends - starts) / (n * m)
