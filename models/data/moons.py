"""Two interleaving half circles."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor

from models.data._base import DATA
from models.data._curves import Arms, NoisyCurves
from models.registry import option


@DATA.register
class Moons(NoisyCurves):
    """Two half circles that reach into one another, with Gaussian noise.

    The upper moon is (cos πv, sin πv), the lower one (1 − cos πv, ½ − sin πv), with v uniform on [0, 1]; noise is
    added and the whole is scaled. The density is the exact integral along the arcs, by quadrature.

    Source: Pedregosa et al. 2011, scikit-learn, ``make_moons`` (scale 1); scale 2 gives the moons of Grathwohl et al.
    2019, FFJORD, arXiv:1810.01367, but for a shift.
    """

    title: ClassVar[str] = "Two moons"
    source: ClassVar[str] = "Pedregosa et al. 2011, scikit-learn, make_moons"
    formula: ClassVar[str] = (
        r"s\,\big[(\cos t, \sin t)\ \mathrm{or}\ (1-\cos t, \frac{1}{2}-\sin t)\big] + s\,\sigma\varepsilon"
    )

    capabilities: ClassVar[frozenset[str]] = NoisyCurves.capabilities | {"classes"}

    noise: float = option(
        0.1, label="noise", symbol="σ", low=0.01, high=1.0, log=True,
        help="Standard deviation of the Gaussian noise around the arcs, before scaling.",
    )  # fmt: skip
    scale: float = option(
        1.0, label="scale", symbol="s", low=0.1, high=10.0, log=True, help="Factor that arcs and noise are enlarged by."
    )

    def _images(self) -> Arms:
        return Arms(torch.tensor([[1.0], [-1.0]]), torch.tensor([[0.0, 0.0], [1.0, 0.5]]), ("upper", "lower"))

    def _curve(self, v: Tensor) -> Tensor:
        angle = math.pi * v
        return torch.stack([angle.cos(), angle.sin()], 1)
