"""Where a denoising model's error comes from: how much of it was not learnt, and how much the sampler adds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final, TypeVar

import numpy as np
import torch
from torch import Tensor

from models.families._denoising import DenoisingModel
from models.measures._line import ordered, transport_cost
from models.measures.sliced_wasserstein import directions
from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject
from models.observations._exact_field import ExactField, known_field, memorisable, memorising_field, unknowable
from models.observations._frames import process_model, unasked
from models.observations._pairs import width_of
from models.observations._picture_units import PictureUnits
from models.samplers import Field

T = TypeVar("T")

SAMPLED: Final = 2_000
"""Samples at most of which a distance is taken …"""

WIDE: Final = 8
FEWER: Final = 500
"""… and as many in more than so many dimensions, where a closed form takes longer."""

FRESH: Final = 16_000
"""Points of the data that they are compared with, so that nearly all chance is that of the samples."""

FLOORS: Final = 20
"""Fresh samples of the data whose distances make the floor."""

TIMES: Final = 25
"""Times at which the answers are compared …"""

ASKED: Final = 256
"""… and noised data points at each of them."""


@dataclass(frozen=True, eq=False)
class Lines:
    """The data as seen along lines.

    Attributes:
        directions: unit vectors, shape (P, d).
        rows: fresh data along each of them, in rising order, shape (P, M).
    """

    directions: Tensor
    rows: Tensor

    def distance(self, x: Tensor) -> float:
        """Sliced Wasserstein-2 distance of samples, shape (N, d), from the data, data units."""
        return float(transport_cost(ordered(self.directions @ x.T), self.rows, p=2).mean()) ** 0.5


@dataclass(frozen=True, eq=False)
class Questions:
    """Noised data at some times, and what is right to say of them.

    Attributes:
        times: t, shape (F,).
        places: u_t, shape (F, N, d), units of the process.
        answers: the exact field's, shape (F, N, d).
        spread: E‖F − E[F | u_t]‖²/d, what no net can know, shape (F,).
    """

    times: list[float]
    places: Tensor
    answers: Tensor
    spread: Tensor


@OBSERVATIONS.register
class SamplerError(Observation):
    """The samples' distance from data, beside that of the exact field's samples by the same sampler and noise.

    What the exact field's samples are further away than fresh data is the sampler's error alone; what the model's are
    further away than those was not learnt. The distance is sliced Wasserstein-2 from the same 16,000 points of data.
    Beside it stands what was not learnt at each t, on noised data: E‖ε_θ − ε*‖²/d = E σ²‖s_θ − s‖²/d, or, of models
    that are asked for a velocity, E‖v_θ − v‖²/d. Where the data have no closed form under noise but a finite training
    sample, the field that learnt that sample by heart takes the exact one's place.

    Source: of the two errors Chen et al. 2023, Sampling is as easy as learning the score, arXiv:2209.11215, theorem 2.
    """

    title: ClassVar[str] = "where the error comes from"
    source: ClassVar[str] = "Chen et al. 2023, arXiv:2209.11215, theorem 2"

    def missing(self, subject: Subject) -> str:
        """Where neither the exact field nor that of the training sample is known, or the net has no answer."""
        if reason := unasked(subject):
            return reason
        return "" if memorisable(subject) is not None else unknowable(subject)

    def observe(self, subject: Subject) -> Arrays:
        """Distances in data units, errors in units of the process.

        Shape (): ``model``, ``exact`` and ``memorised``, NaN where there is none such; ``floor_low``, ``floor`` and
        ``floor_high``, the mean and the reach of fresh data; ``points``: samples of each; ``sampler``: its title;
        ``passes``: of the field for a sample; ``velocity``: 1 where the answer compared is a velocity, 0 for noise;
        ``by_heart``: 1 where the answers compared with are those of the training sample. Shape (F,): ``time``,
        ``learning`` and ``unknown``, what no net can know.
        """
        model = process_model(subject)
        lines = subject.once("fresh data along lines", lambda: _lines(subject))
        questions = _kept(subject, "questions on noised data", lambda: _questions(subject, model))
        count = len(_noise(subject))
        floor = subject.once(f"floor of {count} samples", lambda: _floor(subject, lines, count))
        return {
            "model": _number(lines.distance(subject.fake[:count])),
            "exact": _number(_reached(subject, "exact", lines)),
            "memorised": _number(_reached(subject, "memorised", lines)),
            **{name: _number(value) for name, value in floor.items()},
            "points": np.array(count),
            "sampler": np.array(model.sampler.title),
            "passes": np.array(model.sampler.cost),
            "velocity": np.array(int(_asks_velocity(subject))),
            "by_heart": np.array(int(bool(unknowable(subject)))),
            "time": np.array(questions.times, np.float32),
            "learning": _learning(subject, model, questions),
            "unknown": questions.spread.numpy().astype(np.float32),
        }


def _noise(subject: Subject) -> Tensor:
    """What the compared samples are made of."""
    return subject.noise[: SAMPLED if subject.dimension <= WIDE else FEWER]


def _number(value: float) -> np.ndarray:
    return np.array(value, np.float32)


def _kept(subject: Subject, name: str, make: Callable[[], T]) -> T:
    """Once for the data's place and scale in the process, which are set when training begins, and the paths' width."""
    return subject.once(f"{name}, {PictureUnits.of(process_model(subject)).key}, {width_of(subject)}", make)


def _lines(subject: Subject) -> Lines:
    chance = torch.Generator().manual_seed(0)
    chosen = directions(subject.dimension, chance)
    return Lines(chosen, ordered(chosen @ subject.experiment.data.draw(FRESH, chance).T))


def _floor(subject: Subject, lines: Lines, count: int) -> dict[str, float]:
    chance = torch.Generator().manual_seed(1)
    found = [lines.distance(subject.experiment.data.draw(count, chance)) for _ in range(FLOORS)]
    return {"floor_low": min(found), "floor": sum(found) / FLOORS, "floor_high": max(found)}


def _fields(subject: Subject) -> dict[str, ExactField]:
    """The field of the data's law and that of the training sample, as far as there are such."""
    model, found = process_model(subject), dict[str, ExactField]()
    if not unknowable(subject):
        found["exact"] = known_field(subject)
    sample = memorisable(subject)
    if sample is not None:
        found["memorised"] = memorising_field(model, sample, width_of(subject))
    return found


