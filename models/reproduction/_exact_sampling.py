"""Samplers that follow the exact field: what they are off the data is their own error, for nothing was learnt."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import torch
from torch import Tensor

from models.data import Data
from models.measures import Reference, Samples
from models.measures.wasserstein_2 import Wasserstein2
from models.observations._exact_field import ExactField
from models.reproduction._base import Check, Progress, Protocol, Row, Trial, mean, part_of, values
from models.reproduction._equal_counts import equal_counts
from models.samplers import SAMPLERS, Keyed, Sampler
from models.samplers._base import Stepper
from models.schedules import SCHEDULES, NoiseProcess

POINTS: Final = 1_000
"""Points of each sample whose distance is taken."""

SPARE: Final = 1.2
"""So many times more are drawn, of which equally many of each class are taken."""

DRAWS: Final = 3
FLOORS: Final = 6
"""Distances a seed with the most steps, and between samples of the data."""

STEPS: Final = (10, 50, 200)
UNITS: Final = 20_000
"""Points from which the data's own place and scale are taken."""

FLOOR: Final = "floor"

PRESERVING: Final = NoiseProcess(SCHEDULES["linear"]())
EXPLODING: Final = NoiseProcess(SCHEDULES["variance_exploding"]())

SETTINGS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType({"annealed_langevin": {"repeats": 10, "size": 0.1}})
"""Options of samplers that need other ones than they come with, by key."""

PROCESSES: Final[Mapping[str, NoiseProcess]] = MappingProxyType({"annealed_langevin": EXPLODING})
"""Processes that samplers were made for, by key, where that is not the preserving one."""


def field_of(process: NoiseProcess, data: Data) -> ExactField:
    """The exact field of data that the process sees with mean 0 and mean variance 1."""
    x = data.draw(UNITS, torch.Generator().manual_seed(0))
    return ExactField(process, data.noised, x.mean(0), float(x.var(0).mean().sqrt()))


def drawn(field: ExactField, sampler: Sampler, n: int, chance: torch.Generator) -> Tensor:
    """Samples by the exact field, shape (n, d), data units."""
    z = torch.randn(n, len(field.centre), generator=chance)
    return field.centre + field.scale * sampler.end(field, field.process.start(z), Keyed(z))


def distances(data: Data, x: Tensor, draws: int, points: int, chance: torch.Generator) -> list[float]:
    """Exact W₂ between parts of a sample and fresh data, each with equally many points of every class."""

    def one(part: Tensor) -> float:
        fresh = data.draw(spare(points), chance)
        return w2(equal_counts(data, part, points), equal_counts(data, fresh, points), chance)

    return [one(part) for part in x.chunk(draws)]


def w2(x: Tensor, y: Tensor, chance: torch.Generator) -> float:
    """Exact, between samples, shape (n, d), data units."""
    return Wasserstein2().compare(Samples(x), Reference(y), chance)


def spare(points: int) -> int:
    """How many points are drawn for so many."""
    return round(SPARE * points) + 100


def floor(data: Data, draws: int, points: int, chance: torch.Generator) -> list[float]:
    """The same distances between samples of the data."""
    return distances(data, data.draw(draws * spare(points), chance), draws, points, chance)


@dataclass(frozen=True)
class ExactSampling:
    """Every sampler on the exact field of one law.

    Attributes:
        data: the law, with classes and closed forms under noise.
    """

    data: Data

    def trial(self, seed: int, budget: float, chance: torch.Generator, progress: Progress) -> Trial:
        """Distances by sampler and steps, and those of the floor."""
        points = max(40, round(POINTS * budget))
        runs = list(_runs(budget))
        found = {f"{FLOOR} {i}": value for i, value in enumerate(floor(self.data, FLOORS, points, chance))}
        for done, (name, process, sampler, draws) in enumerate(runs):
            x = drawn(field_of(process, self.data), sampler, draws * spare(points), chance)
            found[name] = statistics.fmean(distances(self.data, x, draws, points, chance))
            part_of(progress, done, len(runs))(1.0)
        return found

    def rows(self, protocol: Protocol, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        """One for each sampler: the distance with the most steps, held to the spread of the floor."""
        level, spread = floor_of(trials)
        rows = []
        for sampler in SAMPLERS:
            names = _names(sampler)
            found = mean(values(trials, names[-1]))
            near = Check(
                f"no further than the floor and one standard deviation of a distance, {level + spread:.3f}",
                found is not None and found <= level + spread,
            )
            coarse = "; ".join(f"{_short(name)}: {_told(mean(values(trials, name)))}" for name in names[:-1])
            rows.append(
                protocol.row(case, f"W₂ to the data, {names[-1]}, data units", trials, value=names[-1], floor=level,
                             check=near, note=coarse)
            )  # fmt: skip
        return rows


def floor_of(trials: Mapping[int, Trial]) -> tuple[float, float]:
    """Mean and standard deviation of the distances between samples of the data, of all seeds."""
    found = [value for trial in trials.values() for name, value in trial.items() if name.startswith(FLOOR)]
    return (statistics.fmean(found), statistics.stdev(found)) if len(found) > 1 else (float("nan"), float("nan"))


def _runs(budget: float) -> Iterator[tuple[str, NoiseProcess, Sampler, int]]:
    """Name, process, sampler and how many distances, for all that are tried."""
    for kind in SAMPLERS:
        options = SETTINGS.get(kind.key, {})
        process = PROCESSES.get(kind.key, PRESERVING)
        names = _names(kind)
        for name, steps in zip(names, STEPS if issubclass(kind, Stepper) else (0,), strict=True):
            length = {"steps": max(1, round(steps * min(1.0, 10 * budget)))} if steps else {}
            sampler = SAMPLERS.parse({"key": kind.key, **options, **length})
            yield name, process, sampler, DRAWS if name == names[-1] else 1


def _names(kind: type[Sampler]) -> tuple[str, ...]:
    return tuple(f"{kind.title}, S = {steps}" for steps in STEPS) if issubclass(kind, Stepper) else (kind.title,)


def _short(name: str) -> str:
    return name.rsplit(", ", 1)[-1]


def _told(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"
