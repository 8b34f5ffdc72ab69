"""One Gaussian fitted to a mixture of two, for each of six f-divergences, beside the exact best fit.

Nowozin et al. 2016 (arXiv:1606.00709, section 4.1) fit x̂ = σz + μ to a mixture on the line and compare what training
finds with what quadrature finds. Their mixture is not given, so P = .7 N(−1.5, .6²) + .3 N(2, .8²) stands for it, and
the exact fit is found here: D is a sum over a fine grid, and its least value is found by Nelder and Mead's method from
several starts. Reverse KL has a second, higher valley, over both modes; it is started in the lower one, as the exact
fit is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Final

import numpy as np
import torch

from models.divergences._f_divergence import FDivergence
from models.experiment import Experiment
from models.reproduction._base import PROTOCOLS, Check, Progress, Protocol, Row, Trial, chance_of, mean, train, values
from models.reproduction._one_gaussian import Fit, best, exact
from models.training.trainer import Trainer

STEPS: Final = 2_500
CRITIC_STEPS: Final = 5
BATCH: Final = 1_024
RATE: Final = 0.01
CRITIC_RATE: Final = 0.003
WIDTH: Final = 32
JUDGED: Final = 400_000
"""Fresh samples of either law that the bound is judged on."""


@dataclass(frozen=True)
class Case:
    """What is trained: a divergence, and where the Gaussian starts."""

    divergence: str
    rate: float = RATE
    critic_rate: float = CRITIC_RATE
    critic_steps: int = CRITIC_STEPS
    start: tuple[float, float] = (0.0, 1.0)


CASES: Final[Mapping[str, Case]] = MappingProxyType(
    {
        case.divergence: case
        for case in (
            Case("kl_forward"),
            Case("kl_reverse", start=(-1.478, 0.628)),
            Case("jensen_shannon"),
            # Its T* falls as −q/p where the data ends: the critic has much further to go than those of the others.
            Case("jeffreys", rate=0.004, critic_rate=0.01, critic_steps=10),
            Case("pearson_chi2"),
            Case("squared_hellinger"),
        )
    }
)


def experiment(case: Case, seed: int = 0, steps: int = STEPS) -> Experiment:
    """The recipe of a case: Adam without momentum, rates that fall to 0, the generator's weights averaged."""
    mean, std = case.start
    critic = {"key": "mlp", "width": WIDTH, "depth": 2, "activation": "silu"}
    recipe = {
        "data": "gaussian_mixture_1d", "latent": {"key": "gaussian", "dimension": 1},
        "architecture": {"key": "affine", "slope": std, "first_offset": mean}, "family": "pushforward",
        "divergence": case.divergence,
        "objective": {
            "key": "adversarial", "generator_loss": "minimax", "critic_steps": case.critic_steps,
            "critic_lr": case.critic_rate, "critic": critic,
        },
        "optimizer": {
            "key": "adam", "lr": case.rate, "beta1": 0.0, "beta2": 0.99, "schedule": "linear", "hold": 0.3, "ema": 0.99,
        },
        "batch_size": BATCH, "steps": steps, "seed": seed,
    }  # fmt: skip
    return Experiment.from_dict(recipe)


def trained(recipe: Experiment, progress: Progress = lambda share: None) -> Fit:
    """Train a recipe to its end: the averaged Gaussian, and the bound of the last critic against it."""
    trainer = train(recipe, progress)
    slope, offset = (float(value) for value in trainer.average)
    return Fit(offset, abs(slope), _bound(trainer, offset, abs(slope)))


def _bound(trainer: Trainer, mean: float, std: float) -> float:
    """E_P[T] − E_Q[f*(T)] of the trained critic on fresh samples, as in the paper.

    Not as a sum over the grid: far out, where no sample of either law ever falls, the critic has learnt nothing, and
    f* may grow faster than the densities fall.
    """
    recipe, critic = trainer.experiment, trainer.game.critic
    assert isinstance(recipe.divergence, FDivergence)
    assert critic is not None
    chance = chance_of(recipe.seed)
    real = recipe.data.draw(JUDGED, chance)
    fake = mean + std * torch.randn(JUDGED, 1, generator=chance)
    outputs = (critic.evaluate(x).double() for x in (real, fake))
    return recipe.divergence.bound(float(recipe.divergence.critic_loss(*outputs)))


