"""Reverse KL against a known density: a flow on zuko's ring under a wave, and one Gaussian on a mixture of two.

The flow descends E_q[log q − log U], which is −log Z at best: Z is the integral of U, found by quadrature. The Gaussian
is fitted twice to .7 N(−1.5, .6²) + .3 N(2, .8²): by forward KL it has the moments of the data, by reverse KL it sits
on the heavy bump. Reverse KL has a second valley, with the Gaussian over both bumps; a start on the light bump leads
there.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Final

import torch

from models.data.sine_ring import SineRing
from models.experiment import Experiment
from models.families import Model
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
    training,
    values,
)
from models.reproduction._one_gaussian import best, exact, valley
from models.training.trainer import Trainer

EPOCH: Final = 256
EPOCHS: Final = 8
FLOW_BATCH: Final = 256
FLOW_RATE: Final = 1e-3
JUDGED: Final = 100_000
"""Fresh samples of the flow that its loss is judged on."""

BAR: Final = -1.58
"""What the flow has to reach."""

PUBLISHED: Final = -1.589
"""Mean over the last of zuko's epochs."""

GAUSSIAN_BATCH: Final = 1_024
GAUSSIAN_RATE: Final = 0.01
GAUSSIAN_STEPS: Final = 1_500

NEAR: Final = 0.02
"""How far a fitted mean or standard deviation may be from the exact one."""

LOSS: Final = "E[log q − log U]"


@dataclass(frozen=True)
class Fitted:
    """A fit of one Gaussian: by which divergence, and from where.

    Attributes:
        divergence: what is minimised, with the objective that belongs to it for a model with a density.
        objective: by which estimate of it.
        start: μ and σ of the first Gaussian.
        is_best: whether the least value of all is found from there, or only the least of a valley.
    """

    divergence: str
    objective: str
    start: tuple[float, float]
    is_best: bool = True


GAUSSIANS: Final[Mapping[str, Fitted]] = MappingProxyType(
    {
        "Gaussian, forward KL": Fitted("kl_forward", "maximum_likelihood", (0.0, 1.0)),
        "Gaussian, reverse KL": Fitted("kl_reverse", "known_density", (-1.5, 0.6)),
        "Gaussian, reverse KL from the light bump": Fitted("kl_reverse", "known_density", (2.0, 0.8), is_best=False),
    }
)


def flow_experiment(seed: int = 0, steps: int = EPOCHS * EPOCH) -> Experiment:
    """Zuko's setup; the weights are averaged beside it."""
    return Experiment.from_dict({
        "data": "sine_ring", "latent": {"key": "gaussian", "dimension": 2},
        "family": {
            "key": "spline_flow", "count": 3, "width": 64, "depth": 2, "bins": 8, "standardised": False,
        },
        "divergence": "kl_reverse", "objective": "known_density",
        "optimizer": {"key": "adam", "lr": FLOW_RATE, "beta1": 0.9, "beta2": 0.999, "ema": 0.99},
        "batch_size": FLOW_BATCH, "steps": steps, "seed": seed,
    })  # fmt: skip


def gaussian_experiment(fitted: Fitted, seed: int = 0, steps: int = GAUSSIAN_STEPS) -> Experiment:
    """One Gaussian: a mixture with a single component."""
    return Experiment.from_dict({
        "data": "gaussian_mixture_1d", "family": {"key": "mixture", "components": 1},
        "divergence": fitted.divergence, "objective": fitted.objective,
        "optimizer": {
            "key": "adam", "lr": GAUSSIAN_RATE, "beta1": 0.9, "beta2": 0.99, "schedule": "linear", "ema": 0.99,
        },
        "batch_size": GAUSSIAN_BATCH, "steps": steps, "seed": seed,
    })  # fmt: skip


def fitted_gaussian(fitted: Fitted, recipe: Experiment, progress: Progress = lambda share: None) -> tuple[float, float]:
    """μ and σ of the Gaussian that a recipe ends with when it starts where it is told to."""
    trainer = Trainer(recipe)
    centre, std = fitted.start
    trainer.game.model.start(torch.tensor([[centre - std], [centre + std]]), chance_of(recipe.seed))
    list(training(trainer, progress))
    found = averaged(trainer).components()
    return float(found.means), math.sqrt(float(found.covariances))


