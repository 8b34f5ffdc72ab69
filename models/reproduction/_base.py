"""What every protocol offers: trials, one a seed, and the rows that set them beside what was published."""

from __future__ import annotations

import math
import statistics
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Final

import numpy as np
import torch
from torch import Tensor

from models.experiment import Experiment
from models.families import Model
from models.registry import Member, Registry, option
from models.training.trainer import Diverged, Trainer

SEEDS: Final = (0, 1, 2)
"""The seeds that are reported: nothing was tuned on them."""

Progress = Callable[[float], object]
"""Told which share of the work is done, 0 … 1. What it raises ends the work: the way to cancel."""

Trial = Mapping[str, float]
"""What one trial found: quantity to value."""

TICK: Final = 50
"""Steps of training between two words on its progress."""


@dataclass(frozen=True)
class Row:
    """One line of the table: our number beside the published one.

    Attributes:
        name: the protocol's key.
        case: what was tried.
        quantity: what was measured, with its unit.
        ours: the mean over the seeds; None where a trial failed.
        spread: standard error of that mean, unless the note says otherwise; None for a single trial.
        published: what the source states.
        oracle: the exact value.
        floor: what a perfect sampler scores.
        seeds: of the trials.
        met: whether the row passes its check; None where it has none.
        note: one sentence: what differs from the source, and the check.
        by_seed: the number of each of the seeds, in their order, which ours sums up; NaN where the trial failed.
    """

    name: str
    case: str
    quantity: str
    ours: float | None
    spread: float | None = None
    published: float | None = None
    oracle: float | None = None
    floor: float | None = None
    seeds: tuple[int, ...] = ()
    met: bool | None = None
    note: str = ""
    by_seed: tuple[float, ...] = ()

    def plain(self) -> dict[str, Any]:
        """The row as JSON holds it: numbers or null, never NaN."""
        fields = asdict(self) | {"seeds": list(self.seeds), "by_seed": [_finite(value) for value in self.by_seed]}
        return {name: _finite(value) for name, value in fields.items()}


@dataclass(frozen=True)
class Check:
    """What a row has to reach.

    Attributes:
        rule: in words, such as ``at least 96 %``.
        met: whether it does.
    """

    rule: str
    met: bool

    @classmethod
    def at_least(cls, bar: float, found: float | None, unit: str = "") -> Check:
        """That a number reaches the bar; one that is None, for a trial failed, does not."""
        return cls(f"at least {bar:g}{unit}", found is not None and found >= bar)

    @classmethod
    def at_most(cls, bar: float, found: float | None) -> Check:
        """That a number stays at the bar or below it; one that is None, for a trial failed, does not."""
        return cls(f"at most {bar:g}", found is not None and found <= bar)

    def said(self) -> str:
        """The rule and how it went."""
        return f"check: {self.rule}, {'met' if self.met else 'not met'}"


