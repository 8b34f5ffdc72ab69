"""How far apart two samples of one law are, and whether flows of particles and a generator come as near as that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Final

import torch
from torch import Tensor

from models.data.ring import Ring
from models.divergences._base import SampleDivergence
from models.divergences.mmd import Mmd
from models.divergences.sinkhorn import Sinkhorn
from models.experiment import Experiment
from models.measures import Reference, Samples
from models.measures.wasserstein_2 import Wasserstein2
from models.reproduction._base import (
    PROTOCOLS,
    Check,
    Progress,
    Protocol,
    Row,
    Trial,
    chance_of,
    mean,
    sampled,
    train,
    values,
)
from models.reproduction._repeats import all_repeats, repeated, spread

QUANTITY: Final = "W₂, data units"
SINKHORN: Final = "Sinkhorn flow at t = 1: W₂"
STRAIGHT: Final = "Sinkhorn flow: length of the paths over the distance"
MMD: Final = "Gaussian MMD flow at t = 5: W₂"

POINTS: Final = 1_000
FLOW_STEPS: Final = 10
EULER_STEP: Final = 0.05
EULER_STEPS: Final = 100
BLUR: Final = 0.01
SMALL: Final = 0.1
"""Blurs of the Sinkhorn divergence and of the Gaussian kernel, data units."""

RING: Final = Ring(std=0.01)


@dataclass(frozen=True)
class Floor:
    """Two samples of a law.

    Attributes:
        draw: so many points of the law, shape (n, 2).
        n: points of each sample.
        repeats: pairs of samples a seed.
        reference: mean of an independent computation, and its standard deviation where it was repeated.
    """

    draw: Callable[[int, torch.Generator], Tensor]
    n: int
    repeats: int
    reference: tuple[float, float | None]


EIGHT: Final = Ring(radius=5.0, std=0.562)


def moons(n: int, chance: torch.Generator) -> Tensor:
    """The moons of torchcfm, exactly half of the points on each: chance in the halves would raise the distance."""
    from sklearn.datasets import make_moons  # seconds of imports, which a list of protocols must not wait for

    word = int(torch.randint(2**31, (), generator=chance))
    return 3 * torch.as_tensor(make_moons(n, noise=0.2, random_state=word)[0]).float() - 1


FLOORS: Final[Mapping[str, Floor]] = MappingProxyType(
    {
        "two samples of the moons, n 1,000": Floor(moons, 1_000, 4, (0.241, 0.009)),
        "two samples of the 8 Gaussians, n 1,000": Floor(EIGHT.draw, 1_000, 4, (0.599, 0.061)),
        "two samples of the ring, n 1,000": Floor(RING.draw, 1_000, 4, (0.212, 0.012)),
        "two samples of the moons, n 2,500": Floor(moons, 2_500, 1, (0.176, None)),
        "two samples of the 8 Gaussians, n 2,500": Floor(EIGHT.draw, 2_500, 1, (0.420, None)),
        "two samples of the ring, n 2,500": Floor(RING.draw, 2_500, 1, (0.156, None)),
    }
)
FLOW: Final = "1,000 particles onto the ring"
GENERATOR: Final = "sliced Wasserstein generator on the ring"
RING_FLOOR: Final = 0.212


@PROTOCOLS.register
class TransportFloor(Protocol):
    """Exact W₂ between two samples of one law; and particles that flow onto a ring by three divergences.

    A flow moves each particle against its own gradient, N times the slope of the divergence. Along ½W₂² a particle's
    gradient points from its goal, so steps of dt/(1 − t) go there at constant speed and arrive at t = 1. A Gaussian
    kernel that is narrow leaves particles behind that see no data, however long they flow.

    Source: Feydy et al. 2019, arXiv:1810.08278, section 4 and the gradient flows of its library, geomloss.
    """

    title: ClassVar[str] = "Transport: floors and flows"
    source: ClassVar[str] = "Feydy et al. 2019, arXiv:1810.08278, section 4; data of torchcfm"
    scaled: ClassVar[str] = (
        "1,000 particles instead of 10,000, and few pairs of samples: 4 a seed of 1,000 points and 1 of 2,500."
    )
    seconds: ClassVar[float] = 60.0
    check: ClassVar[int] = 6

    def cases(self) -> tuple[str, ...]:
        """Floors, then the flows, then a generator."""
        return *FLOORS, FLOW, GENERATOR

    def trial(self, case: str, seed: int, progress: Progress) -> Trial:
        """Floors, flows or a trained generator."""
        chance = chance_of(seed)
        if case == FLOW:
            return self._flows(chance, progress)
        if case == GENERATOR:
            trainer = train(self.experiment(seed), progress)
            return {QUANTITY: distance(sampled(trainer, POINTS, chance), RING.draw(POINTS, chance), chance)}
        floor = FLOORS[case]
        n = max(20, round(floor.n * self.budget))
        pair = lambda: distance(floor.draw(n, chance), floor.draw(n, chance), chance)  # noqa: E731
        return repeated(QUANTITY, pair, floor.repeats, progress)

    def experiment(self, seed: int) -> Experiment:
        """A small generator trained by sliced Wasserstein, without a critic."""
        recipe = {
            "data": RING, "divergence": "sliced_wasserstein", "batch_size": 512, "seed": seed,
            "steps": max(1, round(6_000 * self.budget)),
        }  # fmt: skip
        return Experiment.from_dict(recipe)

    def judge(self, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        """One row for a floor and a generator, three for the flows."""
        if case == FLOW:
            return self._flow_rows(trials)
        if case == GENERATOR:
            note = "no critic and no kernel: what is left above the floor are bridges between the modes"
            return [self.row(case, QUANTITY, trials, floor=RING_FLOOR, note=note)]
        expected, error = FLOORS[case].reference
        stated = f"{expected:g}" if error is None else f"{expected:g} ± {error:g}"
        note = f"the spread is the standard deviation of one distance; an independent computation has {stated}"
        return [self.row(case, QUANTITY, trials, spread=spread(all_repeats(trials, QUANTITY)), note=note)]

    def _flow_rows(self, trials: Mapping[int, Trial]) -> list[Row]:
        near, far = mean(values(trials, SINKHORN)), mean(values(trials, MMD))
        arrives = Check.at_most(0.25, near)
        stays = Check(
            "more than twice the distance of the Sinkhorn flow", near is not None and far is not None and far > 2 * near
        )
        fresh = "measured against 1,000 fresh points of the ring"
        return [
            self.row(FLOW, SINKHORN, trials, floor=RING_FLOOR, check=arrives, note=f"blur {BLUR:g}; {fresh}"),
            self.row(FLOW, STRAIGHT, trials, oracle=1.0, note="1 on straight lines"),
            self.row(FLOW, MMD, trials, floor=RING_FLOOR, check=stays, note=f"bandwidth {SMALL:g}; {fresh}"),
        ]

    def _flows(self, chance: torch.Generator, progress: Progress) -> Trial:
        n = max(20, round(POINTS * self.budget))
        start, goal, fresh = torch.randn(n, 2, generator=chance), RING.draw(n, chance), RING.draw(n, chance)
        rates = [1 / (FLOW_STEPS - step) for step in range(FLOW_STEPS)]
        sinkhorn, mmd = Sinkhorn(blur=BLUR), Mmd(bandwidths=(SMALL,))
        moved, length = flow(sinkhorn, start, goal, rates, lambda share: progress(0.8 * share))
        left, _ = flow(mmd, start, goal, [EULER_STEP] * EULER_STEPS, lambda s: progress(0.8 + 0.2 * s))
        straight = (moved - start).norm(dim=1).sum()
        return {
            SINKHORN: distance(moved, fresh, chance),
            STRAIGHT: float(length.sum() / straight),
            MMD: distance(left, fresh, chance),
        }


def flow(
    divergence: SampleDivergence, x: Tensor, goal: Tensor, rates: list[float], progress: Progress
) -> tuple[Tensor, Tensor]:
    """Move each particle against its own gradient, by these steps: the particles and the lengths of their paths."""
    chance = torch.Generator()  # these divergences draw nothing
    length = torch.zeros(len(x))
    for number, rate in enumerate(rates, 1):
        _, slope = divergence.estimate_slopes(goal, x, chance)
        move = -rate * len(x) * slope
        x, length = x + move, length + move.norm(dim=1)
        progress(number / len(rates))
    return x, length


def distance(x: Tensor, y: Tensor, chance: torch.Generator) -> float:
    """Exact W₂ of all these points: ``evaluate`` would take no more than a thousand of them."""
    return Wasserstein2().compare(Samples(x), Reference(y), chance)
