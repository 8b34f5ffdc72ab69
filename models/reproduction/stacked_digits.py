"""How many of a thousand modes a GAN reaches, under two recipes that lose most of them and under two that do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import ClassVar, Final

import torch
from torch import Tensor

from models.data._modes import NamedModes
from models.experiment import Experiment
from models.presets import find_preset
from models.reproduction._base import PROTOCOLS, Check, Progress, Protocol, Row, Trial, chance_of, mean, sampled, train

JUDGED: Final = 26_000
"""Samples that a model is judged from, as in the literature on stacked MNIST."""

PERFECT: Final = 100
"""Histograms of the law itself that the floors are means of."""

MODES: Final = "modes, of 1,000"
KL: Final = "KL of the mode histogram, nats"
QUALITY: Final = "high quality, %"

OTHER_DATA: Final = "theirs are digits of MNIST, 28 × 28, and a classifier tells them; ours 8 × 8, told by the nearest"

Goal = Callable[[Sequence[float]], Check]


@dataclass(frozen=True)
class Case:
    """A recipe, what was published of its kind, and what it has to do.

    Attributes:
        preset: where it starts from.
        settings: what is changed in it.
        kin: the published model; empty for none.
        published: its numbers by quantity.
        goals: by quantity.
    """

    preset: str
    settings: tuple[str, ...] = ()
    kin: str = ""
    published: Mapping[str, float] = field(default_factory=dict)
    goals: Mapping[str, Goal] = field(default_factory=dict)

    def experiment(self, seed: int, budget: float) -> Experiment:
        """The recipe with a seed, and a share of its length."""
        recipe = find_preset(self.preset).with_settings((*self.settings, f"seed={seed}"))
        return recipe.with_settings((f"steps={max(1, round(budget * recipe.steps))}",))


PLAIN: Final = (
    "divergence.key=jensen_shannon", "objective.r1=0.0", "objective.r2=0.0", "objective.critic_lr=0.0002",
    "objective.critic.width=64", "objective.critic.depth=1", "optimizer.beta1=0.5", "optimizer.schedule=constant",
    "optimizer.ema=0.0", "steps=3000",
)  # fmt: skip
"""A small, slow critic and no penalty."""

CASES: Final[Mapping[str, Case]] = MappingProxyType(
    {
        "plain GAN, small critic": Case(
            "stacked_digits", PLAIN, kin="DCGAN of VEEGAN's table", published={MODES: 99, KL: 3.40},
            goals={MODES: lambda found: Check("fewer than 500 on every seed: it collapses", max(found) < 500)},
        ),
        "narrow noise, critic ahead": Case(
            "stacked_digits_collapse",
            goals={
                MODES: lambda found: Check("fewer than 500 on every seed: it collapses", max(found) < 500),
                QUALITY: lambda found: Check.at_least(60, mean(found)),
            },
        ),
        "packs of 2": Case(
            "stacked_digits", ("divergence.key=jensen_shannon", "objective.r2=0.0", "objective.packing=2"),
            kin="PacDCGAN2", published={MODES: 1000, KL: 0.06},
        ),
        "paired critic, R1 and R2": Case(
            "stacked_digits",
            goals={
                MODES: lambda found: Check("at least 990 on every seed: it does not", min(found) >= 990),
                KL: lambda found: Check.at_most(0.1, mean(found)),
            },
        ),
    }
)  # fmt: skip


@PROTOCOLS.register
class StackedDigits(Protocol):
    """How many combinations of three digits a GAN draws, and how evenly, judged from 26,000 samples.

    A sample counts for the combination of the digits on the nearest real image of each plane, however well it is drawn;
    the histogram is held against the data's own shares, D_KL(p̂ ‖ w).

    Source: Srivastava et al. 2017, VEEGAN, arXiv:1705.07761; Lin et al. 2018, PacGAN, arXiv:1712.04086, section 4.2.
    """

    title: ClassVar[str] = "A thousand modes"
    source: ClassVar[str] = "Srivastava et al. 2017, arXiv:1705.07761; Lin et al. 2018, arXiv:1712.04086, table 2"
    scaled: ClassVar[str] = (
        "Digits of 8 × 8 pixels, small nets and 2,000 to 4,000 steps, instead of MNIST, DCGAN "
        "and 50 epochs of 128,000 images."
    )
    seconds: ClassVar[float] = 100.0

    def cases(self) -> tuple[str, ...]:
        """Recipes."""
        return tuple(CASES)

    def trial(self, case: str, seed: int, progress: Progress) -> Trial:
        """Train and judge one model."""
        trainer = train(CASES[case].experiment(seed, self.budget), progress)
        modes = trainer.experiment.data.named_modes()
        assert modes is not None, "the thousand combinations"
        return judged(sampled(trainer, JUDGED, chance_of(seed)), modes)

    def judge(self, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        """Modes, evenness and quality."""
        return [self._row(case, quantity, trials) for quantity in (MODES, KL, QUALITY)]

    def _row(self, case: str, quantity: str, trials: Mapping[int, Trial]) -> Row:
        setting = CASES[case]
        check = _check(setting.goals[quantity], quantity, trials) if quantity in setting.goals else None
        published = setting.published.get(quantity)
        note = f"beside {setting.kin}: {OTHER_DATA}" if published is not None else ""
        return self.row(
            case, quantity, trials, published=published, floor=floors().get(quantity), check=check, note=note
        )


def _check(goal: Goal, quantity: str, trials: Mapping[int, Trial]) -> Check:
    if not all(trials.values()):
        return Check("no trial fails", met=False)
    return goal([trial[quantity] for trial in trials.values()])


def judged(x: Tensor, modes: NamedModes) -> Trial:
    """The three quantities of samples, shape (N, d)."""
    index, good = modes.assign(x)
    counts = index.bincount(minlength=len(modes.weights))
    return {**counted(counts, modes.weights), QUALITY: 100 * float(good.double().mean())}


def counted(counts: Tensor, weights: Tensor) -> dict[str, float]:
    """How many modes have a sample, and D_KL(p̂ ‖ w), nats, of counts and shares of K modes, shape (K,) each."""
    share = counts.double() / counts.sum()
    divergence = torch.xlogy(share, share) - share * weights.double().log()
    return {MODES: float((counts > 0).sum()), KL: float(divergence.sum())}


@cache
def floors() -> Trial:
    """What a perfect sampler scores, on average."""
    modes, chance = CASES["packs of 2"].experiment(0, 1.0).data.named_modes(), chance_of(0)
    assert modes is not None, "the thousand combinations"
    draws = [torch.multinomial(modes.weights, JUDGED, replacement=True, generator=chance) for _ in range(PERFECT)]
    scores = [counted(draw.bincount(minlength=len(modes.weights)), modes.weights) for draw in draws]
    return {quantity: mean([score[quantity] for score in scores]) or 0.0 for quantity in (MODES, KL)}
