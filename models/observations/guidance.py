"""What guidance does to the samples: how much of the data they reach, and how sure their class is, against w."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import torch
from torch import Tensor

from models.data import Data
from models.families._denoising import DenoisingModel
from models.measures import MEASURES, Reference, Samples
from models.observations._base import OBSERVATIONS, Array, Arrays, Observation, Subject
from models.observations._exact_field import ExactField, known_field, unknowable
from models.observations._pairs import width_of

WEIGHTS: Final = (0.0, 0.5, 1.0, 2.0, 4.0)
"""The weights w that are tried beside the model's own."""

MEASURED: Final = ("coverage", "recall", "precision", "density")
"""Measures by key: how much of the data is reached, twice, and how near to data samples are, twice."""

CERTAINTY: Final = "certainty"
SCORES: Final = (*MEASURED, CERTAINTY)

TOLD: Final = 2_000
"""Data that are known with their classes …"""

NEAREST: Final = 5
"""… of which so many tell the class of a place."""

EVALUATIONS: Final = 120_000
"""Passes of the net for the whole picture: about a tenth of a second for small nets …"""

WORK: Final = 2_400_000_000
"""… and passes times weights, which decide for large ones."""

LEAST: Final = 100
MOST: Final = 500
"""Samples for each w."""

PERFECT: Final = 20
"""Samples of the data themselves from which the floors come."""


@dataclass(frozen=True, eq=False)
class Yardstick:
    """What samples of several w are held against, always the same.

    Attributes:
        reference: data, as many as samples.
        x: data whose classes are known, shape (M, d).
        labels: their classes, shape (M,).
    """

    reference: Reference
    x: Tensor
    labels: Tensor

    @classmethod
    def of(cls, data: Data, real: Tensor) -> Yardstick:
        """These real samples, shape (n, d), and others that are told."""
        return cls(Reference(real, data), *data.draw_told(TOLD, torch.Generator().manual_seed(3)))

    def scores(self, x: Tensor, labels: Tensor) -> Mapping[str, float]:
        """Each of ``SCORES`` of samples, shape (n, d), of these classes, (n,); NaN where one of them is not finite."""
        if not bool(x.isfinite().all()):
            return dict.fromkeys(SCORES, math.nan)
        samples, chance = Samples(x), torch.Generator()  # none of them draws anything
        found = {key: MEASURES[key]().evaluate(samples, self.reference, chance) for key in MEASURED}
        return found | {CERTAINTY: self.certainty(x, labels)}

    def certainty(self, x: Tensor, labels: Tensor) -> float:
        """Mean of p(c|x) of the samples' own classes, by the classes of the nearest data."""
        nearest = torch.cdist(x, self.x.to(x)).topk(NEAREST, largest=False).indices
        return float((self.labels[nearest] == labels[:, None]).float().mean())