def cross_table(fits: Mapping[str, Fit]) -> np.ndarray:
    """Every fit (row) measured in every divergence (column), in the order of ``fits``."""
    return np.array([[exact(column, fit.mean, fit.std) for column in fits] for fit in fits.values()])


@PROTOCOLS.register
class Fgan1d(Protocol):
    """One Gaussian fitted to a mixture of two by six divergences, with small critics, beside the exact best fit.

    Each divergence chooses another Gaussian; each fit must be the best of all in its own divergence.

    Source: Nowozin et al. 2016, arXiv:1606.00709, section 4.1.
    """

    title: ClassVar[str] = "f-GAN on the line"
    source: ClassVar[str] = "Nowozin et al. 2016, arXiv:1606.00709, section 4.1"
    scaled: ClassVar[str] = (
        "The mixture of the paper is not stated; this one, .7 N(-1.5, .6²) + .3 N(2, .8²), has an exact answer to it."
    )
    seconds: ClassVar[float] = 60.0
    check: ClassVar[int] = 4

    def cases(self) -> tuple[str, ...]:
        """The divergences by key."""
        return tuple(CASES)

    def trial(self, case: str, seed: int, progress: Progress) -> Trial:
        """Train the Gaussian and its critic."""
        steps = max(1, round(STEPS * self.budget))
        fit = trained(experiment(CASES[case], seed, steps), progress)
        return {"mean": fit.mean, "std": fit.std, "bound": fit.value}

    def judge(self, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        """Mean, standard deviation and bound, each beside the exact one."""
        target = best(case)
        bound = mean(values(trials, "bound"))
        holds = bound is not None and 0.9 * target.value <= bound <= target.value + 0.01
        return [
            self.row(case, "μ", trials, value="mean", oracle=target.mean, check=_near(trials, "mean", target.mean)),
            self.row(case, "σ", trials, value="std", oracle=target.std, check=_near(trials, "std", target.std)),
            self.row(
                case, "bound F", trials, value="bound", oracle=target.value,
                check=Check("at least .9 D* and at most D* + .01", holds),
            ),
        ]  # fmt: skip

    def close(self, found: Mapping[str, Mapping[int, Trial]]) -> list[Row]:
        """The cross table, column by column: each divergence of the fit trained on it, and the next best."""
        fits = {case: _mean_fit(trials) for case, trials in found.items()}
        if len(fits) < len(CASES) or any(fit is None for fit in fits.values()):
            return []
        table = cross_table({case: fit for case, fit in fits.items() if fit is not None})
        return [self._column(case, table[:, i], i) for i, case in enumerate(fits)]

    def _column(self, case: str, column: np.ndarray, own: int) -> Row:
        others = np.delete(column, own)
        check = Check("the least of its column in the cross table", bool(column[own] < others.min()))
        note = f"the next best fit, of another divergence, has {others.min():.4f}"
        trials = {0: {"value": float(column[own])}}
        return self.row(
            case, "D of the mean fit", trials, value="value", oracle=best(case).value, check=check, note=note
        )


def _near(trials: Mapping[int, Trial], quantity: str, target: float) -> Check:
    found = mean(values(trials, quantity))
    return Check("within .05 of the exact fit", found is not None and abs(found - target) <= NEAR)


def _mean_fit(trials: Mapping[int, Trial]) -> Fit | None:
    """The Gaussian with the mean parameters of the seeds; None if a trial failed."""
    averages = [mean(values(trials, quantity)) for quantity in ("mean", "std", "bound")]
    return None if None in averages else Fit(*(float(average or 0.0) for average in averages))


NEAR: Final = 0.05
