"""Sums over all pairs of points, in pieces that stay in the processor's cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor

ROWS: Final = 64
"""Points of one side that are compared at once: 64 × 2,500 squared distances take 0.6 MB."""

FEW_DIMENSIONS: Final = 8
"""Up to here squared distances are summed coordinate by coordinate, which is exact and, for d = 2, the fastest."""

Kernel = Callable[[Tensor], Tensor]


def squared_distances(x: Tensor, y: Tensor) -> Tensor:
    """Squared Euclidean distances, shapes (N, d) and (M, d) to (N, M)."""
    if x.shape[1] > FEW_DIMENSIONS:
        # A matrix product: ten times faster; centred, for it loses digits to the distance from the origin.
        centre = y.mean(dim=0)
        left = x - centre
        right = left if x is y else y - centre
        squares, others = (side.square().sum(dim=1) for side in (left, right))
        return torch.addmm(others, left, right.T, alpha=-2).add_(squares[:, None]).clamp_min_(0)
    total = (x[:, :1] - y[:, 0]).square_()
    for axis in range(1, x.shape[1]):
        total += (x[:, axis, None] - y[:, axis]).square_()
    return total


def sum_between(x: Tensor, y: Tensor, kernel: Kernel) -> float:
    """Σ_ij k(‖x_i − y_j‖²); ``kernel`` may write over its argument."""
    # Pieces are summed in float32 (pairwise, so 1e-7 of the whole), and the pieces in double precision.
    return sum(float(kernel(squared_distances(rows, y)).sum()) for rows in x.split(rows_at_once(x)))


def sum_within(x: Tensor, kernel: Kernel) -> float:
    """Σ_{i≠j} k(‖x_i − x_j‖²); every pair is computed once and counted twice."""
    total = 0.0
    step = rows_at_once(x)
    for start in range(0, len(x), step):
        rows, later = x[start : start + step], x[start + step :]
        own = kernel(squared_distances(rows, rows)).fill_diagonal_(0.0)
        total += float(own.sum())
        if len(later):
            total += 2.0 * float(kernel(squared_distances(rows, later)).sum())
    return total


def rows_at_once(x: Tensor) -> int:
    """How many rows make one piece: more where a matrix product does the work."""
    return ROWS if x.shape[1] <= FEW_DIMENSIONS else 8 * ROWS