def flow_loss(model: Model, data: SineRing, chance: torch.Generator) -> float:
    """E_q[log q − log U] of a flow on fresh samples, nats."""
    x = model.sample(JUDGED, chance)
    return float((model.log_prob(x) - data.log_prob(x)).mean()) - data.log_constant


@PROTOCOLS.register
class ReverseKl(Protocol):
    """Reverse KL by a density that is known up to its integral, and what it chooses that forward KL does not.

    Source: Rozet et al. 2022, zuko, tutorial on training from an energy (flow); the Gaussians after Nowozin et al.
    2016, arXiv:1606.00709, section 4.1.
    """

    title: ClassVar[str] = "Reverse KL against a known density"
    source: ClassVar[str] = "Rozet et al. 2022, zuko, tutorial on training from an energy"
    scaled: ClassVar[str] = (
        "As in the source, but samples of the flow take two passes, one for each coordinate, and densities one."
    )
    seconds: ClassVar[float] = 50.0

    def cases(self) -> tuple[str, ...]:
        """The flow, then the Gaussians."""
        return ("flow", *GAUSSIANS)

    def trial(self, case: str, seed: int, progress: Progress) -> Trial:
        """Train one model."""
        if case == "flow":
            return self._flow(seed, progress)
        fitted = GAUSSIANS[case]
        recipe = gaussian_experiment(fitted, seed, self._shortened(GAUSSIAN_STEPS))
        centre, std = fitted_gaussian(fitted, recipe, progress)
        return {"mean": centre, "std": std, "D": exact(fitted.divergence, centre, std)}

    def judge(self, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        """The flow's loss in its last epoch and afterwards; a Gaussian's μ, σ and D beside the exact ones."""
        return self._flow_rows(case, trials) if case == "flow" else self._gaussian_rows(case, trials)

    def _shortened(self, steps: int) -> int:
        return max(1, round(steps * self.budget))

    def _flow(self, seed: int, progress: Progress) -> Trial:
        trainer = Trainer(flow_experiment(seed, self._shortened(EPOCHS * EPOCH)))
        data = trainer.experiment.data
        assert isinstance(data, SineRing)
        last = statistics.fmean(row["reverse_kl"] for row in list(training(trainer, progress))[-EPOCH:])
        return {"last epoch": last - data.log_constant, "after": flow_loss(averaged(trainer), data, chance_of(seed))}

    def _flow_rows(self, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        oracle = -SineRing().log_constant
        last, after = (mean(values(trials, name)) for name in ("last epoch", "after"))
        return [
            self.row(
                case, f"{LOSS}, last epoch", trials, value="last epoch", published=PUBLISHED, oracle=oracle,
                check=Check.at_most(BAR, last), note="the mean over the batches of the eighth epoch",
            ),
            self.row(
                case, f"{LOSS}, averaged weights", trials, value="after", oracle=oracle,
                check=Check.at_most(BAR, after), note=f"on {JUDGED:,} fresh samples, after training",
            ),
        ]  # fmt: skip

    def _gaussian_rows(self, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        fitted = GAUSSIANS[case]
        target = best(fitted.divergence) if fitted.is_best else valley(fitted.divergence, fitted.start)
        note = "" if fitted.is_best else "the other valley, over both bumps: higher, and no way down from it"
        exactly = {"mean": target.mean, "std": target.std, "D": target.value}
        return [
            self.row(
                case, shown, trials, value=name, oracle=exactly[name], check=_near(trials, name, exactly[name]),
                note=note,
            )
            for shown, name in (("μ", "mean"), ("σ", "std"), ("D", "D"))
        ]  # fmt: skip


def _near(trials: Mapping[int, Trial], quantity: str, target: float) -> Check:
    found = mean(values(trials, quantity))
    return Check(f"within {NEAR:g} of the exact one", found is not None and abs(found - target) <= NEAR)
