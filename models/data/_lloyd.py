"""k-means: centres that are the means of the samples nearest to them.

Source: Lloyd 1982, IEEE TIT 28; seeds: Arthur and Vassilvitskii 2007, k-means++, SODA, section 2.2.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

ROUNDS: Final = 50


def distances(x: Tensor, means: Tensor) -> Tensor:
    """From every sample to every centre: shapes (n, d) and (K, d) to (n, K)."""
    # Not through a matrix product: float32 would lose the small distances.
    return torch.cdist(x, means, compute_mode="donot_use_mm_for_euclid_dist")


def spread_seeds(x: Tensor, k: int, chance: torch.Generator, first: Tensor) -> Tensor:
    """Up to k different samples, each drawn with a chance that grows as the square of its distance to the others.

    Args:
        x: samples, shape (n, d).
        k: how many.
        chance: the only source of chance.
        first: the seed to begin with, shape (1, d).
    """
    seeds = first
    for _ in range(k - 1):
        squares = distances(x, seeds).amin(dim=1).square()
        if not float(squares.sum()) > 0:  # fewer different samples than seeds
            break
        seeds = torch.cat([seeds, x[torch.multinomial(squares, 1, generator=chance)]])
    return seeds


def lloyd(x: Tensor, means: Tensor) -> Tensor:
    """Centres that are the means of their cells, from these: at most as many, for those of empty cells are dropped.

    Ordered along the first coordinate.
    """
    before = torch.empty(0)
    for _ in range(ROUNDS):
        index = distances(x, means).argmin(dim=1)
        if torch.equal(index, before):
            break
        counts = torch.bincount(index, minlength=len(means))
        means, before = (torch.zeros_like(means).index_add(0, index, x) / counts[:, None])[counts > 0], index
    means = means[distances(x, means).argmin(dim=1).unique()]
    return means[means[:, 0].argsort()]
