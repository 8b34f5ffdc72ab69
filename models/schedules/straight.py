"""The straight path between data and source."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.schedules._base import SCHEDULES, Level, Schedule


@SCHEDULES.register
class Straight(Schedule):
    """Each point moves on a straight line, at one speed, from its datum to its partner at the source.

    u_t = (1 − t) u₀ + t z: the source need not be noise. At t = 1 nothing of the data is left at all.

    Source: Lipman et al. 2023, arXiv:2210.02747, eq. 20 (with σ_min = 0 and time reversed); Liu et al. 2023,
    arXiv:2209.03003, eq. 1.
    """

    title: ClassVar[str] = "Straight path"
    source: ClassVar[str] = "Liu et al. 2023, arXiv:2209.03003, eq. 1"
    formula: ClassVar[str] = r"u_t = (1 - t)\, u_0 + t\, z"
    capabilities: ClassVar[frozenset[str]] = frozenset()
    span: ClassVar[tuple[float, float]] = (0.0, 1.0)

    def level(self, s: Tensor) -> Level:
        """α = 1 − t, σ = t."""
        one = torch.ones_like(s)
        return Level(1 - s, s, -one, one)
