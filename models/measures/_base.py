"""What every measure offers: one number that says how far samples of P_θ are from P_X, whatever was trained."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal

import torch
from torch import Tensor

from models.data import Data
from models.registry import Member, Registry


@dataclass(frozen=True, eq=False)
class Reference:
    """What samples are held against.

    Attributes:
        x: samples of P_X, shape (M, d), not changed for as long as the reference lives.
        data: the law itself where it is known (modes, exact density), else None.
    """

    x: Tensor
    data: Data | None = None
    _terms: dict[Any, Any] = field(default_factory=dict, repr=False)

    def term(self, measure: Measure) -> Any:
        """What the measure needs of the reference alone, worked out at the first call and then kept."""
        if measure not in self._terms:
            self._terms[measure] = measure.prepare(self)
        return self._terms[measure]

    def at_most(self, largest: int) -> Reference:
        """The reference with no more than this many points, the same random ones at every call.

        They do not come from the caller's generator: if they changed from call to call, a curve would jump with them.
        """
        if len(self.x) <= largest:
            return self
        if largest not in self._terms:
            fixed = torch.Generator().manual_seed(largest)
            self._terms[largest] = Reference(thinned(self.x, largest, fixed), self.data)
        return self._terms[largest]


class Measure(Member):
    """One number computed from samples of P_θ and a reference for P_X.

    Attributes:
        unit: of the number, empty if it has none.
        better: whether a smaller or a larger number is nearer to P_X.
        needs: capabilities that the reference's data must have (``modes``, ``log_prob``); empty: two samples suffice.
        live: whether it is cheap enough to be taken twice a second while a model trains.
        largest: how many points of each side enter; of more, a random subset of this size is taken.
        repeats: how many draws its floor and its interval are worked out from, unless told otherwise.
    """

    unit: ClassVar[str] = ""
    better: ClassVar[Literal["smaller", "larger"]] = "smaller"
    needs: ClassVar[frozenset[str]] = frozenset()
    live: ClassVar[bool] = False
    largest: ClassVar[int] = 100_000
    repeats: ClassVar[int] = 20

    def evaluate(self, samples: Tensor, reference: Reference, generator: torch.Generator) -> float:
        """The measure of ``samples`` against the reference, from at most ``largest`` points of each.

        Args:
            samples: from P_θ, shape (N, d) with N ≥ 2, all finite.
            reference: what stands for P_X.
            generator: the only source of chance, for measures that draw directions or subsets.
        """
        samples = thinned(samples.detach().to(reference.x), self.largest, generator)
        return self.compare(samples, reference.at_most(self.largest), generator)

    @abstractmethod
    def compare(self, samples: Tensor, reference: Reference, generator: torch.Generator) -> float:
        """The measure from all these points: ``evaluate`` without its bound on their number."""

    def prepare(self, reference: Reference) -> Any:
        """What depends on the reference alone; ``compare`` asks ``reference.term(self)`` for it."""
        return None

    def bounds(self, reference: Reference) -> tuple[float, float]:
        """The least and the greatest value that the measure can have."""
        return 0.0, math.inf

    def rate(self, d: int) -> float:
        """With which power of 1/N + 1/M the value of two samples of one law shrinks in d dimensions; 0: not at all."""
        return 0.0

    @classmethod
    def applies(cls, reference: Reference) -> bool:
        """Whether the reference has all that the measure needs."""
        offered = reference.data.capabilities if reference.data else frozenset()
        return cls.needs <= offered


MEASURES: Final[Registry[Measure]] = Registry("measures", Measure)


def thinned(x: Tensor, largest: int, generator: torch.Generator) -> Tensor:
    """A random subset of at most this many rows, drawn without replacement; all of them, in order, if they are few."""
    if len(x) <= largest:
        return x
    return x[torch.randperm(len(x), generator=generator)[:largest].to(x.device)]