class Protocol(Member):
    """A published experiment that is run now.

    A protocol has cases; each is tried once a seed, apart from all other trials, so that they may run side by side.
    When all trials of a case are done, ``judge`` makes its rows; when all cases are done, ``close`` makes those that
    need several. A protocol without chance in it sets ``seeded`` to False and is tried once.

    Attributes:
        scaled: what was made smaller than in the source, one sentence; empty if nothing was.
        seconds: how long one seed takes on one core.
        check: which of the program's own acceptance checks its rows belong to; 0 for none.
        seeded: whether the seed matters.
    """

    scaled: ClassVar[str] = ""
    seconds: ClassVar[float] = 1.0
    check: ClassVar[int] = 0
    seeded: ClassVar[bool] = True

    budget: float = option(
        1.0, label="budget", low=1e-4, high=1.0, log=True,
        help="Share of the full length of training: less than 1 only tries whether the protocol runs.",
    )  # fmt: skip

    @abstractmethod
    def cases(self) -> tuple[str, ...]:
        """What is tried, in the order of the table."""

    @abstractmethod
    def trial(self, case: str, seed: int, progress: Progress) -> Trial:
        """Try one case with one seed: everything random follows from the two.

        Raises:
            Diverged: training diverged; the trial then counts as failed.
        """

    @abstractmethod
    def judge(self, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        """The rows of a case from its trials by seed; a failed trial is empty."""

    def close(self, found: Mapping[str, Mapping[int, Trial]]) -> list[Row]:
        """Rows that need several cases, from all trials by case and seed."""
        return []

    def rows(self, seeds: Sequence[int] = SEEDS, progress: Progress = lambda share: None) -> list[Row]:
        """The whole table, one trial after the other."""
        jobs = list(self.jobs(seeds))
        found: dict[str, dict[int, Trial]] = {case: {} for case in self.cases()}
        for done, (case, seed) in enumerate(jobs):
            found[case][seed] = self.attempt(case, seed, part_of(progress, done, len(jobs)))
        return [row for case in found for row in self.judge(case, found[case])] + self.close(found)

    def jobs(self, seeds: Sequence[int]) -> Iterator[tuple[str, int]]:
        """All trials to make, as case and seed."""
        used = tuple(seeds) if self.seeded else (seeds[0],)
        return ((case, seed) for case in self.cases() for seed in used)

    def attempt(self, case: str, seed: int, progress: Progress) -> Trial:
        """One trial; empty if training diverged."""
        try:
            return self.trial(case, seed, progress)
        except Diverged:
            return {}

    def row(
        self,
        case: str,
        quantity: str,
        trials: Mapping[int, Trial],
        *,
        value: str = "",
        check: Check | None = None,
        note: str = "",
        **beside: float | None,
    ) -> Row:
        """A row of one quantity of a case: its mean over the seeds and the standard error of that.

        Args:
            case: of the row.
            quantity: as people read it.
            trials: by seed.
            value: the quantity's name in the trials, where that differs.
            check: what there is to reach.
            note: one sentence without its full stop.
            beside: ``published``, ``oracle``, ``floor``; ``spread`` where it is not the standard error.
        """
        found = values(trials, value or quantity)
        parts = [note] if note else []
        if not all(map(math.isfinite, found)):
            parts.append("a trial failed, so there is no mean")
        if check:
            parts.append(check.said())
        said = "; ".join(parts)
        seeds, by_seed = (tuple(trials), tuple(found)) if self.seeded else ((), ())
        stated = {"spread": standard_error(found), **beside}
        sentence = f"{said[:1].upper()}{said[1:]}." if said else ""
        return Row(
            self.key, case, quantity, mean(found), **stated, seeds=seeds, met=check.met if check else None,
            note=sentence, by_seed=by_seed,
        )  # fmt: skip


PROTOCOLS: Final[Registry[Protocol]] = Registry("protocols", Protocol)


def _finite(value: Any) -> Any:
    """The value, None for a number that JSON does not know."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def values(trials: Mapping[int, Trial], quantity: str) -> list[float]:
    """A quantity by seed; NaN for a trial that failed."""
    return [trial.get(quantity, math.nan) for trial in trials.values()]


def mean(found: Sequence[float]) -> float | None:
    """The mean, None if a trial failed."""
    return statistics.fmean(found) if all(map(math.isfinite, found)) else None


def standard_error(found: Sequence[float]) -> float | None:
    """Standard error s / √n with s² = Σ (x − x̄)² / (n − 1), as PacGAN states it; None for a single trial."""
    if len(found) < 2 or not all(map(math.isfinite, found)):
        return None
    return statistics.stdev(found) / math.sqrt(len(found))


def part_of(progress: Progress, done: int, jobs: int) -> Progress:
    """Progress of one job among several."""
    return lambda share: progress((done + share) / jobs)


def train(recipe: Experiment, progress: Progress) -> Trainer:
    """Train a recipe to its end.

    Raises:
        Diverged: training diverged.
    """
    trainer = Trainer(recipe)
    for _ in training(trainer, progress):
        pass
    return trainer


def training(trainer: Trainer, progress: Progress) -> Iterator[dict[str, float]]:
    """Train to the end of the recipe: the scalars of every step.

    Raises:
        Diverged: training diverged.
    """
    steps = trainer.experiment.steps
    while trainer.step < steps:
        yield trainer.take_step()
        if trainer.step % TICK == 0:
            progress(trainer.step / steps)


def sampled(trainer: Trainer, n: int, chance: torch.Generator) -> Tensor:
    """Samples of the trained model, shape (n, d): with the averaged weights where the recipe averages them."""
    return averaged(trainer).sample(n, chance)


def averaged(trainer: Trainer) -> Model:
    """The trained model, from now on with its averaged weights where the recipe averages them."""
    model = trainer.game.model
    if trainer.experiment.optimizer.ema:
        model.network.values.copy_(trainer.average)
    return model


def chance_of(seed: int) -> torch.Generator:
    """Chance for judging: apart from the chance that trained a model of the same seed."""
    word = int(np.random.SeedSequence([seed, 2]).generate_state(1, np.uint64)[0])
    return torch.Generator().manual_seed(word >> 1)
