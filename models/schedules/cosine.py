"""α follows a cosine: data are washed out gently at both ends."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor

from models.registry import option
from models.schedules._base import SCHEDULES, Level, Schedule
from models.schedules._preserving import preserving


@SCHEDULES.register
class Cosine(Schedule):
    """Little changes near the data and near pure noise: the levels in between get most of the time.

    α² = f(s)/f(0) with f(s) = cos²((s + o)/(1 + o) · π/2). At s = 1 nothing of the data would be left, and what the net
    says of the noise is divided by α: the published way is clipped just before, this one ends at α = .08, where the law
    is normal but for one part in a hundred.

    Source: Nichol and Dhariwal 2021, Improved denoising diffusion probabilistic models, arXiv:2102.09672, eq. 17.
    """

    title: ClassVar[str] = "Cosine (VP)"
    source: ClassVar[str] = "Nichol and Dhariwal 2021, arXiv:2102.09672, eq. 17"
    formula: ClassVar[str] = r"\alpha_t \propto \cos\left(\frac{t + o}{1 + o}\,\frac{\pi}{2}\right)"
    span: ClassVar[tuple[float, float]] = (1e-3, 0.95)

    offset: float = option(
        0.008, label="offset", symbol="o", low=0.0001, high=0.2, log=True,
        help="Keeps the noise near the data from growing too slowly.",
    )  # fmt: skip

    def level(self, s: Tensor) -> Level:
        """With a = o/(1 + o) π/2 at s = 0 and b at s: α = cos b / cos a, σ² = sin(b − a) sin(b + a) / cos² a."""
        rate = math.pi / 2 / (1 + self.offset)
        start, angle = rate * self.offset, rate * (s + self.offset)
        whole = math.cos(start) ** 2
        lost = torch.sin(rate * s) * torch.sin(angle + start) / whole
        return preserving(angle.cos().square() / whole, lost, -rate * torch.sin(2 * angle) / whole)
