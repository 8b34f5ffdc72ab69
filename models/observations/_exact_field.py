"""What is behind the noise according to the data themselves: the field that a perfectly trained net would be.

The process noises v = (x − m)/s. With x_t = αx + sσε the noised place is v_t = (x_t − αm)/s, so that all that is asked
of v_t is answered by the law of noised data, in data units: E[v₀ | v_t] = (E[x | x_t] − m)/s, and E[ε | v_t] as it is.
Where paths have some width w the noise of v_t is σε + wξ, of standard deviation √(σ² + w²), in which ε has its share.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor

from models.data import Data
from models.data._noised import NoisedLaw, noised_sample
from models.families._denoising import DenoisingModel
from models.observations._base import Subject
from models.observations._frames import process_model
from models.observations._pairs import unlearnable, width_of
from models.observations._picture_units import PictureUnits
from models.samplers import Field
from models.schedules import NoiseProcess

ClosedForm = Callable[[float, float, int | None], NoisedLaw]
"""From α, σ and a class, or None for all, to the law of αx + σε."""

MEMORISED: Final = 2_000
"""Points of a training sample from which its own field is worked out, at most: each is compared with each sample."""


class ExactField(Field):
    """E[v₀ | v_t] and E[ε | v_t] in closed form; with classes p(x|c), and with guidance as a net that knew them all.

    Attributes:
        centre: m, data units, shape (d,).
        scale: s, data units.
        width: w, units of the process.
    """

    def __init__(
        self, process: NoiseProcess, law: ClosedForm, centre: Tensor, scale: float, width: float = 0.0
    ) -> None:
        """Without classes.

        Args:
            process: how noise comes in.
            law: of noised data, data units.
            centre: m, the data's place that is 0 in the units of the process, shape (d,).
            scale: s, the data units that one unit of the process has.
            width: w, the standard deviation of the noise around each path, units of the process.
        """
        self.process = process
        self._law, self.centre, self.scale, self.width = law, centre, scale, width
        self._labels: Tensor | None = None
        self._guidance = torch.zeros(1)

    def told(self, labels: Tensor | None, guidance: float | Tensor) -> ExactField:
        """The same of samples of these classes, shape (N,), −1 for any; ``guidance`` as for a net, one or (N,)."""
        field = ExactField(self.process, self._law, self.centre, self.scale, self.width)
        field._labels, field._guidance = labels, torch.as_tensor(guidance).view(-1)
        return field

    def split(self, u: Tensor, t: float) -> tuple[Tensor, Tensor]:
        """Of data and noise, shape (N, d) to two of (N, d)."""
        free = self._split(u, t, None)
        if self._labels is None:
            return free
        clean, noise = (part.clone() for part in free)
        weight = self._guidance.to(u).expand(len(u))[:, None]
        for label in self._labels.unique().tolist():
            if label >= 0:
                own = self._labels == label
                told = self._split(u[own], t, label)
                for part, known, any_class in zip((clean, noise), told, free, strict=True):
                    part[own] = known + weight[own] * (known - any_class[own])
        return clean, noise

    def log_prob(self, u: Tensor, t: float) -> Tensor:
        """Log p_t(u) of all classes together, nats in the units of the process, shape (N,)."""
        law, place = self._at(u, t, None)
        return law.log_prob(place) + u.shape[1] * math.log(self.scale)

    def _split(self, u: Tensor, t: float, label: int | None) -> tuple[Tensor, Tensor]:
        law, place = self._at(u, t, label)
        clean, noise = law.split(place)
        return (clean - self.centre.to(u)) / self.scale, noise * self._share(t)

    def _share(self, t: float) -> float:
        """Of all noise, that which belongs to the source: E[ε | v_t] for each E[(σε + wξ)/√(σ² + w²) | v_t]."""
        return float(self.process.at(t).sigma) / self._spread(t) if self.width else 1.0

    def _spread(self, t: float) -> float:
        """√(σ² + w²)."""
        return math.hypot(float(self.process.at(t).sigma), self.width)

    def _at(self, u: Tensor, t: float, label: int | None) -> tuple[NoisedLaw, Tensor]:
        alpha = float(self.process.at(t).alpha)
        return self._law(alpha, self.scale * self._spread(t), label), self.scale * u + alpha * self.centre.to(u)


def exact_field(model: DenoisingModel, data: Data, width: float = 0.0) -> ExactField:
    """The field of the law of the data, in the model's process; ``unknowable`` says where there is none."""
    units = PictureUnits.of(model)
    return ExactField(model.process, data.noised, units.centre, float(units.scale[0]), width)


def known_field(subject: Subject) -> ExactField:
    """The same for what is learnt now."""
    return exact_field(process_model(subject), subject.experiment.data, width_of(subject))


def memorising_field(model: DenoisingModel, sample: Tensor, width: float = 0.0) -> ExactField:
    """The field that minimises the loss on a finite training sample, shape (n, d), units of training.

    It is that of its points alone: what follows it to its end comes back to one of them.
    """
    points = model.standard(sample)

    def law(alpha: float, std: float, _label: int | None) -> NoisedLaw:
        return noised_sample(points, alpha, std)

    return ExactField(model.process, law, torch.zeros(model.dimension), 1.0, width)


def unknowable(subject: Subject) -> str:
    """Why the exact field of the data cannot be told, in one sentence; empty if it can."""
    if reason := unlearnable(subject):
        return reason
    data = subject.experiment.data
    if "noised" not in data.capabilities:
        return f"{data.title}: the law under noise has no closed form; mixtures of Gaussians and noisy curves have one."
    if not PictureUnits.of(process_model(subject)).is_even:
        return "The coordinates are scaled apart, so that noise is not round in the units of the data."
    return ""


def memorisable(subject: Subject) -> Tensor | None:
    """The training sample that the net could learn by heart, units of training; None without one, or too large."""
    sample = subject.game.sample
    return sample if sample is not None and len(sample) <= MEMORISED and not unlearnable(subject) else None
