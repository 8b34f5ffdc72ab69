"""Transport on lines: two samples seen from directions, where sorting couples them at the least cost.

The cost along one direction is ∫ |F_P⁻¹ − F_Q⁻¹|ᵖ over levels (Peyré and Cuturi 2019, arXiv:1803.00567, remark
2.30), which for samples of unequal sizes runs over all levels i/N and j/M.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor


def directions(count: int, like: Tensor, chance: torch.Generator) -> Tensor:
    """Uniform unit vectors, shape (count, d), of the type of the samples ``like``, shape (N, d)."""
    drawn = torch.randn(count, like.shape[1], generator=chance).to(like)
    return drawn / drawn.norm(dim=1, keepdim=True)


def line_costs(real: Tensor, fake: Tensor, along: Tensor, power: int) -> Tensor:
    """Wₚᵖ along each direction, shapes (N, d), (M, d) and (L, d) to (L,), differentiable."""
    x, y = (real @ along.T).sort(0).values, (fake @ along.T).sort(0).values
    if len(x) == len(y):
        return _raised(x - y, power).mean(0)
    left, right, widths = _levels(len(x), len(y))
    return widths.to(x) @ _raised(x[left.to(x.device)] - y[right.to(x.device)], power)


def _raised(differences: Tensor, power: int) -> Tensor:
    return differences.square() if power == 2 else differences.abs()


@lru_cache(maxsize=16)
def _levels(n: int, m: int) -> tuple[Tensor, Tensor, Tensor]:
    """Which of n and which of m sorted samples meet at each level, and how wide the level is."""
    ends = torch.cat([torch.arange(1, n + 1) * m, torch.arange(1, m + 1) * n]).sort().values
    widths = ends.diff(prepend=ends.new_zeros(1)).double() / (n * m)
    return (ends - 1) // m, (ends - 1) // n, widths
