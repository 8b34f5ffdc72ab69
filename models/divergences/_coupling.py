"""Costs between two samples, and the cheapest coupling of them."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import Tensor

NEAREST: Final = 1e-12
"""Squared distances below this have no direction: the cost's slope there is 0."""

MOST: Final = 500
"""Samples a side that a potential is computed from: the linear programme of so many takes some 50 ms."""


def costs(x: Tensor, y: Tensor, power: float) -> Tensor:
    """‖xᵢ − yⱼ‖ᵖ, shape (N, d) and (M, d) to (N, M), differentiable; by differences, which lose no digits."""
    squares = (x[:, None] - y[None]).square().sum(2)
    return squares if power == 2 else squares.clamp_min(NEAREST) ** (power / 2)


def coupling(cost: Tensor) -> tuple[Tensor, Tensor]:
    """The exact optimal coupling of two samples, each of equal weights, by the network simplex.

    Args:
        cost: shape (N, M).

    Returns:
        The plan, shape (N, M), summing to 1; and the dual potential of the rows, shape (N,).
    """
    import ot  # two seconds of imports, needed by few recipes

    n, m = cost.shape
    matrix = cost.detach().cpu().double().numpy()
    plan, log = ot.emd(np.full(n, 1 / n), np.full(m, 1 / m), matrix, numItermax=1_000_000, log=True)
    return torch.as_tensor(plan).to(cost), torch.as_tensor(log["u"]).to(cost)
