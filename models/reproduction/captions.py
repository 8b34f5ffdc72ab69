"""Pictures from captions: whether what is drawn is what was asked for, judged by a classifier of all factors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import torch
from torch import Tensor

from models.data.shapes import Shapes
from models.experiment import Experiment
from models.families import Model
from models.presets import find_preset
from models.reproduction._base import (
    PROTOCOLS,
    Check,
    Progress,
    Protocol,
    Row,
    Trial,
    averaged,
    chance_of,
    mean,
    part_of,
    train,
    values,
)
from models.reproduction._factor_judge import STEPS, FactorJudge, as_asked, factor_judge

ASKED: Final = 200
"""Captions that are drawn by chance, with one picture for each."""

REAL: Final = 2_000
"""Fresh pictures on which the judge itself is judged."""

BAR: Final = 0.9
"""Share of them that is to be drawn as asked, with every seed."""

CASE: Final = "shapes, 16 × 16"
DRAWN: Final = f"drawn as asked, share of {ASKED} captions"
WHOLE: Final = f"the same of {ASKED} captions that leave nothing unsaid"
JUDGE: Final = f"every factor judged correctly, share of {REAL:,} real pictures"
REAL_DRAWN: Final = "real"
REAL_WHOLE: Final = "real, whole"
CHANCE: Final = "chance"


@PROTOCOLS.register
class Captions(Protocol):
    """The recipe of the preset ``captions``, asked for shapes in words that it was not shown in training.

    A picture counts if every factor that its caption names is as the caption says: the size, the colour, the form, the
    place. The judge is a small convolutional classifier of the factors, trained on fresh pictures, whose factors are
    known; it never sees a generated one before it judges. Chance is the share of pictures that happen to show what
    another of the captions asks for.

    Source: the recipe is this project's own; classifier-free guidance by Ho and Salimans 2022, arXiv:2207.12598.
    """

    title: ClassVar[str] = "Shapes from captions"
    source: ClassVar[str] = "this project's own; Ho and Salimans 2022, arXiv:2207.12598, algorithm 2"
    seconds: ClassVar[float] = 200.0

    def cases(self) -> tuple[str, ...]:
        """One."""
        return (CASE,)

    def experiment(self, seed: int) -> Experiment:
        """What is trained."""
        preset = find_preset("captions")
        return preset.with_settings([f"seed={seed}", f"steps={max(1, round(preset.steps * self.budget))}"])

    def trial(self, case: str, seed: int, progress: Progress) -> Trial:
        """Train the model, then its judge."""
        experiment, chance = self.experiment(seed), chance_of(seed)
        data = experiment.data
        assert isinstance(data, Shapes)
        model = averaged(train(experiment, lambda share: progress(0.8 * share)))
        judge = factor_judge(data, chance, max(1, round(STEPS * self.budget)), part_of(progress, 4, 5))
        x, factors = data.draw_factors(REAL, chance)
        right = (judge.seen(x) == factors).all(1)
        return {JUDGE: _share(right), **_drawn(model, data, judge, chance)}

    def judge(self, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        """What was drawn beside what real pictures of the same captions score, and the judge."""
        lowest = min(values(trials, DRAWN))
        check = Check.at_least(BAR, lowest, " with every seed")
        by_chance = mean(values(trials, CHANCE))
        note = "the floor is the score of real pictures of these captions"
        if by_chance is not None:
            note += f"; pictures of other captions score {by_chance:.3f}"
        return [
            self.row(case, DRAWN, trials, floor=mean(values(trials, REAL_DRAWN)), check=check, note=note),
            self.row(case, WHOLE, trials, floor=mean(values(trials, REAL_WHOLE))),
            self.row(case, JUDGE, trials),
        ]


def _drawn(model: Model, data: Shapes, judge: FactorJudge, chance: torch.Generator) -> Trial:
    """Shares that are as asked, of the model's pictures and of real ones."""
    real, told = data.draw_told(ASKED, chance)
    whole, factors = data.draw_factors(ASKED, chance)
    asked, all_asked = data.asked(told), data.asked(data.captions_of(factors))
    made, made_whole = (_made(model, tokens, chance) for tokens in (told, data.captions_of(factors)))
    return {
        DRAWN: _share(as_asked(judge, made, asked)),
        REAL_DRAWN: _share(as_asked(judge, real, asked)),
        WHOLE: _share(as_asked(judge, made_whole, all_asked)),
        REAL_WHOLE: _share(as_asked(judge, whole, all_asked)),
        CHANCE: _share(as_asked(judge, made.roll(1, 0), asked)),
    }


def _made(model: Model, told: Tensor, chance: torch.Generator) -> Tensor:
    return model.push_given(model.latent.draw(len(told), chance), told)


def _share(holds: Tensor) -> float:
    return float(holds.double().mean())
