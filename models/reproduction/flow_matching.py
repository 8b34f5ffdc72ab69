"""How straight a flow's paths are, and how near it comes to the data: with and without optimal transport."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import Any, ClassVar, Final

import torch
from torch import Tensor

from models.experiment import Experiment
from models.families._denoising import DenoisingModel
from models.measures import Reference, Samples
from models.measures.wasserstein_2 import Wasserstein2
from models.reproduction._base import (
    PROTOCOLS,
    Check,
    Progress,
    Protocol,
    Row,
    Trial,
    averaged,
    chance_of,
    mean,
    train,
    values,
)
from models.samplers import SAMPLERS

POINTS: Final = 2_000
"""Points of each sample that is compared."""

DRAWS: Final = 6
"""Samples over which every distance is averaged: how many points fall to each Gaussian is chance."""

TRAINED: Final = 0.6
"""The share of a trial's time that training takes."""

FLOOR: Final = "floor"
NEEDED: Final = "W₂² between source and data"
Bar = tuple[float, float]
"""The least and the most that a number may be."""

MOONS: Final = {"key": "data_set", "data": {"key": "moons", "noise": 0.2}, "scale": 3.0, "shift": -1.0}
RECIPE: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "data": {"key": "ring", "modes": 8, "radius": 5.0, "std": 0.1**0.25},
        "architecture": {"key": "mlp", "width": 64, "depth": 3, "activation": "selu"},
        "family": {"key": "flow_matching", "standardised": False, "place_features": 0},
        "optimizer": {"key": "adam", "lr": 2e-3, "schedule": "cosine", "ema": 0.999},
        "batch_size": 128,
        "steps": 8_000,
    }
)


@dataclass(frozen=True)
class Judged:
    """What is found with so many Euler steps.

    Attributes:
        steps: how many.
    """

    steps: int

    @property
    def distance(self) -> str:
        """Exact W₂ of samples and data."""
        return f"W₂ to the data, {self.steps} Euler steps, data units"

    @property
    def energy(self) -> str:
        """E ∫ ‖v‖² dt."""
        return f"path energy, {self.steps} Euler steps"

    @property
    def excess(self) -> str:
        """What of it is beyond need, as a share of that."""
        return f"NPE, {self.steps} Euler steps"


FEW: Final = Judged(20)
MANY: Final = Judged(100)
"""The steps that the checks hold for, and those of the source."""


@dataclass(frozen=True)
class Case:
    """A source, a coupling, and what is published of the two.

    Attributes:
        latent: the source.
        coupling: which place there belongs to which datum.
        published: W₂ and NPE.
        bars: quantity to what it may be, where there is a check.
        exact: path energy of the exact mean velocity between independent pairs, from averages over 3,000 of them, ± .2.
    """

    latent: Any
    coupling: Any
    published: tuple[float | None, float | None]
    bars: Mapping[str, Bar] = field(default_factory=dict)
    exact: float | None = None

    def experiment(self, seed: int, budget: float) -> Experiment:
        """The recipe with a seed, and a share of its length."""
        objective = {"key": "conditional_flow_matching", "coupling": self.coupling, "width": 0.1}
        steps = max(1, round(budget * RECIPE["steps"]))
        own = {"latent": self.latent, "objective": objective, "seed": seed, "steps": steps}
        return Experiment.from_dict({**RECIPE, **own})


CASES: Final[Mapping[str, Case]] = MappingProxyType(
    {
        "OT-CFM, N → 8 Gaussians": Case(
            "gaussian", "optimal_transport", (0.528, 0.031), {FEW.distance: (0.0, 0.528), FEW.excess: (0.0, 0.031)}
        ),
        "OT-CFM, moons → 8 Gaussians": Case(
            MOONS, "optimal_transport", (0.569, 0.074), {FEW.distance: (0.0, 0.569), FEW.excess: (0.0, 0.074)}
        ),
        "I-CFM, N → 8 Gaussians": Case("gaussian", "independent", (0.647, 0.209), {MANY.excess: (0.18, 0.25)}, 17.8),
        "I-CFM, moons → 8 Gaussians": Case(MOONS, "independent", (0.966, 0.945), exact=17.0),
        "SB-CFM, N → 8 Gaussians": Case("gaussian", {"key": "schroedinger_bridge", "std": 1.0}, (None, None)),
    }
)


