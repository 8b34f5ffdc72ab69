"""Trained diffusion models beside the exact field with the same sampler: learning and sampling, told apart."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor

from models.data import Data
from models.experiment import Experiment
from models.families._denoising import DenoisingModel
from models.measures import Reference, Samples
from models.measures.energy import Energy
from models.observations._exact_field import exact_field
from models.reproduction._base import Check, Progress, Protocol, Row, Trial, averaged, mean, train, values
from models.reproduction._equal_counts import equal_counts, largest_share_error
from models.reproduction._exact_sampling import DRAWS, FLOORS, POINTS, distances, drawn, floor, floor_of, spare

ENERGY_POINTS: Final = 3_000
"""Points of each sample whose energy distance is taken."""

ADDED: Final = 0.1
"""Data units of W₂ that a net may add to what its sampler has anyway."""

DISTANCE: Final = "W₂ to the data, data units"
ENERGY: Final = "energy distance to the data, data units"
SHARE: Final = "largest error of a class's share"
EXACT: Final = "exact field: "


@dataclass(frozen=True)
class LearntDiffusion:
    """One recipe, trained and judged.

    Attributes:
        data: the law, with classes and closed forms under noise.
        family: options of the family.
        recipe: the rest of the recipe.
    """

    data: Data
    family: Mapping[str, Any]
    recipe: Mapping[str, Any]

    def experiment(self, seed: int, budget: float) -> Experiment:
        """The recipe with a seed, and a share of its length."""
        steps = max(1, round(budget * self.recipe["steps"]))
        parts = {"data": self.data, "family": dict(self.family), "seed": seed, "steps": steps}
        return Experiment.from_dict({**self.recipe, **parts})

    def trial(self, seed: int, budget: float, chance: torch.Generator, progress: Progress) -> Trial:
        """Train; then judge samples, those of the exact field by the same sampler, and data."""
        model = averaged(train(self.experiment(seed, budget), lambda share: progress(0.7 * share)))
        assert isinstance(model, DenoisingModel)
        points = max(40, round(POINTS * budget))
        count = max(DRAWS * spare(points), spare(round(ENERGY_POINTS * budget)))
        field = exact_field(model, self.data)
        laws = {"": model.sample(count, chance), EXACT: drawn(field, model.sampler, count, chance)}
        judged = [self._judged(x, points, chance, name) for name, x in laws.items()]
        level = {f"floor {i}": value for i, value in enumerate(floor(self.data, FLOORS, points, chance))}
        fresh = self._judged(self.data.draw(count, chance), points, chance, "fresh: ")
        progress(1.0)
        return {name: value for part in (*judged, level, fresh) for name, value in part.items()}

    def _judged(self, x: Tensor, points: int, chance: torch.Generator, name: str) -> Trial:
        of_energy = 3 * points
        fresh = self.data.draw(spare(of_energy), chance)
        mine, other = (equal_counts(self.data, sample, of_energy) for sample in (x, fresh))
        return {
            name + DISTANCE: statistics.fmean(distances(self.data, x, DRAWS, points, chance)),
            name + ENERGY: Energy().compare(Samples(mine), Reference(other), chance),
            name + SHARE: largest_share_error(self.data, x),
        }

    def rows(self, protocol: Protocol, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        """Three: both distances, and how well the classes share the mass."""
        own, exact = (mean(values(trials, name + DISTANCE)) for name in ("", EXACT))
        limit = None if exact is None else exact + ADDED
        check = Check(
            f"at most {ADDED:g} above what the exact field has with the same sampler",
            own is not None and limit is not None and own <= limit,
        )
        level, _ = floor_of(trials)
        note = "the oracle is the exact field with the same sampler: what a perfect net would have"
        fresh = {name: mean(values(trials, f"fresh: {name}")) for name in (ENERGY, SHARE)}
        return [
            protocol.row(case, DISTANCE, trials, oracle=exact, floor=level, check=check, note=note),
            *(
                protocol.row(case, name, trials, oracle=mean(values(trials, EXACT + name)), floor=fresh[name])
                for name in (ENERGY, SHARE)
            ),
        ]
