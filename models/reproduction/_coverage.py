"""Do all modes get samples? The protocol that the mode-collapse papers share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import ClassVar, Final

import torch
from torch import Tensor

from models.data import Data
from models.experiment import Experiment
from models.measures import MEASURES, Reference, Samples
from models.presets import find_preset
from models.reproduction._base import Check, Progress, Protocol, Row, Trial, chance_of, mean, sampled, train, values

JUDGED: Final = 2_500
"""Samples that a model is judged from (Lin et al. 2018, section 4.1)."""

PERFECT: Final = 20
"""Draws of the law itself that the floors are means of."""

MODES: Final = "modes captured"
QUALITY: Final = "high quality, %"
KL: Final = "KL of the mode histogram, nats"

KEYS: Final[Mapping[str, tuple[str, float]]] = {
    MODES: ("modes_captured", 1.0), QUALITY: ("high_quality", 100.0), KL: ("mode_kl", 1.0)
}  # fmt: skip
"""Quantity to the measure's key and the factor that brings it to the table's unit."""

VANILLA: Final = "plain GAN"
BEST: Final = "our recipe"

PLAIN: Final = (
    "architecture.depth=3",
    "objective.r1=0.0",
    "optimizer.beta1=0.5",
    "optimizer.schedule=constant",
    "optimizer.ema=0.0",
)
"""What makes a non-saturating GAN with nothing added of a recipe: no penalty, no decay of rates, no averaging."""


class Coverage(Protocol):
    """Modes captured, share of high quality and evenness of a GAN on a mixture, judged from 2,500 samples.

    Attributes:
        preset: our recipe.
        published: case to the published number of each quantity and its standard error.
        goals: quantity to what our recipe has to reach, from its values by seed.
    """

    preset: ClassVar[str]
    published: ClassVar[Mapping[str, Mapping[str, tuple[float, float]]]]
    goals: ClassVar[Mapping[str, Callable[[Sequence[float]], Check]]]

    def cases(self) -> tuple[str, ...]:
        """A GAN with nothing added, and our recipe."""
        return VANILLA, BEST

    def experiment(self, case: str, seed: int) -> Experiment:
        """What is trained."""
        recipe = find_preset(self.preset)
        shorter = max(1, round(recipe.steps * self.budget))
        plain = PLAIN if case == VANILLA else ()
        return recipe.with_settings([*plain, f"steps={shorter}", f"seed={seed}"])

    def trial(self, case: str, seed: int, progress: Progress) -> Trial:
        """Train and judge one model."""
        trainer = train(self.experiment(case, seed), progress)
        chance = chance_of(seed)
        return judged(sampled(trainer, JUDGED, chance), trainer.experiment.data)

    def judge(self, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        """A row for each of the three quantities."""
        return [self._row(case, quantity, trials) for quantity in KEYS]

    def _row(self, case: str, quantity: str, trials: Mapping[int, Trial]) -> Row:
        number, error = self.published[case][quantity]
        model = "GAN" if case == VANILLA else "PacGAN4"
        return self.row(
            case, quantity, trials, published=number, floor=self._floors[quantity],
            check=None if case == VANILLA else self.goals[quantity](values(trials, quantity)),
            note=f"beside {model} of the source's table 1 with {number:g} ± {error:g} over 10 runs",
        )  # fmt: skip

    @cached_property
    def _floors(self) -> Trial:
        """What a perfect sampler scores, on average."""
        data, chance = find_preset(self.preset).data, chance_of(0)
        draws = [judged(data.draw(JUDGED, chance), data) for _ in range(PERFECT)]
        return {quantity: mean([draw[quantity] for draw in draws]) or 0.0 for quantity in KEYS}


def judged(x: Tensor, data: Data) -> Trial:
    """The three quantities of samples, shape (N, 2)."""
    chance = torch.Generator()
    samples, reference = Samples(x), Reference(x, data)  # these measures ask the law alone, not draws of it
    return {
        quantity: factor * MEASURES[key]().evaluate(samples, reference, chance)
        for quantity, (key, factor) in KEYS.items()
    }