@PROTOCOLS.register
class FlowMatching(Protocol):
    """Flow matching with and without optimal transport: W₂ to the data, and what the paths cost beyond need.

    No flow from source to data has a path energy E ∫ ‖v‖² dt below W₂² between the two, and that of straight paths that
    do not cross has it: NPE = |path energy − W₂²| / W₂². Where few points are compared W₂ is far from 0 even for a
    perfect model: that floor is measured in the same trial.

    Source: Tong et al. 2024, arXiv:2302.00482, section 5.1 (data, net and NPE); the published numbers: ExFM, table 4.
    """

    title: ClassVar[str] = "Flow matching and optimal transport"
    source: ClassVar[str] = "Tong et al. 2024, arXiv:2302.00482, section 5.1; numbers as in the ExFM paper, table 4"
    scaled: ClassVar[str] = "Euler steps are 20 instead of 100 where a row does not say otherwise."
    seconds: ClassVar[float] = 140.0
    check: ClassVar[int] = 7

    def cases(self) -> tuple[str, ...]:
        """Couplings and sources."""
        return tuple(CASES)

    def trial(self, case: str, seed: int, progress: Progress) -> Trial:
        """Train, and judge on fresh points, several times."""
        recipe = CASES[case].experiment(seed, self.budget)
        model = averaged(train(recipe, lambda share: progress(TRAINED * share)))
        assert isinstance(model, DenoisingModel)
        chance, n, judged = chance_of(seed), max(20, round(POINTS * self.budget)), []
        for done in range(1, DRAWS + 1):
            judged.append(_judged(model, recipe, n, chance))
            progress(TRAINED + (1 - TRAINED) * done / DRAWS)
        found = {name: statistics.fmean(one[name] for one in judged) for name in judged[0]}
        needed = found[NEEDED]
        return found | {by.excess: abs(found[by.energy] - needed) / needed for by in (FEW, MANY)}

    def judge(self, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        """What is needed, then distances with their floor, and energies."""
        least = f"of samples of {POINTS:,} points: a little more than that of the laws, which no flow can do without"
        found = [row for by in (FEW, MANY) for row in self._found(case, by, trials)]
        return [self.row(case, NEEDED, trials, note=least), *found]

    def _found(self, case: str, by: Judged, trials: Mapping[int, Trial]) -> Iterable[Row]:
        (distance, npe), bars, exact = CASES[case].published, CASES[case].bars, CASES[case].exact
        near, straight = (_check(bars, name, trials) for name in (by.distance, by.excess))
        floor, needed = mean(values(trials, FLOOR)), mean(values(trials, NEEDED))
        pairs = f"mean over {DRAWS} pairs of samples of {POINTS:,} points; the floor is that of as many fresh points"
        yield self.row(case, by.distance, trials, published=distance, floor=floor, check=near, note=pairs)
        most = "that of the exact mean velocity between such pairs: a net that fits it less well has less"
        energy = most if exact else "W₂² between source and data, the least that a flow needs that arrives"
        yield self.row(case, by.energy, trials, oracle=exact or needed, note=f"the exact value is {energy}")
        excess = (exact or needed or math.nan) / (needed or math.nan) - 1
        yield self.row(case, by.excess, trials, published=npe, oracle=excess, check=straight)


def _judged(model: DenoisingModel, recipe: Experiment, n: int, chance: torch.Generator) -> Trial:
    """All numbers of one draw of n points each; the units of the process are those of the data here."""
    z, data, fresh = model.latent.draw(n, chance), recipe.data.draw(n, chance), recipe.data.draw(n, chance)
    found = {FLOOR: distance(fresh, data, chance), NEEDED: distance(z, data, chance) ** 2}
    for by in (FEW, MANY):
        x, found[by.energy] = carried(model, z, by.steps)
        found[by.distance] = distance(x, data, chance)
    return found


def carried(model: DenoisingModel, z: Tensor, steps: int) -> tuple[Tensor, float]:
    """Where Euler steps carry noise, shape (n, d), data units, and the energy of the way, Σ E‖Δx‖² / h."""
    states = model.states(z, SAMPLERS.parse({"key": "euler", "steps": steps}))
    way = [(state.time, model.out_of_process(state.u)) for state in states]
    energy = sum(float((b - a).square().sum(1).mean()) / (s - t) for (s, a), (t, b) in pairwise(way))
    return way[-1][1], energy


def distance(x: Tensor, y: Tensor, chance: torch.Generator) -> float:
    """Exact W₂ of all these points: ``evaluate`` would take no more than a thousand of them."""
    return Wasserstein2().compare(Samples(x), Reference(y), chance)


def _check(bars: Mapping[str, Bar], quantity: str, trials: Mapping[int, Trial]) -> Check | None:
    if quantity not in bars:
        return None
    found, (least, most) = mean(values(trials, quantity)), bars[quantity]
    if not least:
        return Check.at_most(most, found)
    return Check(f"from {least:g} to {most:g}", found is not None and least <= found <= most)
