"""Velocity and score at the times of the frames, on a grid and where noised data lie, in the data units of pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from models.observations._base import Arrays, Subject, plain
from models.observations._exact_field import known_field, unknowable
from models.observations._frames import frames, process_model
from models.observations._marginals import SIDES, Plane, marginals
from models.observations._pairs import width_of
from models.observations._picture_units import PictureUnits, process_bounds
from models.samplers import Field

BLOCKS: Final = {1: 4, 2: 3}
"""Cells of the density along an axis to each place, by dimension."""

JUDGED: Final = 200
"""Noised data at each time on which an error is taken."""

PEOPLED: Final = 0.01
"""Share of the highest density from which on a place counts as one where something lies."""


@dataclass(frozen=True, eq=False)
class Places:
    """Where fields are looked at.

    Attributes:
        time: t of each frame, F of them.
        bounds: what the grid fills, data units.
        grid: shape (G, d), data units.
        noised: noised data at each time, units of the process, shape (F, M, d).
    """

    time: list[float]
    bounds: tuple[float, float, float, float]
    grid: Tensor
    noised: Tensor


def fields(subject: Subject) -> Arrays:
    """The arrays of the observation ``denoising_field``."""
    model, places = process_model(subject), _places(subject)
    units, n = PictureUnits.of(model), len(places.grid)
    arrays = {
        "time": np.array(places.time, np.float32),
        "bounds": np.array(places.bounds, np.float32),
        "grid": plain(places.grid),
        "peopled": plain(_peopled(subject)),
        "unknown": np.array(unknowable(subject)),
    }
    names = ("velocity", "score") if "denoise" in subject.experiment.family.capabilities else ("velocity",)
    with torch.no_grad():
        learnt, exact = _look(model.field(), units, places), _look_exactly(subject, units, places)
    for name in names:
        arrays[name] = plain(learnt[name][:, :n])
        if exact:
            arrays[f"{name}_exact"] = plain(exact[name][:, :n])
            arrays[f"{name}_error"] = plain(_size(learnt[name][:, n:] - exact[name][:, n:]))
            arrays[f"{name}_size"] = plain(_size(exact[name][:, n:]))
    return arrays


def _places(subject: Subject) -> Places:
    found, model = frames(subject), process_model(subject)
    bounds = process_bounds(subject)
    data = model.into_process(subject.real[:JUDGED])
    chance = torch.Generator().manual_seed(2)
    noise, around = torch.randn(data.shape, generator=chance), torch.randn(data.shape, generator=chance)
    level = model.process.at(found.time[:, None, None])
    grid = Plane.over(bounds, subject.dimension, SIDES[subject.dimension] // BLOCKS[subject.dimension]).points
    return Places(found.time.tolist(), bounds, grid, level.place(data, noise) + width_of(subject) * around)


def _peopled(subject: Subject) -> Tensor:
    """1 where p_t is more than a hundredth of its highest value, else 0: shape (F, G), int64."""
    density, d = marginals(subject)[0], subject.dimension
    pool = torch.nn.functional.avg_pool2d if d == 2 else torch.nn.functional.avg_pool1d
    coarse = pool(density[:, None], BLOCKS[d]).flatten(1)
    return (coarse > PEOPLED * coarse.amax(1, keepdim=True)).long()


def _look_exactly(subject: Subject, units: PictureUnits, places: Places) -> dict[str, Tensor]:
    """What would be right, worked out once for a run and a sampler; empty where it is not known."""
    if unknowable(subject):
        return {}
    key = (places.bounds, units.key, places.time, width_of(subject))
    return subject.once_for("exact fields", key, lambda: _look(known_field(subject), units, places))


def _look(field: Field, units: PictureUnits, places: Places) -> dict[str, Tensor]:
    """Velocity and score on the grid and then where noised data lie, shape (F, G + M, d), data units."""
    looked: dict[str, list[Tensor]] = {"velocity": [], "score": []}
    for t, noised in zip(places.time, places.noised, strict=True):
        v = torch.cat([units.inward(places.grid, units.shrinkage(t)), noised])
        level, (clean, noise) = field.process.at(t), field.split(v, t)
        looked["velocity"].append(units.velocity(level.velocity(clean, noise), v, t))
        looked["score"].append(units.score(noise / -level.sigma, t))
    return {name: torch.stack(all_times) for name, all_times in looked.items()}


def _size(vectors: Tensor) -> Tensor:
    """Root mean square length, shape (F, M, d) to (F,)."""
    return vectors.square().sum(2).mean(1).sqrt()
