"""Eight narrow Gaussians on a circle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from models.reproduction._base import PROTOCOLS, Check, mean
from models.reproduction._coverage import BEST, KL, MODES, QUALITY, VANILLA, Coverage


@PROTOCOLS.register
class Ring(Coverage):
    """How many of the 8 Gaussians of a ring a GAN covers, how sharply and how evenly.

    Source: Lin et al. 2018, PacGAN, arXiv:1712.04086, table 1.
    """

    title: ClassVar[str] = "Ring of 8 Gaussians"
    source: ClassVar[str] = "Lin et al. 2018, PacGAN, arXiv:1712.04086, table 1"
    scaled: ClassVar[str] = (
        "24,000 steps of nets of width 64 on fresh data, instead of 400,000 of nets of width 400 on 100,000 points."
    )
    seconds: ClassVar[float] = 35.0
    check: ClassVar[int] = 1
    preset: ClassVar[str] = "ring"
    published: ClassVar[Mapping[str, Mapping[str, tuple[float, float]]]] = {
        VANILLA: {MODES: (6.3, 0.5), QUALITY: (98.2, 0.2), KL: (0.45, 0.09)},
        BEST: {MODES: (7.8, 0.1), QUALITY: (95.9, 1.4), KL: (0.07, 0.02)},
    }

    def checked(self, case: str, quantity: str, found: list[float]) -> Check | None:
        """All modes with every seed, sharper and more evenly than PacGAN4."""
        if case == VANILLA:
            return None
        average = mean(found)
        known = average is not None
        return {
            MODES: Check("8 of 8 on every seed", min(found) == 8),
            QUALITY: Check("at least 96 %", known and average >= 96),
            KL: Check("at most .05", known and average <= 0.05),
        }[quantity]
