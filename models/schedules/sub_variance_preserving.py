"""Less noise than the variance preserving process, at every time."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.registry import option
from models.schedules._base import SCHEDULES, Level, Schedule


@SCHEDULES.register
class SubVariancePreserving(Schedule):
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

    first: float = option(
        0.1, label="first β", symbol="β₀", low=0.001, high=5.0, log=True, help="Rate at which the data fade at first."
    )
    last: float = option(
        20.0, label="last β", symbol="β₁", low=1.0, high=50.0, log=True,
        help="Rate at the end: with 20 nothing of the data is left there.",
    )  # fmt: skip

    def level(self, s: Tensor) -> Level:
        """B = β₀ s + (β₁ − β₀) s²/2, σ′ = β e^{−B}."""
        beta = self.first + (self.last - self.first) * s
        whole = self.first * s + 0.5 * (self.last - self.first) * s.square()
        alpha = torch.exp(-0.5 * whole)
        return Level(alpha, -torch.expm1(-whole), -0.5 * beta * alpha, beta * alpha.square())
