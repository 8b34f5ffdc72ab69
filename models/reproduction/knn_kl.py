"""How near the nearest-neighbour estimate of the KL divergence comes where the divergence is known."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Final

import torch
from torch import Tensor

from models.data.ring import Ring
from models.measures import Reference, Samples
from models.measures.kl_reverse import KLReverse
from models.reproduction._base import PROTOCOLS, Check, Progress, Protocol, Row, Trial, chance_of, mean, values
from models.reproduction._repeats import all_repeats, repeated, spread

REPEATS: Final = 10
QUANTITY: Final = "estimate, nats"


@dataclass(frozen=True)
class Gaussians:
    """N(0, I) from N(μ1, I) in d dimensions: D_KL = dμ²/2 both ways.

    Attributes:
        d: dimensions.
        divergence: the true one, nats.
        n: samples of each.
        reference: mean and standard deviation of an independent implementation with k = 5, ten repeats.
    """

    d: int
    divergence: float
    n: int
    reference: tuple[float, float]

    def draw(self, chance: torch.Generator) -> tuple[Tensor, Tensor]:
        """Samples of the two laws, each of shape (n, d)."""
        shift = math.sqrt(2 * self.divergence / self.d)
        return torch.randn(self.n, self.d, generator=chance), shift + torch.randn(self.n, self.d, generator=chance)


@dataclass(frozen=True)
class HalfRing:
    """A ring whose model kept only some of its modes: D_KL = log(8/kept)."""

    kept: int
    n: int
    reference: tuple[float, float | None]

    @property
    def divergence(self) -> float:
        """The true one, nats."""
        return math.log(8 / self.kept)

    def draw(self, chance: torch.Generator) -> tuple[Tensor, Tensor]:
        """Samples of the model and of the data, each of shape (n, 2)."""
        kept = (1.0,) * self.kept + (0.0,) * (8 - self.kept)
        return Ring(std=0.01, weights=kept).draw(self.n, chance), Ring(std=0.01).draw(self.n, chance)


CASES: Final[Mapping[str, Gaussians | HalfRing]] = MappingProxyType(
    {
        "identical laws in 2-D, n 500": Gaussians(2, 0.0, 500, (-0.004, 0.032)),
        "identical laws in 2-D, n 2,000": Gaussians(2, 0.0, 2_000, (0.005, 0.018)),
        "N(0, I), N(1, I) in 2-D, n 500": Gaussians(2, 1.0, 500, (0.829, 0.097)),
        "N(0, I), N(1, I) in 2-D, n 2,000": Gaussians(2, 1.0, 2_000, (0.926, 0.025)),
        "N(0, I), N(2, I) in 2-D, n 2,000": Gaussians(2, 4.0, 2_000, (3.12, 0.15)),
        "N(0, I), N(.5, I) in 10-D, n 2,000": Gaussians(10, 1.25, 2_000, (0.831, 0.062)),
        "ring, 4 of 8 modes, n 2,500": HalfRing(4, 2_500, (0.691, None)),
        "ring, all modes, n 2,500": HalfRing(8, 2_500, (0.004, None)),
    }
)

CHECKS: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "identical laws in 2-D, n 2,000": (0.0, 0.05),
        "N(0, I), N(1, I) in 2-D, n 2,000": (0.926, 0.025),
        "ring, 4 of 8 modes, n 2,500": (0.69, 0.03),
        "ring, all modes, n 2,500": (0.0, 0.05),
    }
)
"""Case to the value that its mean has to reach and how near."""


@PROTOCOLS.register
class KnnKL(Protocol):
    """What the estimate from nearest neighbours says of laws whose KL divergence is known.

    D̂ = (d/n) Σ log(ν_k/ρ_k) + log(m/(n − 1)) with k = 5: without bias in the limit, too low where laws are far apart.
    The sources print no table for these laws; the notes state what an independent implementation of the formula finds.

    Source: Wang, Kulkarni and Verdú 2009, IEEE Trans. Inf. Theory 55(5), equation 5.
    """

    title: ClassVar[str] = "Nearest-neighbour KL estimate"
    source: ClassVar[str] = "Wang, Kulkarni and Verdú 2009, IEEE Trans. Inf. Theory 55(5), equation 5"
    seconds: ClassVar[float] = 8.0
    check: ClassVar[int] = 5

    def cases(self) -> tuple[str, ...]:
        """Pairs of laws."""
        return tuple(CASES)

    def trial(self, case: str, seed: int, progress: Progress) -> Trial:
        """Ten estimates from fresh samples."""
        chance = chance_of(seed)

        def once() -> float:
            x, y = CASES[case].draw(chance)
            return KLReverse().evaluate(Samples(x), Reference(y), chance)

        return repeated(QUANTITY, once, max(2, round(REPEATS * self.budget)), progress)

    def judge(self, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        """One row."""
        average = mean(values(trials, QUANTITY))
        goal = CHECKS.get(case)
        check = None
        if goal:
            near = average is not None and abs(average - goal[0]) <= goal[1]
            check = Check(f"within {goal[1]:g} of {goal[0]:g}", near)
        expected, error = CASES[case].reference
        stated = f"{expected:g}" if error is None else f"{expected:g} ± {error:g}"
        note = f"the spread is the standard deviation of one estimate; an independent implementation has {stated}"
        row = self.row(
            case, QUANTITY, trials, oracle=CASES[case].divergence, spread=spread(all_repeats(trials, QUANTITY)),
            check=check, note=note,
        )  # fmt: skip
        return [row]
