"""What schedules share by which data fade at a rate that grows linearly."""

from __future__ import annotations

from torch import Tensor

from models.registry import option
from models.schedules._base import Schedule


class LinearRate(Schedule):
    """β(s) = β₀ + s (β₁ − β₀), and α = exp(−B/2) with B = ∫₀ˢ β."""

    first: float = option(
        0.1, label="first β", symbol="β₀", low=0.001, high=5.0, log=True, help="Rate at which the data fade at first."
    )
    last: float = option(
        20.0, label="last β", symbol="β₁", low=1.0, high=50.0, log=True,
        help="Rate at the end: with 20 nothing of the data is left there.",
    )  # fmt: skip

    def rate(self, s: Tensor) -> Tensor:
        """β, shape of s."""
        return self.first + (self.last - self.first) * s

    def faded(self, s: Tensor) -> Tensor:
        """B = β₀ s + (β₁ − β₀) s²/2, shape of s."""
        return self.first * s + 0.5 * (self.last - self.first) * s.square()
