"""Twenty-five narrow Gaussians on a square grid."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Final

from models.reproduction._base import PROTOCOLS, Check, Row, Trial, mean, values
from models.reproduction._coverage import BEST, KL, MODES, QUALITY, VANILLA, Coverage

WORST: Final = "largest KL over the seeds, nats"


@PROTOCOLS.register
class Grid(Coverage):
    """How many of the 25 Gaussians of a grid a GAN covers, how sharply and how evenly.

    Source: Lin et al. 2018, PacGAN, arXiv:1712.04086, table 1.
    """

    title: ClassVar[str] = "Grid of 25 Gaussians"
    source: ClassVar[str] = "Lin et al. 2018, PacGAN, arXiv:1712.04086, table 1"
    scaled: ClassVar[str] = (
        "60,000 steps of nets of width 64 on fresh data, instead of 400,000 of nets of width 400 on 100,000 points."
    )
    seconds: ClassVar[float] = 60.0
    check: ClassVar[int] = 2
    preset: ClassVar[str] = "grid"
    published: ClassVar[Mapping[str, Mapping[str, tuple[float, float]]]] = {
        VANILLA: {MODES: (17.3, 0.8), QUALITY: (94.8, 0.7), KL: (0.70, 0.07)},
        BEST: {MODES: (24.8, 0.2), QUALITY: (93.6, 0.6), KL: (0.04, 0.01)},
    }
    goals: ClassVar[Mapping[str, Callable[[Sequence[float]], Check]]] = {
        MODES: lambda found: Check.at_least(24.8, mean(found), " on average"),
        QUALITY: lambda found: Check.at_least(93.6, mean(found), " %"),
        KL: lambda found: Check.at_most(0.04, mean(found)),
    }

    def judge(self, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        """The three quantities; and the GAN with nothing added has to fail where everybody can see it."""
        rows = super().judge(case, trials)
        if case != VANILLA:
            return rows
        worst = {seed: {WORST: trial[KL]} for seed, trial in trials.items() if trial}
        found = max((trial[WORST] for trial in worst.values()), default=0.0)
        note = "a GAN with nothing added has to lose modes here, or the protocol shows nothing"
        check = Check.at_least(0.3, found, " on some seed")
        row = self.row(case, WORST, {0: {WORST: found}}, check=check, note=note)
        return [*rows, replace(row, seeds=tuple(trials), by_seed=tuple(values(trials, KL)))]
