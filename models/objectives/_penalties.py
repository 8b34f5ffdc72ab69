"""Penalties on the critic's slope that an objective adds to whatever the divergence asks for.

A penalty counts the slope where the lenses of single samples end: for packs it is the slope over the whole pack. Lenses
of the batch that follow are part of the function whose slope it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, autograd

from models.architectures._network import MeanSquareSlope, SlopePenalty
from models.objectives._lenses import Chain

Function = Callable[[Tensor], Tensor]
"""A critic as a function: shape (N, inputs) to (N, 1)."""


def mean_squares(both: Tensor, n: int, on_real: float, on_fake: float) -> MeanSquareSlope | None:
    """R1 and R2 at once: w₁ E_P ‖∇T‖² + w₂ E_Q ‖∇T‖² (Mescheder et al. 2018, arXiv:1801.04406, eq. 9-10).

    Args:
        both: data, then samples, shape (N + M, d).
        n: how many of them are data, N.
        on_real: w₁.
        on_fake: w₂.
    """
    if on_real and on_fake:
        weight = both.new_full((len(both), 1), on_real * len(both) / n)
        weight[n:] = on_fake * len(both) / (len(both) - n)
        return MeanSquareSlope.at(both, weight)
    if on_real:
        return MeanSquareSlope.at(both[:n], on_real)
    return MeanSquareSlope.at(both[n:], on_fake) if on_fake else None


def dragan(real: Tensor, weight: float, spread: float, chance: torch.Generator) -> SlopePenalty | None:
    """λ E (‖∇T(x + δ)‖ − 1)², δ ~ N(0, c² s² I) with s the standard deviation of the batch.

    Source: Kodali et al. 2017, arXiv:1705.07215, section 2.3; the unit of c, as in the authors' code, is s.

    Args:
        real: data, shape (N, d).
        weight: λ.
        spread: c.
        chance: where δ comes from.
    """
    if weight == 0:
        return None
    nudge = torch.randn(real.shape, generator=chance, dtype=real.dtype).to(real.device)
    points = real + spread * real.std(correction=0) * nudge
    return SlopePenalty(points, lambda slope: weight * (slope.norm(dim=1) - 1).square().mean())


def seen_through(penalty: SlopePenalty, lenses: Chain) -> SlopePenalty:
    """The same penalty on x ↦ T(lenses(x)), written as one on T: the slope is pulled back through the lenses."""
    if not lenses:
        return penalty
    stages = lenses.stages(penalty.points)
    return SlopePenalty(stages[-1], lambda slope: penalty.value(lenses.pull(stages, slope)))


def total(penalties: Iterable[SlopePenalty], critic: Function) -> Tensor | float:
    """All penalties under a critic, differentiable in its weights and in what the points depend on."""
    return sum(penalty.value(_slope(critic, penalty.points)) for penalty in penalties)


def _slope(critic: Function, points: Tensor) -> Tensor:
    x = points.clone() if points.requires_grad else points.detach().requires_grad_()
    # a clone, for the weights of a critic that has answered depend on the points themselves, and that is no slope
    return autograd.grad(critic(x).sum(), x, create_graph=True)[0]