@OBSERVATIONS.register
class Guidance(Observation):
    """Coverage, precision and the certainty of the class for several w, of the present weights and from the same noise.

    With w > 0 samples follow (1 + w) F_θ(u, t, c) − w F_θ(u, t), so that what is typical of their class is exaggerated:
    the class of a sample is the surer, and the fewer of the data are reached. The certainty is the mean over samples
    of p(c|x) of their own class, by the classes of the five nearest real samples.

    Source: Ho and Salimans 2022, arXiv:2207.12598, section 4; measures by Naeem et al. 2020, arXiv:2002.09797, and
    Kynkäänniemi et al. 2019, arXiv:1904.06991; p(c|x) by Cover and Hart 1967, IEEE Trans. Inf. Theory 13, 1.
    """

    title: ClassVar[str] = "what guidance does"
    source: ClassVar[str] = "Ho and Salimans 2022, arXiv:2207.12598, section 4"

    def missing(self, subject: Subject) -> str:
        """For models that know classes, and the law without them."""
        model = subject.game.model
        if not (isinstance(model, DenoisingModel) and model.condition.word == "classes"):
            return "The model was told no classes: without them there is nothing to guide to."
        if model.is_mixed:
            return "The class of every sample was told, so p(x), which guidance leads away from, was not learnt."
        return ""

    def observe(self, subject: Subject) -> Arrays:
        """``weight``: (W,), rising, the model's own w among them, which ``now``, shape (), says again.

        For each of ``SCORES`` its values, shape (W,), NaN where samples are not finite; as ``… exact`` those of the
        data's own fields, by the same sampler from the same noise, where they are known; and as ``… floor`` mean, low
        and high end (95 %) of what fresh data score, shape (3,). ``n``: (), how many samples each value comes from,
        and as many data.
        """
        model = subject.game.model
        assert isinstance(model, DenoisingModel)
        weights = sorted({*WEIGHTS, model.guidance})
        n = _samples(model, subject)
        yardstick = subject.once(f"guided against {n}", lambda: Yardstick.of(subject.experiment.data, subject.real[:n]))
        z = subject.noise[:n]
        labels = model.labels_of(z)
        assert labels is not None, "a model with classes tells them"
        found = [yardstick.scores(x, labels) for x in swept(model, z, weights)]
        floors = subject.once(f"guidance floors of {n}", lambda: _floors(subject.experiment.data, yardstick, n))
        values = _columns(found) | {f"{key} floor": floor.copy() for key, floor in floors.items()}
        if not unknowable(subject):
            exact = _exact_scores(subject, model, z, weights, yardstick)
            values |= {f"{key} exact": column for key, column in _columns(exact).items()}
        return values | {"weight": np.array(weights, np.float32), "now": np.array(model.guidance), "n": np.array(n)}


def swept(model: DenoisingModel, z: Tensor, weights: list[float]) -> tuple[Tensor, ...]:
    """Samples from the same noise, shape (n, k + 1), for each weight, data units, shape (n, d) each."""
    every = torch.tensor(weights).repeat_interleave(len(z))
    return model.push_guided(z.repeat(len(weights), 1), every).split(len(z))


def swept_exactly(model: DenoisingModel, field: ExactField, z: Tensor, weights: list[float]) -> tuple[Tensor, ...]:
    """The same by the exact field of the data and of each of their classes, in place of the net's answers."""
    every, rows = torch.tensor(weights).repeat_interleave(len(z)), z.repeat(len(weights), 1)
    return model.push_along(field.told(model.labels_of(rows), every), rows).split(len(z))


def _samples(model: DenoisingModel, subject: Subject) -> int:
    """How many samples each weight gets: with and without the class, two passes a step."""
    passes = min(EVALUATIONS, WORK // model.network.parameters)
    affordable = passes // (2 * model.sampler.cost * (len(WEIGHTS) + 1))  # whether the own w is among them or not
    return min(max(LEAST, min(MOST, affordable)), len(subject.noise), len(subject.real))


def _exact_scores(
    subject: Subject, model: DenoisingModel, z: Tensor, weights: list[float], yardstick: Yardstick
) -> list[Mapping[str, float]]:
    """Of each weight: they do not change as the net learns, so each is worked out once."""
    known: dict[Any, Mapping[str, float]] = subject.once("guided exactly", dict)
    own = model.sampler, width_of(subject), len(z)
    lacking = [weight for weight in weights if (*own, weight) not in known]
    labels = model.labels_of(z)
    if lacking and labels is not None:
        for weight, x in zip(lacking, swept_exactly(model, known_field(subject), z, lacking), strict=True):
            known[*own, weight] = yardstick.scores(x, labels)
    return [known[*own, weight] for weight in weights]


def _columns(rows: list[Mapping[str, float]]) -> dict[str, Array]:
    return {key: np.array([row[key] for row in rows], np.float32) for key in SCORES}


def _floors(data: Data, yardstick: Yardstick, n: int) -> dict[str, Array]:
    chance = torch.Generator().manual_seed(2)
    rows = [yardstick.scores(*data.draw_told(n, chance)) for _ in range(PERFECT)]
    return {key: _interval([row[key] for row in rows]) for key in SCORES}


def _interval(found: list[float]) -> Array:
    """Mean, and where 95 % of single ones lie, shape (3,)."""
    low, high = np.quantile(found, (0.025, 0.975))
    return np.array([np.mean(found), low, high], np.float32)
