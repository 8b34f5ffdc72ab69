"""The Kantorovich potential of two samples: the critic that a transport cost would have, were it trained to the end.

The dual of transport is sup E_P[φ(x)] + E_Q[ψ(x̂)] with φ(x) + ψ(y) ≤ c(x, y) (Peyré and Cuturi 2019, arXiv:1803.00567,
eq. 2.24), so T = −ψ is high on data and low on samples, and −∇T is where the samples' cost grows. Known at the data, it
is carried on to every point by the c-transform T(y) = max over i of φ(xᵢ) − c(xᵢ, y) (eq. 5.1).
"""

from __future__ import annotations

import torch
from torch import Tensor

from models.divergences._coupling import MOST, costs, coupling


def kantorovich(points: Tensor, real: Tensor, fake: Tensor, *, power: float) -> Tensor:
    """T at the points, for the cost ‖x − y‖ᵖ.

    Args:
        points: where, shape (N, d).
        real: data, shape (M, d).
        fake: samples, shape (K, d); of both the first 500 are taken, all of them on a line with p = 1.
        power: p.

    Returns:
        Shape (N,), up to a constant; with p = 1 its slope is at most 1.
    """
    if points.shape[1] == 1 and power == 1:
        return _on_a_line(points[:, 0], real[:, 0], fake[:, 0])
    real, fake = real[:MOST], fake[:MOST]
    _, at_data = coupling(costs(real, fake, power))
    return (at_data - costs(points, real, power)).amax(1)


def _on_a_line(points: Tensor, real: Tensor, fake: Tensor) -> Tensor:
    """T′ = sign(F_Q − F_P), integrated from the left; T is flat outside both samples."""
    places, order = torch.cat([real, fake]).sort()
    mass = torch.cat([real.new_full(real.shape, -1 / len(real)), fake.new_full(fake.shape, 1 / len(fake))])
    # Rounding would give a sign to levels that are equal.
    level = mass.double()[order].cumsum(0)[:-1]
    rise = torch.where(level.abs() < 1e-9, 0.0, level.sign()).to(places) * places.diff()
    heights = torch.cat([rise.new_zeros(1), rise.cumsum(0)])
    inside = points.clamp(places[0], places[-1]).contiguous()
    right = torch.searchsorted(places, inside).clamp(1, len(places) - 1)
    share = (inside - places[right - 1]) / (places[right] - places[right - 1]).clamp_min(torch.finfo(places.dtype).tiny)
    return torch.lerp(heights[right - 1], heights[right], share)
