"""A ring of Gaussians: the standard picture of mode collapse."""

from __future__ import annotations

import math
from typing import ClassVar, Self

import torch
from pydantic import model_validator

from models.data._base import DATA
from models.data._mixture import Mixture, Modes, check_weights, round_modes
from models.registry import option


@DATA.register
class Ring(Mixture):
    """Equal round Gaussians on a circle.

    Centres at r (cos 2πk/K, sin 2πk/K) for k = 0 … K−1, so K modes are K distinct points: the end of the circle is
    not its beginning counted twice.

    Source: Lin et al. 2018, PacGAN, arXiv:1712.04086, section 4.1 (K = 8, r = 1, std .01).
    """

    title: ClassVar[str] = "Ring of Gaussians"
    source: ClassVar[str] = "Lin et al. 2018, PacGAN, arXiv:1712.04086, section 4.1"
    formula: ClassVar[str] = r"\sum_k w_k \, N(r\,(\cos\frac{2\pi k}{K}, \sin\frac{2\pi k}{K}),\ \sigma^2 I)"

    modes: int = option(8, label="modes", symbol="K", low=1, high=64, help="How many Gaussians stand on the circle.")
    radius: float = option(1.0, label="radius", symbol="r", low=0.1, high=10.0, help="Radius of the circle.")
    std: float = option(
        0.05, label="std", symbol="σ", low=0.001, high=1.0, log=True, help="Standard deviation of each Gaussian."
    )
    weights: tuple[float, ...] = option(
        (), label="weights", symbol="w", help="Relative mass of each mode; empty for equal ones."
    )

    @model_validator(mode="after")
    def _weights_fit(self) -> Self:
        check_weights(self.weights, self.modes)
        return self

    def short_title(self) -> str:
        """``Ring of 8``."""
        return f"Ring of {self.modes}"

    def _gaussians(self) -> Modes:
        angle = 2 * math.pi * torch.arange(self.modes) / self.modes
        return round_modes(self.radius * torch.stack([angle.cos(), angle.sin()], 1), self.std, self.weights)
