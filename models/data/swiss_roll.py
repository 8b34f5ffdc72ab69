"""A rolled-up strip seen from its edge."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor

from models.data._base import DATA
from models.data._curves import Arms, NoisyCurves, one_arm
from models.registry import option


@DATA.register
class SwissRoll(NoisyCurves):
    """One spiral, the cross-section of the Swiss roll, with Gaussian noise.

    The curve is (t cos t, t sin t) with t = 3π/2 · (1 + 2v) and v uniform on [0, 1]; noise is added and the whole is
    scaled. The density is the exact integral along the curve, by quadrature.

    Source: Grathwohl et al. 2019, FFJORD, arXiv:1810.01367, toy data ``swissroll`` (noise 1, divided by 5), after
    scikit-learn's ``make_swiss_roll``.
    """

    title: ClassVar[str] = "Swiss roll"
    source: ClassVar[str] = "Grathwohl et al. 2019, FFJORD, arXiv:1810.01367, toy data"
    formula: ClassVar[str] = r"s\,(t\cos t,\ t\sin t) + s\,\sigma\varepsilon,\quad t = \frac{3\pi}{2}(1 + 2v)"

    noise: float = option(
        1.0, label="noise", symbol="σ", low=0.05, high=5.0, log=True,
        help="Standard deviation of the Gaussian noise around the curve, before scaling.",
    )  # fmt: skip
    scale: float = option(
        0.2, label="scale", symbol="s", low=0.02, high=2.0, log=True, help="Factor that curve and noise are scaled by."
    )

    def _images(self) -> Arms:
        return one_arm()

    def _curve(self, v: Tensor) -> Tensor:
        angle = 1.5 * math.pi * (1 + 2 * v)
        return torch.stack([angle * angle.cos(), angle * angle.sin()], 1)
