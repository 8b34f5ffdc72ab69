"""β grows linearly: the schedule of DDPM, and the variance preserving process of score models."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.schedules._base import SCHEDULES, Level
from models.schedules._linear_rate import LinearRate


@SCHEDULES.register
class Linear(LinearRate):
    """The variance of u_t stays that of the data, 1, while β(s) = β₀ + s (β₁ − β₀) washes the data out.

    α² = exp(−∫₀ˢ β), σ² = 1 − α². This is the limit of many steps of the chain βᵢ = β(i/T)/T; β₀ = .1 and β₁ = 20 are
    the ends 10⁻⁴ and .02 of its 1,000 steps.

    Source: Ho et al. 2020, arXiv:2006.11239, section 4; Song et al. 2021, arXiv:2011.13456, eq. 33.
    """

    title: ClassVar[str] = "Linear β (VP)"
    source: ClassVar[str] = "Ho et al. 2020, arXiv:2006.11239, section 4"
    formula: ClassVar[str] = r"\alpha_t^2 = e^{-\int_0^t \beta},\quad \sigma_t^2 = 1 - \alpha_t^2"

    def level(self, s: Tensor) -> Level:
        """α = exp(−B/2), σ² = 1 − exp(−B)."""
        beta, whole = self.rate(s), self.faded(s)
        alpha, sigma = torch.exp(-0.5 * whole), (-torch.expm1(-whole)).sqrt()
        return Level(alpha, sigma, -0.5 * beta * alpha, 0.5 * beta * alpha.square() / sigma)
