"""Expectation maximisation on mixtures whose entropy is known, and beside another implementation of it."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
import torch
from torch import Tensor

from models.data.grid import Grid
from models.data.ring import Ring
from models.experiment import Experiment
from models.families._base import Components
from models.reproduction._base import PROTOCOLS, Check, Progress, Protocol, Row, Trial, chance_of, mean, values
from models.training.trainer import Trainer

if TYPE_CHECKING:
    from sklearn.mixture import GaussianMixture

SAMPLES: Final = 2_000
STEPS: Final = 100
HELD_OUT: Final = 100_000

NOISE: Final = 1e-9
"""A likelihood that falls by less, in units of its size, has not fallen: weights are kept in single precision."""

SLACK: Final = 0.01
"""Three standard errors of the mean of so many log densities of a plane Gaussian, each of which spreads by 1 nat."""

NEAR: Final = 0.02
"""How much worse than its expectation the fit of a single sample may come out, nats."""

LOSS: Final = "held-out negative log-likelihood, nats"
FALLS: Final = "steps in which the likelihood fell"
OWNED: Final = "modes with a Gaussian of their own"


@dataclass(frozen=True)
class Target:
    """A law of equal round Gaussians that do not overlap, and where EM begins.

    Attributes:
        data: the law.
        modes: K, of the law and of the mixture.
        std: σ of each.
        start: of the mixture.
    """

    data: Ring | Grid
    modes: int
    std: float
    start: str

    @property
    def entropy(self) -> float:
        """Log K + log 2πeσ², nats: what the true law scores on fresh samples."""
        return math.log(self.modes) + math.log(2 * math.pi * math.e * self.std**2)

    @property
    def floor(self) -> float:
        """The entropy and p/(2n): what a fit of p numbers to n samples is expected to score (Akaike 1974, IEEE TAC)."""
        numbers = 6 * self.modes - 1
        return self.entropy + numbers / (2 * SAMPLES)

    def recipe(self, seed: int, budget: float) -> Experiment:
        """EM on one sample."""
        n = max(100, round(SAMPLES * budget))
        family = {"key": "mixture", "components": self.modes, "start": self.start}
        return em_recipe({**self.data.recipe(), "n": n}, family, seed, max(2, round(STEPS * budget)))


def ring(start: str) -> Target:
    """Eight Gaussians of σ = .01 on a circle."""
    return Target(Ring(std=0.01), 8, 0.01, start)


def grid(start: str) -> Target:
    """Twenty-five Gaussians of σ = .05, two apart."""
    return Target(Grid(), 25, 0.05, start)


TARGETS: Final[Mapping[str, Target]] = MappingProxyType(
    {
        "ring of 8, from k-means": ring("kmeans"),
        "ring of 8, from random samples": ring("random"),
        "grid of 25, from k-means": grid("kmeans"),
        "grid of 25, from random samples": grid("random"),
    }
)

JUDGED: Final = 25
"""Steps that both implementations take."""

SHAPES: Final[Mapping[str, str]] = MappingProxyType({"full": "full", "diagonal": "diag", "spherical": "spherical"})
"""Our word for a shape of covariances to scikit-learn's."""

APART: Final = "greatest difference of a parameter"
LESS: Final = "difference of the mean log-likelihood, nats"


