"""β grows linearly: the schedule of DDPM, and the variance preserving process of score models."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.registry import option
from models.schedules._base import SCHEDULES, Level, Schedule


@SCHEDULES.register
class Linear(Schedule):
    """The variance of u_t stays that of the data, 1, while β(s) = β₀ + s (β₁ − β₀) washes the data out.

    α² = exp(−∫₀ˢ β), σ² = 1 − α². This is the limit of many steps of the chain βᵢ = β(i/T)/T; β₀ = .1 and β₁ = 20 are
    the ends 10⁻⁴ and .02 of its 1,000 steps.

    Source: Ho et al. 2020, arXiv:2006.11239, section 4; Song et al. 2021, arXiv:2011.13456, eq. 33.
    """

    title: ClassVar[str] = "Linear β (VP)"
    source: ClassVar[str] = "Ho et al. 2020, arXiv:2006.11239, section 4"
    formula: ClassVar[str] = r"\alpha_t^2 = e^{-\int_0^t \beta},\quad \sigma_t^2 = 1 - \alpha_t^2"

    first: float = option(
        0.1, label="first β", symbol="β₀", low=0.001, high=5.0, log=True, help="Rate at which noise comes in at first."
    )
    last: float = option(
        20.0, label="last β", symbol="β₁", low=1.0, high=50.0, log=True,
        help="Rate at the end: with 20 nothing of the data is left there.",
    )  # fmt: skip

    def level(self, s: Tensor) -> Level:
        """α = exp(−B/2) with B = β₀ s + (β₁ − β₀) s²/2."""
        beta = self.first + (self.last - self.first) * s
        whole = self.first * s + 0.5 * (self.last - self.first) * s.square()
        alpha, sigma = torch.exp(-0.5 * whole), (-torch.expm1(-whole)).sqrt()
        return Level(alpha, sigma, -0.5 * beta * alpha, 0.5 * beta * alpha.square() / sigma)