def _reached(subject: Subject, name: str, lines: Lines) -> float:
    """How far the samples of one such field are from data, by the model's own sampler and noise."""
    model = process_model(subject)
    setting = f"{name} field by {model.sampler!r} with w = {model.guidance:g} from {len(_noise(subject))} places"
    return _kept(subject, setting, lambda: _run(subject, _fields(subject).get(name), lines))


def _run(subject: Subject, field: ExactField | None, lines: Lines) -> float:
    if field is None:
        return float("nan")
    model, z = process_model(subject), _noise(subject)
    with torch.no_grad():
        return lines.distance(model.push_along(field.told(model.labels_of(z), model.guidance), z))


def _questions(subject: Subject, model: DenoisingModel) -> Questions:
    fields = _fields(subject)
    field, times = fields.get("exact") or fields["memorised"], _times(model)
    known = "exact" in fields
    data = model.into_process(subject.real[:ASKED]) if known else model.standard(_some(memorisable(subject)))
    chance, shape = torch.Generator().manual_seed(2), (len(times), *data.shape)
    noise, around = torch.randn(shape, generator=chance), torch.randn(shape, generator=chance)
    level = model.process.at(torch.tensor(times)[:, None, None])
    places = level.place(data, noise) + width_of(subject) * around
    right = level.velocity(data, noise) if _asks_velocity(subject) else noise
    answers = _answers(subject, field, times, places)
    return Questions(times, places, answers, (right - answers).square().mean((1, 2)))


def _some(sample: Tensor | None) -> Tensor:
    assert sample is not None, "without a closed form it is the sample that is looked at"
    return sample[torch.randperm(len(sample), generator=torch.Generator().manual_seed(3))[:ASKED]]


def _times(model: DenoisingModel) -> list[float]:
    """From 0 to 1, of a process with levels only at those."""
    times, levels = torch.linspace(0, 1, TIMES, dtype=torch.float64), model.process.levels
    if levels:
        times = (times * (levels - 1)).round().unique() / (levels - 1)
    return times.tolist()


def _asks_velocity(subject: Subject) -> bool:
    return "velocity" in subject.experiment.family.capabilities


def _answers(subject: Subject, field: Field, times: list[float], places: Tensor) -> Tensor:
    """Velocities, or means of the noise, shape (F, N, d)."""
    if _asks_velocity(subject):
        return torch.stack([field.velocity(u, t) for u, t in zip(places, times, strict=True)])
    return torch.stack([field.split(u, t)[1] for u, t in zip(places, times, strict=True)])


def _learning(subject: Subject, model: DenoisingModel, questions: Questions) -> np.ndarray:
    with torch.no_grad():
        said = _answers(subject, model.field(), questions.times, questions.places)
    return (said - questions.answers).square().mean((1, 2)).numpy().astype(np.float32)