@PROTOCOLS.register
class Em(Protocol):
    """Mixtures fitted by EM to laws whose entropy bounds what any model can score, and beside scikit-learn.

    No model has a mean negative log-likelihood on fresh samples below the entropy of their law: one that seems to has
    seen them. From k-means every Gaussian finds a mode of its own; from random samples EM ends in local optima. From
    the same start our steps and scikit-learn's are the same to rounding.

    Source: Dempster, Laird and Rubin 1977, J. R. Statist. Soc. B 39, 1, Theorem 1; laws: Lin et al. 2018, PacGAN,
    arXiv:1712.04086, section 4.1.
    """

    title: ClassVar[str] = "Expectation maximisation"
    source: ClassVar[str] = "Dempster, Laird and Rubin 1977, Theorem 1; laws of Lin et al. 2018, arXiv:1712.04086"
    seconds: ClassVar[float] = 8.0

    def cases(self) -> tuple[str, ...]:
        """Laws and starts, then the shapes of covariances beside scikit-learn."""
        return *TARGETS, *(_beside(shape) for shape in SHAPES)

    def trial(self, case: str, seed: int, progress: Progress) -> Trial:
        """One run of EM, judged by fresh samples; or one beside scikit-learn."""
        if case not in TARGETS:
            shape = next(shape for shape in SHAPES if _beside(shape) == case)
            return self._compared(shape, seed, progress)
        target = TARGETS[case]
        trainer = Trainer(target.recipe(seed, self.budget))
        likelihoods = run(trainer, trainer.experiment.steps, progress)
        fresh = target.data.draw(max(1_000, round(HELD_OUT * self.budget)), chance_of(seed))
        model = trainer.game.model
        return {
            LOSS: -float(model.log_prob(fresh).mean()),
            FALLS: float(falls(likelihoods)),
            OWNED: float(owned(model.components(), target)),
        }

    def judge(self, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        """What was lost, whether a step went wrong, and which modes were found."""
        if case not in TARGETS:
            return [self._agreement(case, APART, 1e-4, trials), self._agreement(case, LESS, 1e-6, trials)]
        target = TARGETS[case]
        found = mean(values(trials, LOSS))
        none = all(fall == 0 for fall in values(trials, FALLS))
        note = "the oracle is the entropy, the floor what a fit to 2,000 samples is expected to score"
        return [
            self.row(
                case, LOSS, trials, oracle=target.entropy, floor=target.floor, check=_near(target, found), note=note
            ),
            self.row(case, FALLS, trials, oracle=0.0, check=Check("none", none)),
            self.row(case, OWNED, trials, floor=float(target.modes), check=_all_found(target, trials)),
        ]  # fmt: skip

    def _compared(self, shape: str, seed: int, progress: Progress) -> Trial:
        family = {"key": "mixture", "components": 6, "covariance": shape, "start": "random"}
        trainer = Trainer(em_recipe({"key": "moons", "n": 1_000}, family, seed, JUDGED))
        model, sample = trainer.game.model, trainer.game.sample
        assert sample is not None, "EM has a finite sample"
        theirs = sklearn_fit(model.components(), sample, shape)
        run(trainer, JUDGED, progress)
        likelihood = float(model.log_prob(sample).double().mean())
        return {
            APART: apart(model.components(), theirs, shape),
            LESS: abs(likelihood - float(theirs.score(sample.double().numpy()))),
        }

    def _agreement(self, case: str, quantity: str, bar: float, trials: Mapping[int, Trial]) -> Row:
        worst = max(values(trials, quantity), default=math.nan)
        note = f"two moons, n 1,000, six Gaussians, {JUDGED} steps from the same random start"
        return self.row(case, quantity, trials, oracle=0.0, check=Check.at_most(bar, worst), note=note)


def em_recipe(data: Mapping[str, Any], family: Mapping[str, Any], seed: int, steps: int) -> Experiment:
    """EM of a mixture on a finite sample."""
    parts = {"divergence": "kl_forward", "objective": "em", "batch_size": 1}
    return Experiment.from_dict({"data": data, "family": family, "seed": seed, "steps": steps, **parts})


def run(trainer: Trainer, steps: int, progress: Progress) -> list[float]:
    """Take steps: the mean log-likelihood of the training sample before each of them, nats."""
    found = []
    for step in range(steps):
        found.append(-trainer.take_step()["negative_log_likelihood"])
        progress((step + 1) / steps)
    return found


def falls(likelihoods: list[float]) -> int:
    """In how many steps it fell."""
    found = np.asarray(likelihoods)
    return int((np.diff(found) < -NOISE * np.maximum(1.0, np.abs(found[:-1]))).sum())


def owned(components: Components, target: Target) -> int:
    """How many modes have exactly one Gaussian within 3σ of their centre, with at least half a mode's mass."""
    modes = target.data.parts
    near = torch.cdist(modes.means, components.means) < 3 * target.std
    is_heavy = components.weights > 0.5 / target.modes
    return int((near & is_heavy).sum(1).eq(1).sum())


def sklearn_fit(start: Components, x: Tensor, shape: str) -> GaussianMixture:
    """scikit-learn's mixture after as many steps from these components, with hardly anything added to variances."""
    from sklearn.exceptions import ConvergenceWarning  # seconds of imports, which a list of protocols must not wait for
    from sklearn.mixture import GaussianMixture

    full = start.covariances.double()
    variances = full.diagonal(dim1=1, dim2=2)
    precisions = {"full": torch.linalg.inv(full), "diagonal": 1 / variances, "spherical": 1 / variances[:, 0]}[shape]
    weights = start.weights.double()
    made = GaussianMixture(
        len(weights), covariance_type=SHAPES[shape], max_iter=JUDGED, tol=0.0, reg_covar=1e-12,
        weights_init=(weights / weights.sum()).numpy(), means_init=start.means.double().numpy(),
        precisions_init=precisions.numpy(),
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is stopped before it has converged, as ours is
        return made.fit(x.double().numpy())


def apart(ours: Components, theirs: GaussianMixture, shape: str) -> float:
    """The greatest difference of any number of the two."""
    variances = ours.covariances.diagonal(dim1=1, dim2=2)
    covariances = {"full": ours.covariances, "diagonal": variances, "spherical": variances[:, 0]}[shape]
    pairs = ((ours.weights, theirs.weights_), (ours.means, theirs.means_), (covariances, theirs.covariances_))
    return max(float(np.abs(a.double().numpy() - b).max()) for a, b in pairs)


def _beside(shape: str) -> str:
    return f"beside scikit-learn, {shape}"


def _near(target: Target, found: float | None) -> Check:
    """Not below the entropy, which would be a leak; from k-means, as good as can be expected."""
    no_leak = found is not None and found >= target.entropy - SLACK
    if target.start == "random":
        return Check(f"no less than the entropy by {SLACK:g}: less were a leak", no_leak)
    rule = f"within {NEAR:g} above the floor, and no less than the entropy by {SLACK:g}: less were a leak"
    return Check(rule, no_leak and found is not None and found <= target.floor + NEAR)


def _all_found(target: Target, trials: Mapping[int, Trial]) -> Check | None:
    if target.start == "random":
        return None
    return Check("all of them", all(found == target.modes for found in values(trials, OWNED)))
