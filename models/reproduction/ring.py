"""Eight narrow Gaussians on a circle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    goals: ClassVar[Mapping[str, Callable[[Sequence[float]], Check]]] = {
        MODES: lambda found: Check("8 of 8 on every seed", all(value == 8 for value in found)),
        QUALITY: lambda found: Check.at_least(96, mean(found), " %"),
        KL: lambda found: Check.at_most(0.05, mean(found)),
    }
