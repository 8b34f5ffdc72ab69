"""α² follows a sigmoid: data are washed out mostly in the middle."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor

from models.registry import option
from models.schedules._base import SCHEDULES, Level, Schedule
from models.schedules._preserving import preserving


@SCHEDULES.register
class Sigmoid(Schedule):
    """How much of the data is left falls along a logistic curve, the steeper the lower its temperature.

    α² = (S(e) − S(v)) / (S(e) − S(b)) with S the logistic function and v = b + s (e − b), where b = −3/τ and e = 3/τ.
    It ends just before s = 1, where nothing of the data would be left.

    Source: Jabri et al. 2023, Scalable adaptive computation for iterative generation, arXiv:2212.11972; Chen 2023, On
    the importance of noise scheduling for diffusion models, arXiv:2301.10972, section 2.
    """

    title: ClassVar[str] = "Sigmoid (VP)"
    source: ClassVar[str] = "Jabri et al. 2023, arXiv:2212.11972"
    formula: ClassVar[str] = r"\alpha_t^2 = \frac{S(e) - S(b + t(e - b))}{S(e) - S(b)}"
    span: ClassVar[tuple[float, float]] = (1e-3, 0.99)

    temperature: float = option(
        1.0, label="temperature", symbol="τ", low=0.2, high=5.0, log=True,
        help="The lower, the more suddenly the data go in the middle; the higher, the more evenly α² falls.",
    )  # fmt: skip

    def level(self, s: Tensor) -> Level:
        """S(y) − S(x) = sinh((y − x)/2) / (2 cosh(y/2) cosh(x/2)) loses no digits where both are near one another."""
        end = 3 / self.temperature
        place = end * (2 * s - 1)
        scale = math.cosh(end / 2) / math.sinh(end)
        kept = scale * torch.sinh((end - place) / 2) / torch.cosh(place / 2)
        lost = scale * torch.sinh((end + place) / 2) / torch.cosh(place / 2)
        slope = -end * math.cosh(end / 2) * scale / torch.cosh(place / 2).square()
        return preserving(kept, lost, slope)
