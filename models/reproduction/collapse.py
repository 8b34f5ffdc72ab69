"""How often the verdict on a run is right: runs whose truth is known, watched from their first step to their last.

What a run was in truth is told afterwards, from counts over all its looks and not from what the verdict rests on. With
K modes, over the last fifth of the looks:

    vanishing gradient   in the second half the samples moved less than a hundredth of their distance to the data
    collapse             fewer than nine tenths of the modes captured (by one sample of high quality: Lin et al. 2018,
                         PacGAN, section 4.1), and fewer than nine tenths with a tenth of their mass nearest to them
    oscillation          more than .06 of the mass changed its mode from look to look
    underfitting         fewer than half of the samples of high quality
    healthy              all else

The verdict's numbers were chosen on seeds 100 and above.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Final

import numpy as np

from models.diagnosis import Instrument
from models.diagnosis.signs import Signs
from models.experiment import Experiment
from models.presets import find_preset
from models.reproduction._base import PROTOCOLS, TICK, Check, Progress, Protocol, Row, Trial, values
from models.training.trainer import Trainer
from models.training.witness import Witness

KINDS: Final = ("healthy", "collapse", "oscillation", "vanishing_gradient", "underfitting", "learning")
"""Verdicts, in the order of the table; the last is no truth of a finished run."""

LOOKS: Final = 60
"""Looks at each run, evenly spaced: as many as a window takes in half a minute."""

CALM: Final = "healthy"


@dataclass(frozen=True)
class Case:
    """A recipe, and what it is an example of.

    Attributes:
        preset: where it starts from.
        settings: what is changed in it.
    """

    preset: str
    settings: tuple[str, ...] = ()

    def experiment(self, seed: int, budget: float) -> Experiment:
        """The recipe with a seed, and a share of its length."""
        recipe = find_preset(self.preset).with_settings((*self.settings, f"seed={seed}"))
        return recipe.with_settings((f"steps={max(LOOKS, round(budget * recipe.steps))}",))


CASES: Final[Mapping[str, Case]] = MappingProxyType(
    {
        "ring preset": Case("ring"),
        "grid preset": Case("grid"),
        "two bumps preset": Case("gaussian_1d"),
        "collapse preset": Case("collapse"),
        "ring, rates too high": Case(
            "ring",
            (
                "optimizer.lr=0.005", "optimizer.beta1=0.5", "optimizer.schedule=constant", "optimizer.ema=0.0",
                "objective.critic_lr=0.005", "objective.r1=0.0", "steps=8000",
            ),
        ),
        "disjoint supports preset": Case("disjoint_js"),
        "two bumps, both at once": Case(
            "gaussian_1d",
            (
                "objective.updates=simultaneous", "optimizer.beta1=0.9", "optimizer.schedule=constant",
                "optimizer.lr=0.002",
            ),
        ),
        "ring, 8 units": Case(
            "ring",
            (
                "architecture.width=8", "architecture.depth=1", 'objective.critic={key="mlp",width=8,depth=1}',
                "steps=6000",
            ),
        ),
    }
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Watched:
    """A run from its first look to its last.

    Attributes:
        signs: of each look.
        verdicts: after each look.
        alarms: step and verdict of each alarm.
    """

    signs: Sequence[Signs]
    verdicts: Sequence[str]
    alarms: Sequence[tuple[int, str]]


def watch(recipe: Experiment, progress: Progress = lambda share: None) -> Watched:
    """Train a recipe to its end with the weights that train, not averaged ones, under the instrument's eyes.

    Raises:
        Diverged: training diverged.
    """
    trainer, witness = Trainer(recipe), Witness(recipe)
    instrument = Instrument(witness.subject)
    signs, told = [], []
    while trainer.step < recipe.steps:
        for _ in range(max(1, recipe.steps // LOOKS)):
            trainer.take_step()
            if trainer.step % TICK == 0:
                progress(min(1.0, trainer.step / recipe.steps))
        witness.load(trainer.values().numpy())
        told.append((trainer.step, instrument.look(witness.subject, trainer.step)))
        signs.append(instrument.signs)
    return Watched(
        signs, [found["verdict"] for _, found in told], [(at, found["verdict"]) for at, found in told if found["alarm"]]
    )


def truth(signs: Sequence[Signs], target: np.ndarray) -> str:
    """What a run was, told from all its looks (the rules above)."""
    half, end = signs[len(signs) // 2 :], signs[-max(1, len(signs) // 5) :]
    nearest = np.stack([look.nearest for look in end])
    changed = np.abs(np.diff(nearest, axis=0)).sum(axis=1).mean() / 2
    captured = [np.mean(np.nan_to_num(look.quality) * look.nearest > 0) for look in end]
    near = [np.mean(look.nearest >= target / 10) for look in end]
    if sum(look.moved for look in half) < 0.01 * half[-1].far:
        return "vanishing_gradient"
    if np.median(captured) < 0.9 and np.median(near) < 0.9:
        return "collapse"
    if changed > 0.06:
        return "oscillation"
    return "underfitting" if np.median([look.good for look in end]) < 0.5 else CALM


@PROTOCOLS.register
class Collapse(Protocol):
    """Does the alarm ring on runs that fail and stay silent on runs that learn, and does the verdict say what failed?

    Source: the runs are this program's own; what counts as captured: Lin et al. 2018, PacGAN, arXiv:1712.04086,
    section 4.1.
    """

    title: ClassVar[str] = "The collapse alarm against the truth"
    source: ClassVar[str] = "captured modes: Lin et al. 2018, PacGAN, arXiv:1712.04086, section 4.1"
    seconds: ClassVar[float] = 75.0

    def cases(self) -> tuple[str, ...]:
        """The recipes by name."""
        return tuple(CASES)

    def trial(self, case: str, seed: int, progress: Progress) -> Trial:
        """Truth and last verdict as their places in ``KINDS``; how many alarms rang, and the first one's step."""
        recipe = CASES[case].experiment(seed, self.budget)
        found = watch(recipe, progress)
        target = recipe.data.parts.weights.numpy()
        return {
            "truth": KINDS.index(truth(found.signs, target)),
            "verdict": KINDS.index(found.verdicts[-1]),
            "alarms": len(found.alarms),
        }

    def judge(self, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        """How often an alarm rang, and how often the last verdict was the truth."""
        truths, verdicts = _kinds(trials, "truth"), _kinds(trials, "verdict")
        rang = {seed: {"rang": float(trial.get("alarms", 0) > 0)} for seed, trial in trials.items()}
        right = {seed: {"right": float(a == b)} for seed, a, b in zip(trials, truths, verdicts, strict=True)}
        return [
            self.row(case, "share of runs with an alarm", rang, value="rang", note=f"in truth {_counted(truths)}"),
            self.row(
                case, "share of right verdicts", right, value="right", note=f"at the end called {_counted(verdicts)}"
            ),
        ]

    def close(self, found: Mapping[str, Mapping[int, Trial]]) -> list[Row]:
        """Over all runs: does the alarm ring on those that collapsed and not on those that were healthy?"""
        runs = [trial for trials in found.values() for trial in trials.values() if trial]
        return [self._summed(kind, [run for run in runs if KINDS[int(run["truth"])] == kind]) for kind in KINDS[:-1]]

    def _summed(self, kind: str, runs: Sequence[Trial]) -> Row:
        rang, expected = sum(run["alarms"] > 0 for run in runs), 0 if kind == CALM else len(runs)
        check = Check(f"an alarm on {expected} of {len(runs)} runs", rang == expected)
        return Row(
            self.key, f"all in truth {kind.replace('_', ' ')}", "alarms", float(rang), oracle=float(expected),
            met=check.met if runs else None, note=check.said(),
        )  # fmt: skip


def _kinds(trials: Mapping[int, Trial], what: str) -> list[str]:
    return [KINDS[int(value)] if np.isfinite(value) else "diverged" for value in values(trials, what)]


def _counted(kinds: Sequence[str]) -> str:
    return ", ".join(f"{kind.replace('_', ' ')} {n}" for kind, n in Counter(kinds).most_common())
