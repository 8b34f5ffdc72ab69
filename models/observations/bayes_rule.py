"""The generative model as a classifier, by Bayes' rule, beside a softmax classifier that saw the same labels."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import ClassVar, Final

import numpy as np
import torch
from torch import Tensor

from models.architectures import ARCHITECTURES, Architecture
from models.experiment import Experiment
from models.measures._softmax import SoftmaxClassifier, accuracy
from models.objectives.semi_supervised import SemiSupervised, first_of_each
from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, plain
from models.observations._class_posteriors import HELD_OUT, judge_of, lacking

MOST_CLASSES: Final = 64
"""Of more classes a table has no room."""

STEPS: Final = 1_000
"""Steps in which the softmax classifier learns …"""

SECONDS: Final = 0.1
"""… of which so long is spent at each look, and as long on bounds that take a while, half of it where both do."""

FRESH: Final = 2_000
"""Labelled samples that it learns from, where every batch is drawn afresh."""


@OBSERVATIONS.register
class BayesRule(Observation):
    """Which class held-out samples are taken for: by p(y|x) ∝ p_θ(x|y) p(y), and by softmax_y f(x).

    Log p_θ(x|y) is the model's own density, or a bound on it, on the same draws for every class. That of a denoising
    model sums the errors of its net when it is told each class, and becomes surer with every pair of a time and a
    noise. The softmax classifier has the architecture of the encoder, or is an MLP where there is none, and learns from
    the labels that the model knows while the first pictures are made.

    Source: Ng and Jordan 2002, On discriminative vs. generative classifiers, NeurIPS 14, section 2; the bounds of Burda
    et al. 2016, arXiv:1509.00519, eq. 8, and of Li et al. 2023, arXiv:2303.16203, section 3.
    """

    title: ClassVar[str] = "classes by Bayes' rule"
    source: ClassVar[str] = "Ng and Jordan 2002, NeurIPS 14, section 2"

    def missing(self, subject: Subject) -> str:
        """For models with a density, or a bound on it, of each class, and held-out samples with classes."""
        model = subject.game.model
        if model.condition.word != "classes":
            return "The model was told no classes: it knows no p(x|y) that Bayes' rule could turn round."
        if reason := lacking(subject):
            return reason
        if model.classes > MOST_CLASSES:
            return f"Of {model.classes} classes a table would be too large."
        return "" if _held_out(subject) else "No samples with classes are held out: raise data.held_out."

    def observe(self, subject: Subject) -> Arrays:
        """``bayes`` and ``softmax``, (C, C): how many held-out samples of the row's class are taken for the column's.

        ``softmax`` is all 0 while that classifier learns, of which ``share``, (), says how far it is. ``n``: (), how
        many samples there are; ``known``: (), how many labels there were to learn from. ``law``, (): what stands for
        log p(x|y), 0 the density itself, 1 a bound on it, 2 one by the errors of a net, from ``pairs``, (), times and
        noises; then ``loss``, (): the share told right by the loss that was trained in its place, else NaN.
        """
        model, held = subject.game.model, _held_out(subject)
        assert held is not None, "asked for only where there are such samples"
        x, y = held
        course = subject.once("softmax beside Bayes' rule", lambda: _Course(subject))
        seconds = SECONDS if course.is_done else SECONDS / 2
        share = course.advance(seconds)
        # Of these weights: what is found of them is not lost while they are looked at.
        found = subject.once_of_weights("judge of classes", lambda: judge_of(subject, x)).look(seconds)
        subject.unsettled |= share < 1 or not found.is_settled
        x, y = x[: len(found.by_bayes)], y[: len(found.by_bayes)]
        return {
            "bayes": _table(found.by_bayes, y, model.classes),
            "softmax": _table(course.classifier.log_posterior(model.inward(x)), y, model.classes) * (share == 1),
            "share": np.array(share, np.float32),
            "n": np.array(len(x)),
            "known": np.array(course.known),
            "law": np.array(found.law),
            "pairs": np.array(found.pairs),
            "loss": np.array(np.nan if found.by_loss is None else accuracy(found.by_loss, y), np.float32),
        }


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
        self.known = len(y)
        self.classifier = SoftmaxClassifier(_architecture(subject.experiment), data.shape, model.classes, chance)
        self._steps: Iterator[float] = self.classifier.train(model.inward(x), y, STEPS)
        self._done = 0

    @property
    def is_done(self) -> bool:
        """Whether it has learnt."""
        return self._done == STEPS

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


def _architecture(experiment: Experiment) -> Architecture:
    """Of the discriminative net: the encoder's where there is one, else one that learns in a second.

    On digits, convolutions take four times as long and tell as many right.
    """
    nets = {net.path: net.architecture for net in experiment.nets()}
    return nets.get("family.encoder") or ARCHITECTURES["mlp"]()


def _table(log_posterior: Tensor, y: Tensor, classes: int) -> np.ndarray:
    pairs = y * classes + log_posterior.argmax(1)
    return plain(pairs.bincount(minlength=classes**2).view(classes, classes))
