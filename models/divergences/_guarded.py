"""Exponentials that a confident critic cannot blow up, and sums over densities that may be 0."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

LIMIT: Final = 20.0
"""Up to here eˣ is itself, beyond it its tangent: e²⁰ ≈ 5·10⁸, whose square single precision still holds."""


def guarded_exp(x: Tensor) -> Tensor:
    """The exponential eˣ up to ``LIMIT`` and its tangent there beyond, any shape: convex, finite, slope never 0.

    A loss of it is exact while no x passes ``LIMIT``. A bound on D made of it holds so far too: the tangent lies below
    the exponential, so outputs beyond the limit make the bound look better than it is.
    """
    return x.clamp_max(LIMIT).exp() * (1 + (x - LIMIT).clamp_min(0))


def guarded_slope(x: Tensor) -> Tensor:
    """The derivative of ``guarded_exp``, any shape."""
    return x.clamp_max(LIMIT).exp()


def relative_entropy(log_p: Tensor, log_q: Tensor) -> Tensor:
    """p·log(p/q) from log densities, any shape; 0 log 0 = 0 even if p is only too small, ∞ where only q is 0."""
    return torch.nan_to_num(log_p.exp() * (log_p - log_q), nan=0.0, posinf=torch.inf)


def chi_square(log_p: Tensor, log_q: Tensor) -> Tensor:
    """(p − q)²/q from log densities, any shape; 0 where both are 0, ∞ where only q is."""
    ratio_p = torch.where(log_p == -torch.inf, 0.0, (2 * log_p - log_q).exp())
    return ratio_p - 2 * log_p.exp() + log_q.exp()
