"""A ring under a wave: a density that is written down first, and sampled from afterwards."""

from __future__ import annotations

import math
from functools import cached_property
from typing import ClassVar, Final

import numpy as np
import torch
from torch import Tensor

from models.data._base import DATA, Planar
from models.registry import option

SQUARED_RADIUS: Final = 2.0
"""r² on the ring."""

ANGLES: Final = 512
"""Angles of the trapezoidal rule, which for a smooth periodic function is exact to all digits."""

NODES: Final = 200
"""Gauss–Legendre nodes for r², over ``REACH`` standard deviations."""

REACH: Final = 10.0

TRIES: Final = 3
"""Proposals for each sample that is still missing."""


@DATA.register
class SineRing(Planar):
    """A ring whose density rises and falls with the first coordinate, p(x) = U(x) / Z.

        log U(x) = a sin(π x₁) − b (‖x‖² − 2)²                                                      (1)

    It is known by its density, as targets in physics and in Bayesian inference are. Z is found by quadrature in polar
    coordinates (for a = 1 and b = 2, log Z = 1.612). Draws are exact, by rejection: without the sine, ‖x‖² is Gaussian
    around 2, cut off at 0, and the angle uniform; such a point is kept with probability exp(a sin(π x₁) − a).

    Source: Rozet et al. 2022, zuko, tutorial «Train from energy» (a = 1, b = 2).
    """

    title: ClassVar[str] = "Ring under a wave"
    source: ClassVar[str] = "Rozet et al. 2022, zuko, tutorial on training from an energy"
    formula: ClassVar[str] = r"p(x) = \frac{1}{Z} \exp\big(a \sin \pi x_1 - b\,(\|x\|^2 - 2)^2\big)"
    capabilities: ClassVar[frozenset[str]] = frozenset({"sample", "log_prob", "everywhere"})

    wave: float = option(
        1.0, label="wave", symbol="a", low=0.0, high=3.0, help="How much higher the crests of the wave are, in nats."
    )
    sharpness: float = option(
        2.0, label="sharpness", symbol="b", low=0.2, high=50.0, log=True,
        help="How narrow the ring is: the standard deviation of the squared radius is 1/√(2b).",
    )  # fmt: skip

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw by rejection, shape (n, 2)."""
        kept: list[Tensor] = []
        while (missing := n - sum(map(len, kept))) > 0:
            kept.append(self._accepted(TRIES * missing, generator))
        return torch.cat([torch.empty(0, 2), *kept])[:n]

    def log_prob(self, x: Tensor) -> Tensor:
        """Log U(x) − log Z in nats, shape (N,)."""
        return self._log_energy(x) - self.log_constant

    @cached_property
    def log_constant(self) -> float:
        """Log Z, the logarithm of the integral of U over the plane."""
        place, weight = np.polynomial.legendre.leggauss(NODES)
        low = max(0.0, SQUARED_RADIUS - REACH * self._std)
        half = (SQUARED_RADIUS + REACH * self._std - low) / 2
        radius = torch.from_numpy(low + half * (place + 1)).sqrt()[:, None]
        angle = torch.arange(ANGLES, dtype=torch.float64) * (2 * math.pi / ANGLES)
        x = torch.stack([radius * angle.cos(), radius * angle.sin()], -1)
        over_angles = self._log_energy(x.view(-1, 2)).exp().view(NODES, ANGLES).mean(1) * 2 * math.pi
        return math.log(float((torch.from_numpy(weight) * over_angles).sum()) * half / 2)  # r dr = d(r²) / 2

    @property
    def _std(self) -> float:
        """Standard deviation of ‖x‖² where there is no wave."""
        return 1 / math.sqrt(2 * self.sharpness)

    def _log_energy(self, x: Tensor) -> Tensor:
        """Log U of eq. 1, shape (N,)."""
        off = x.square().sum(1) - SQUARED_RADIUS
        return self.wave * torch.sin(math.pi * x[:, 0]) - self.sharpness * off.square()

    def _accepted(self, tries: int, generator: torch.Generator) -> Tensor:
        squared = SQUARED_RADIUS + self._std * torch.randn(tries, generator=generator)
        angle = 2 * math.pi * torch.rand(tries, generator=generator)
        chance = torch.rand(tries, generator=generator)
        x = squared.clamp(min=0).sqrt()[:, None] * torch.stack([angle.cos(), angle.sin()], 1)
        below = chance.log() < self.wave * (torch.sin(math.pi * x[:, 0]) - 1)
        return x[below & (squared > 0)]
