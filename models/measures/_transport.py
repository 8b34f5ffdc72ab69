"""Exact optimal transport between two samples."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np
import torch
from torch import Tensor

from models.measures._base import Measure, Reference, Samples
from models.measures._line import ordered, transport_cost

WIDE: Final = 64
"""Numbers of a sample beyond which distances come from inner products: in double precision, around the mean, they lose
nothing that counts there, and take a tenth of the time."""


class Transport(Measure):
    """Wasserstein distance W_p = (min_π Σ_ij π_ij ‖x_i − y_j‖ᵖ)^(1/p) between two samples.

    The minimum over all couplings π is exact, by the network simplex, of at most ``largest`` points of each side: a
    thousand, for its time grows with their third power. It is far from 0 for two samples of one law: read the floor.
    """

    unit: ClassVar[str] = "data units"
    largest: ClassVar[int] = 1_000
    repeats: ClassVar[int] = 8
    power: ClassVar[int]

    def compare(self, samples: Samples, reference: Reference, generator: torch.Generator) -> float:
        """The distance, in data units."""
        x = samples.x
        on_line = x.shape[1] == 1
        cost = _cost_on_line if on_line else _cost
        return max(0.0, cost(x, reference.x, self.power)) ** (1 / self.power)

    def rate(self, d: int) -> float:
        """As 1/√N up to two dimensions and as N^(−1/d) in more (Fournier and Guillin 2015, theorem 1)."""
        return 1 / max(2, d)


def _cost_on_line(x: Tensor, y: Tensor, p: int) -> float:
    return float(transport_cost(ordered(x.T), ordered(y.T), p)[0])


def _distances(x: Tensor, y: Tensor) -> Tensor:
    if x.shape[1] <= WIDE:
        return torch.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist")
    centre = y.mean(0)
    return torch.cdist(x - centre, y - centre, compute_mode="use_mm_for_euclid_dist")


def _cost(x: Tensor, y: Tensor, p: int) -> float:
    import ot  # two seconds of imports, which a window that opens must not wait for

    distances = _distances(x.double(), y.double())
    longest = float(distances.max()) or 1.0  # the simplex takes costs below 1e-15 for none: it is given shares of 1
    left, right = (np.full(len(points), 1 / len(points)) for points in (x, y))
    cost = ot.emd2(left, right, distances.div_(longest).pow(p).cpu().numpy(), numItermax=10_000_000)
    return longest**p * float(np.asarray(cost))
