"""Two circles, one within the other."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor

from models.data._base import DATA
from models.data._curves import Arms, NoisyCurves
from models.registry import option


@DATA.register
class Circles(NoisyCurves):
    """Two circles around the origin, one within the other, with Gaussian noise.

    Half of the mass lies around the circle of radius s, half around the one of radius f s. The density is the exact
    integral along the circles, by quadrature.

    Source: Grathwohl et al. 2019, FFJORD, arXiv:1810.01367, toy data ``circles`` (f = .5, noise .08, scale 3), after
    scikit-learn's ``make_circles``.
    """

    title: ClassVar[str] = "Two circles"
    source: ClassVar[str] = "Grathwohl et al. 2019, FFJORD, arXiv:1810.01367, toy data"
    formula: ClassVar[str] = r"s\,r\,(\cos t, \sin t) + s\,\sigma\varepsilon,\quad r \in \{1, f\}"

    capabilities: ClassVar[frozenset[str]] = NoisyCurves.capabilities | {"classes"}

    noise: float = option(
        0.08, label="noise", symbol="σ", low=0.01, high=1.0, log=True,
        help="Standard deviation of the Gaussian noise around the circles, before scaling.",
    )  # fmt: skip
    scale: float = option(
        3.0, label="scale", symbol="s", low=0.1, high=10.0, log=True, help="Radius of the outer circle."
    )
    factor: float = option(
        0.5,
        label="factor",
        symbol="f",
        low=0.0,
        high=1.0,
        help="Radius of the inner circle as a share of the outer one.",
    )

    def _images(self) -> Arms:
        return Arms(torch.tensor([[1.0], [self.factor]]), torch.zeros(2, 2), ("outer", "inner"))

    def _curve(self, v: Tensor) -> Tensor:
        angle = 2 * math.pi * v
        return torch.stack([angle.cos(), angle.sin()], 1)
