"""Two spirals wound into one another."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor

from models.data._base import DATA
from models.data._curves import Arms, NoisyCurves
from models.registry import option


@DATA.register
class Spirals(NoisyCurves):
    """Two Archimedean spirals, each the other's reflection in the origin, with Gaussian noise.

    The arms are ± (−t cos t, t sin t) / 3 with t = 2π · turns · √u and u uniform on [0, 1], which spreads the mass
    almost evenly along them. The density is the exact integral along the arms, by quadrature.

    Source: Grathwohl et al. 2019, FFJORD, arXiv:1810.01367, toy data ``2spirals`` (1.5 turns, noise .1). Its script
    also shifts each arm's points by a small uniform amount, which is left out here: the noise is one number.
    """

    title: ClassVar[str] = "Two spirals"
    source: ClassVar[str] = "Grathwohl et al. 2019, FFJORD, arXiv:1810.01367, toy data"
    formula: ClassVar[str] = r"\pm\frac{s}{3}\,(-t\cos t,\ t\sin t) + s\,\sigma\varepsilon,\quad t = 2\pi T\sqrt{u}"

    capabilities: ClassVar[frozenset[str]] = NoisyCurves.capabilities | {"classes"}

    noise: float = option(
        0.1, label="noise", symbol="σ", low=0.01, high=1.0, log=True,
        help="Standard deviation of the Gaussian noise around the arms, before scaling.",
    )  # fmt: skip
    scale: float = option(
        1.0, label="scale", symbol="s", low=0.1, high=10.0, log=True, help="Factor that arms and noise are enlarged by."
    )
    turns: float = option(1.5, label="turns", symbol="T", low=0.25, high=4.0, help="How often each arm winds round.")

    def _images(self) -> Arms:
        return Arms(torch.tensor([[1.0], [-1.0]]), torch.zeros(2, 2), ("first", "second"))

    def _curve(self, v: Tensor) -> Tensor:
        angle = 2 * math.pi * self.turns * v
        return torch.stack([-angle * angle.cos() / 3, angle * angle.sin() / 3], 1)

    def _place(self, u: Tensor) -> Tensor:
        return u.sqrt()

    def _place_density(self, v: Tensor) -> Tensor:
        return 2 * v
