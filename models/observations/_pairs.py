"""Places at the source and the data that belong to them, as training pairs them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor

from models.couplings import COUPLINGS, Coupling, Pairs
from models.families._velocity import RectifiedDenoiser, VelocityModel
from models.objectives.conditional_flow_matching import ConditionalFlowMatching
from models.observations._base import Subject
from models.observations._frames import only_processes, process_model
from models.observations._picture_units import PictureUnits

MOST: Final = 10_000
TAUGHT: Final = 2_000
"""Pairs at most whose ends a teacher has to be asked for."""


@dataclass(frozen=True, eq=False)
class Paths:
    """The ways that training lays between source and data, in the units of the process.

    Attributes:
        source: shape (N, d).
        data: shape (N, d).
        bridge: how noisy a path is: the standard deviation at t is ``bridge`` √(t(1 − t)) …
        width: … and that of the noise around it at all times.
    """

    source: Tensor
    data: Tensor
    bridge: float
    width: float

    def blur(self, t: float) -> float:
        """Standard deviation of the noise around a path at t."""
        return (self.bridge**2 * t * (1 - t) + self.width**2) ** 0.5


def coupling_of(subject: Subject) -> Coupling:
    """Which place at the source belongs to which datum."""
    objective = subject.experiment.objective
    return objective.coupling if isinstance(objective, ConditionalFlowMatching) else COUPLINGS["independent"]()


def width_of(subject: Subject) -> float:
    """Standard deviation of the noise around each path."""
    objective = subject.experiment.objective
    return objective.width if isinstance(objective, ConditionalFlowMatching) else 0.0


def pairing(subject: Subject) -> tuple[Any, ...]:
    """All that decides which pairs there are but the data and the source; with reflow that is the round."""
    denoiser = process_model(subject).denoiser
    reflow = int(denoiser.round) if isinstance(denoiser, RectifiedDenoiser) else 0
    return coupling_of(subject), width_of(subject), subject.experiment.batch_size, reflow


def unlearnable(subject: Subject) -> str:
    """Why the best net is not the field of noised data, in one sentence; empty if it is.

    It is where noise is standard normal and knows nothing of the data: then u_t is α u₀ + σ ε, and the path's width.
    """
    if reason := only_processes(subject):
        return reason
    latent, coupling = subject.experiment.latent, coupling_of(subject)
    if "standard_normal" not in latent.capabilities:
        return f"The source is {latent.title}: only from standard normal noise is the exact velocity known."
    model = process_model(subject)
    if isinstance(model, VelocityModel) and model.reflows:
        return "With reflow the pairs are the model's own: the velocity that it learns has no closed form."
    if "independent" in coupling.capabilities:
        return ""
    return f"With the coupling “{coupling.title}” the best velocity has no closed form; with independent pairs it has."


def paths(subject: Subject, n: int = MOST) -> Paths:
    """At most n real samples with their partners at the source, in batches as large as those of training.

    In larger ones, what is near would be nearer. With reflow, the ends of the teacher's own paths.
    """
    key = (PictureUnits.of(process_model(subject)).key, *pairing(subject))
    return subject.once_for(f"{n} paths", key, lambda: _taught(subject, n) or _paths(subject, n))


def _taught(subject: Subject, n: int) -> Paths | None:
    model = process_model(subject)
    pairs = model.pairs_seen(min(n, TAUGHT)) if isinstance(model, VelocityModel) else None
    return None if pairs is None else Paths(pairs.source, pairs.data, 0.0, width_of(subject))


def _paths(subject: Subject, n: int) -> Paths:
    model, chance = process_model(subject), torch.Generator().manual_seed(1)
    coupling, size = coupling_of(subject), subject.experiment.batch_size
    data = model.into_process(subject.real[:n])
    source = model.latent.draw(len(data), chance)[:, : model.dimension]
    batches = zip(source.split(size), data.split(size), strict=True)
    pairs = Pairs.together([coupling.pair(*batch, chance) for batch in batches])
    return Paths(pairs.source, pairs.data, coupling.bridge, width_of(subject))
