"""Points with weights, which stand for a model wherever a mean under it is taken."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, eq=False)
class Weighted:
    """Points with which expectations under P_θ are taken, E_{P_θ}[f] ≈ Σᵢ wᵢ f(uᵢ), all differentiable in θ.

    Attributes:
        u: the points in the units of training, shape (M, d).
        weight: wᵢ, shape (M,), sum 1.
        log_density: log q_θ(uᵢ) in the units of training, nats, shape (M,).
    """

    u: Tensor
    weight: Tensor
    log_density: Tensor
