"""Less noise than the variance preserving process, at every time."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.schedules._base import SCHEDULES, Level
from models.schedules._linear_rate import LinearRate


@SCHEDULES.register
class SubVariancePreserving(LinearRate):
    """The data fade as in the variance preserving process, but the noise comes in later: α² + σ² ≤ 1.

    α = exp(−B/2), σ = 1 − exp(−B) with B = ∫₀ˢ β and β(s) = β₀ + s (β₁ − β₀). Near the data the noise is so small that
    the way begins a little later than elsewhere.

    Source: Song et al. 2021, Score-based generative modeling through stochastic differential equations,
    arXiv:2011.13456, eq. 28 and 29.
    """

    title: ClassVar[str] = "Sub-VP"
    source: ClassVar[str] = "Song et al. 2021, arXiv:2011.13456, eq. 28 and 29"
    formula: ClassVar[str] = r"\alpha_t^2 = e^{-\int_0^t \beta},\quad \sigma_t = 1 - \alpha_t^2"
    span: ClassVar[tuple[float, float]] = (0.02, 1.0)

    def level(self, s: Tensor) -> Level:
        """α = exp(−B/2), σ′ = β e^{−B}."""
        beta, whole = self.rate(s), self.faded(s)
        alpha = torch.exp(-0.5 * whole)
        return Level(alpha, -torch.expm1(-whole), -0.5 * beta * alpha, beta * alpha.square())
