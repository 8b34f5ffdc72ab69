"""Log p(y|x) of held-out samples by a model that is told y: exact, by a bound, or by a bound that takes a while."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from models.families import Model
from models.families._base import WORK
from models.families._bayes import class_log_posterior
from models.families._class_bounds import ClassBounds, Weight, variational
from models.families._denoising import DenoisingModel
from models.families._variational import VariationalModel
from models.families._velocity import VelocityModel
from models.objectives._base import Objective
from models.objectives._weighting import WEIGHTINGS
from models.objectives.conditional_flow_matching import ConditionalFlowMatching
from models.objectives.denoising import Denoising
from models.observations._base import Subject

HELD_OUT: Final = 200
"""Held-out samples whose class is asked for, at most."""

LEAST: Final = 20

DRAWS: Final = 16
"""Draws of the bound that stands for log p(x|y) of an autoencoder."""

BENT: Final = 4
"""How much longer a density takes than its multiplications by weights: splines are bent one number after another."""

PAIRS: Final = 32
"""Pairs of a time and a noise for each sample of a denoising model: from some 16 on, hardly an answer changes."""

FIRST: Final = 4
"""Pairs for which there is time at the first look."""

EXACT, BOUND, ERRORS = range(3)
"""What stands for log p(x|y): the density itself, a bound on it, or a bound by the errors of a net."""


@dataclass(frozen=True, eq=False)
class Posteriors:
    """Log p(y|x), as far as it is known.

    Attributes:
        by_bayes: of the first N held-out samples, by Bayes' rule, shape (N, C).
        by_loss: the same with the loss that was trained in place of its bound; None where that is no other.
        law: what stood for log p(x|y): ``EXACT``, ``BOUND`` or ``ERRORS``.
        pairs: times and noises that were asked about of each sample; 0 where there are none.
        is_settled: whether looking again would add nothing.
    """

    by_bayes: Tensor
    by_loss: Tensor | None
    law: int
    pairs: int = 0
    is_settled: bool = True


class Judge(ABC):
    """What works out log p(y|x) of held-out samples."""

    @abstractmethod
    def look(self, seconds: float) -> Posteriors:
        """All that is known after about so long, at least of some samples."""


class AtOnce(Judge):
    """Of a model whose density, or whose bound, is known at the first look."""

    def __init__(self, found: Posteriors) -> None:
        self._found = found

    def look(self, seconds: float) -> Posteriors:
        """The same again."""
        return self._found


class ByErrors(Judge):
    """Of a denoising model, by what its net gets wrong when it is told each class: part by part of the samples."""

    def __init__(self, model: DenoisingModel, x: Tensor, objective: Objective) -> None:
        weights = (variational(model), trained(model, objective))
        size = max(LEAST, WORK // (FIRST * model.classes * model.pass_work))
        parts = model.into_process(x).split(min(size, len(x)))
        self._parts = [ClassBounds(model, part, weights) for part in parts]

    def look(self, seconds: float) -> Posteriors:
        """One pair more at least, and those parts that have all of theirs, or the first."""
        end = time.thread_time() + seconds
        for part in self._parts:
            while part.pairs < PAIRS:
                part.add()
                if time.thread_time() >= end:
                    return self._known()
        return self._known()

    def _known(self) -> Posteriors:
        done = [part for part in self._parts if part.pairs == PAIRS] or self._parts[:1]
        bayes, loss = (torch.cat([part.log_posterior(which) for part in done]) for which in (0, 1))
        return Posteriors(bayes, loss, ERRORS, done[0].pairs, self._parts[-1].pairs == PAIRS)


def trained(model: DenoisingModel, objective: Objective) -> Weight:
    """The weight that the square error had in training."""
    weighting = WEIGHTINGS[objective.weighting if isinstance(objective, Denoising) else "simple"]
    return lambda level: weighting(level, model.prediction)


def lacking(subject: Subject) -> str:
    """Why nothing tells log p(x|y) of one sample, in one sentence; empty if something does."""
    model, title = subject.game.model, subject.experiment.family.title
    if isinstance(model, DenoisingModel):
        return _unbounded(model, subject)
    if isinstance(model, VariationalModel) or model.density == "exact":
        return ""
    return f"“{title}” draws samples of each class but has no density p(x|y), which Bayes' rule would turn round."


def _unbounded(model: DenoisingModel, subject: Subject) -> str:
    objective = subject.experiment.objective
    if "standard_normal" not in model.source.capabilities:
        return f"Its source is “{model.source.title}”: only errors about normal noise bound log p(x|y)."
    joined = isinstance(objective, ConditionalFlowMatching) and "independent" not in objective.coupling.capabilities
    if joined or (isinstance(model, VelocityModel) and model.reflows):
        return "The net learnt of noise that belongs to each datum: its errors about any other bound no log p(x|y)."
    return ""


def judge_of(subject: Subject, x: Tensor) -> Judge:
    """What works out log p(y|x) of samples by the subject's model, data units, shape (N, d)."""
    model = subject.game.model
    if isinstance(model, DenoisingModel):
        return ByErrors(model, x, subject.experiment.objective)
    if isinstance(model, VariationalModel):
        return AtOnce(Posteriors(by_bound(model, x[: affordable(model, DRAWS)]), None, BOUND))
    few, shares = x[: affordable(model, BENT)], model.condition.shares
    return AtOnce(Posteriors(class_log_posterior(model.log_prob_given, shares, few), None, EXACT))


def by_bound(model: VariationalModel, x: Tensor) -> Tensor:
    """Log p(y|x) by the bounds on log p(x|y), of the same draws: data units, shape (N, d) to (N, C), nats."""
    u, noise = model.inward(x), torch.Generator().manual_seed(0)
    with torch.no_grad():
        return class_log_posterior(
            lambda each, told: model.importance_bound(each, noise, DRAWS, told), model.condition.shares, u
        )


def affordable(model: Model, draws: int) -> int:
    """How many samples there is time for, where each class takes so many times what a sample of the model does."""
    return max(LEAST, min(HELD_OUT, WORK // (model.classes * draws * model.sample_work)))
