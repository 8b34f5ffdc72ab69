"""Optimal transport, averaged over all the lines that samples can be projected to."""

from __future__ import annotations

import math
from typing import ClassVar, Final

import torch
from torch import Tensor

from models.measures._base import MEASURES, Measure, Reference, Samples
from models.measures._line import ordered, transport_cost

PROJECTIONS: Final = 128
"""How many directions are drawn."""

NUMBERS: Final = 1 << 23
"""Numbers in all of them together, at most …"""

FEW: Final = 16
"""… but so many directions at least."""


@MEASURES.register
class SlicedWasserstein(Measure):
    """Sliced Wasserstein distance of order p = 2.

    SW₂² = E_ω [W₂²(ω·x, ω·y)] over uniform unit vectors ω, here over 128 of them (fewer for
    large pictures); each W₂ on the line is exact, for
    unequal sizes too. The directions come in random orthonormal bases, which average ω·a over a basis exactly:
    a shift by a has SW₂ = ‖a‖ / √d. In one dimension there is one line, and the measure is W₂ itself.

    Source: Bonneel et al. 2015, Sliced and Radon Wasserstein Barycenters of Measures; orthonormal bases:
    Rowland et al. 2019, arXiv:1903.03784.
    """

    title: ClassVar[str] = "Sliced Wasserstein-2"
    source: ClassVar[str] = "Bonneel et al. 2015, Sliced and Radon Wasserstein Barycenters of Measures"
    formula: ClassVar[str] = r"\left(E_\omega\, W_2^2(\omega \cdot x,\ \omega \cdot y)\right)^{1/2}"
    unit: ClassVar[str] = "data units"
    live: ClassVar[bool] = True
    largest: ClassVar[int] = 20_000

    def compare(self, samples: Samples, reference: Reference, generator: torch.Generator) -> float:
        """The distance, in data units."""
        x = samples.x
        lines = directions(x.shape[1], generator).to(x)
        cost = transport_cost(ordered(lines @ x.T), ordered(lines @ reference.x.T), p=2)
        return math.sqrt(float(cost.mean()))

    def rate(self, d: int) -> float:
        """As 1/√N, in any dimension."""
        return 0.5


def directions(d: int, generator: torch.Generator) -> Tensor:
    """Unit vectors of ℝᵈ in random orthonormal bases, shape (``PROJECTIONS`` or a few more, d); for d = 1 just one.

    Fewer in ℝᵈ of so many dimensions that they would take long: large pictures.
    """
    if d == 1:
        return torch.ones(1, 1)
    most = max(FEW, min(PROJECTIONS, NUMBERS // d))
    each = min(d, most)
    frames = torch.randn(math.ceil(most / each), d, each, generator=generator)
    return torch.linalg.qr(frames).Q.mT.reshape(-1, d)
