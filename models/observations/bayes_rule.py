"""The generative model as a classifier, by Bayes' rule, beside a softmax classifier that saw the same labels."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import ClassVar, Final

import numpy as np
import torch
from torch import Tensor

from models.families._base import WORK
from models.families._bayes import class_log_posterior
from models.families._variational import VariationalModel
from models.measures._softmax import SoftmaxClassifier
from models.objectives.semi_supervised import SemiSupervised, first_of_each
from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, plain

HELD_OUT: Final = 200
"""Held-out samples whose class is asked for, at most."""

LEAST: Final = 20

MOST_CLASSES: Final = 64
"""Of more classes a table has no room."""

DRAWS: Final = 16
"""Draws of the bound that stands for log p(x|y)."""

STEPS: Final = 1_000
"""Steps in which the softmax classifier learns …"""

SECONDS: Final = 0.1
"""… of which so long is spent at each look."""

FRESH: Final = 2_000
"""Labelled samples that it learns from, where every batch is drawn afresh."""


@OBSERVATIONS.register
class BayesRule(Observation):
    """Which class held-out samples are taken for: by p(y|x) ∝ p_θ(x|y) p(y), and by softmax_y f(x).

    The softmax classifier has the architecture of the encoder, and learns from the labels that the model knows while
    the first pictures are made. Of log p_θ(x|y) there is a bound, on the same draws for every class.

    Source: Ng and Jordan 2002, On discriminative vs. generative classifiers, NeurIPS 14, section 2; the bound of Burda
    et al. 2016, arXiv:1509.00519, eq. 8.
    """

    title: ClassVar[str] = "classes by Bayes' rule"
    source: ClassVar[str] = "Ng and Jordan 2002, NeurIPS 14, section 2"

    def missing(self, subject: Subject) -> str:
        """For models with a bound on log p(x|y), and held-out samples with classes."""
        model = subject.game.model
        if model.condition.word != "classes":
            return "The model was told no classes: it knows no p(x|y) that Bayes' rule could turn round."
        if not isinstance(model, VariationalModel):
            return f"{subject.experiment.family.title} gives log p(x|y) of one sample too slowly, or not at all."
        if model.classes > MOST_CLASSES:
            return f"Of {model.classes} classes a table would be too large."
        return "" if _held_out(subject) else "No samples with classes are held out: raise data.held_out."

    def observe(self, subject: Subject) -> Arrays:
        """``bayes`` and ``softmax``, (C, C): how many held-out samples of the row's class are taken for the column's.

        ``softmax`` is all 0 while that classifier learns, of which ``share``, (), says how far it is. ``n``: (), how
        many samples there are; ``known``: (), how many labels there were to learn from.
        """
        model, held = subject.game.model, _held_out(subject)
        assert isinstance(model, VariationalModel)
        assert held is not None, "asked for only where there are such samples"
        x, y = (part[: _affordable(model)] for part in held)
        course = subject.once("softmax beside Bayes' rule", lambda: _Course(subject))
        share = course.advance(SECONDS)
        subject.unsettled |= share < 1
        told = by_bayes(model, x)
        return {
            "bayes": _table(told, y, model.classes),
            "softmax": _table(course.classifier.log_posterior(model.inward(x)), y, model.classes) * (share == 1),
            "share": np.array(share, np.float32),
            "n": np.array(len(x)),
            "known": np.array(course.known),
        }


def by_bayes(model: VariationalModel, x: Tensor, draws: int = DRAWS) -> Tensor:
    """Log p(y|x) by the bounds on log p(x|y): data units, shape (N, d) to (N, C), nats."""
    u, noise = model.inward(x), torch.Generator().manual_seed(0)
    with torch.no_grad():
        return class_log_posterior(
            lambda each, told: model.importance_bound(each, noise, draws, told), model.condition.shares, u
        )


class _Course:
    """The softmax classifier, and how far it has learnt."""

    def __init__(self, subject: Subject) -> None:
        chance = torch.Generator().manual_seed(0)
        data, model = subject.experiment.data, subject.game.model
        x, y = data.told_training_set(chance) or data.draw_told(FRESH, chance)
        objective = subject.experiment.objective
        if isinstance(objective, SemiSupervised):
            rows = first_of_each(y, objective.known)
            x, y = x[rows], y[rows]
        nets = {net.path: net.architecture for net in subject.experiment.nets()}
        self.known = len(y)
        self.classifier = SoftmaxClassifier(nets["family.encoder"], data.shape, model.classes, chance)
        self._steps: Iterator[float] = self.classifier.train(model.inward(x), y, STEPS)
        self._done = 0

    def advance(self, seconds: float) -> float:
        """Go on for so long of the processor; the share of the steps that is done."""
        end = time.thread_time() + seconds
        while self._done < STEPS and time.thread_time() < end:
            next(self._steps)
            self._done += 1
        return self._done / STEPS


def _held_out(subject: Subject) -> tuple[Tensor, Tensor] | None:
    chance = torch.Generator().manual_seed(4)
    return subject.once(
        "held-out samples with classes", lambda: subject.experiment.data.told_held_out_sample(HELD_OUT, chance)
    )


def _affordable(model: VariationalModel) -> int:
    return max(LEAST, min(HELD_OUT, WORK // (model.classes * DRAWS * model.sample_work)))


def _table(log_posterior: Tensor, y: Tensor, classes: int) -> np.ndarray:
    pairs = y * classes + log_posterior.argmax(1)
    return plain(pairs.bincount(minlength=classes**2).view(classes, classes))
