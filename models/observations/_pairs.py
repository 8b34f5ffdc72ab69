"""Places at the source and the data that belong to them, as training pairs them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from models.couplings import COUPLINGS, Coupling
from models.observations._base import Subject
from models.observations._frames import process_model
from models.observations._picture_units import PictureUnits

MOST: Final = 10_000


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
    return getattr(subject.experiment.objective, "coupling", COUPLINGS["independent"]())


def width_of(subject: Subject) -> float:
    """Standard deviation of the noise around each path."""
    return float(getattr(subject.experiment.objective, "width", 0.0))


def pairing(subject: Subject) -> tuple[Coupling, float, int]:
    """All that decides which pairs there are but the data and the source: coupling, width and size of a batch."""
    return coupling_of(subject), width_of(subject), subject.experiment.batch_size


def is_independent(subject: Subject) -> bool:
    """Whether noise is standard normal and knows nothing of the data: then u_t is α u₀ + σ ε."""
    normal = "standard_normal" in subject.experiment.latent.capabilities
    return normal and not width_of(subject) and isinstance(coupling_of(subject), COUPLINGS["independent"])


def paths(subject: Subject) -> Paths:
    """Real samples with their partners at the source, in batches as large as those of training."""
    key = (PictureUnits.of(process_model(subject)).key, *pairing(subject))
    return subject.once_for("paths", key, lambda: _paths(subject))


def _paths(subject: Subject) -> Paths:
    model, chance = process_model(subject), torch.Generator().manual_seed(1)
    coupling, width, size = pairing(subject)
    data = model.standard(model.inward(subject.real[:MOST]))
    source = model.latent.draw(len(data), chance)[:, : model.dimension]
    pairs = [coupling.pair(*batch, chance) for batch in zip(source.split(size), data.split(size), strict=True)]
    joined = (torch.cat(rows) for rows in zip(*((pair.source, pair.data) for pair in pairs), strict=True))
    return Paths(*joined, coupling.bridge, width)
