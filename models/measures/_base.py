"""What every measure offers: one number that says how far samples of P_θ are from P_X, whatever was trained."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal, TypeVar, cast

import torch
from torch import Tensor

from models.data import Data
from models.registry import Member, Registry

T = TypeVar("T")

LogDensity = Callable[[Tensor], Tensor]
"""Points to their log densities in nats, shape (N, d) to (N,)."""


@dataclass(frozen=True, eq=False)
class Points:
    """Points that do not change, and what was worked out from them, so that measures share it.

    Attributes:
        x: the points, shape (N, d).
    """

    x: Tensor
    _terms: dict[Any, Any] = field(default_factory=dict, repr=False, kw_only=True)

    def kept(self, key: Any, work: Callable[[], T]) -> T:
        """What ``work`` gives, done at the first call with this key and then kept."""
        if key not in self._terms:
            self._terms[key] = work()
        return cast("T", self._terms[key])


@dataclass(frozen=True, eq=False)
class Reference(Points):
    """What samples are held against.

    Attributes:
        x: samples of P_X, shape (M, d), not changed for as long as the reference lives.
        data: the law itself where it is known (modes, exact density), else None.
        training: what the model was trained on, shape (T, d), where that is finite and known, else None.
        held_out: other samples of the same law, shape (H, d), where there are some, else None.
    """

    data: Data | None = None
    training: Tensor | None = None
    held_out: Tensor | None = None

    def of(self, x: Tensor) -> Reference:
        """Other points, shape (M, d), of the same law."""
        return Reference(x, self.data, self.training, self.held_out)

    @property
    def log_prob(self) -> LogDensity | None:
        """The exact log density of P_X where there is one, else None."""
        return self.data.log_prob if self.data is not None and "log_prob" in self.data.capabilities else None

    def term(self, measure: Measure) -> Any:
        """What the measure needs of the reference alone, worked out at the first call and then kept."""
        return self.kept(measure, lambda: measure.prepare(self))

    def at_most(self, largest: int) -> Reference:
        """The reference with no more than this many points, the same random ones at every call.

        They do not come from the caller's generator: if they changed from call to call, a curve would jump with them.
        """
        if len(self.x) <= largest:
            return self
        fixed = torch.Generator().manual_seed(largest)
        return self.kept(largest, lambda: self.of(thinned(self.x, largest, fixed)))


@dataclass(frozen=True, eq=False)
class Samples(Points):
    """What a model drew.

    Measures that are handed the same ``Samples`` share the work that they have in common, such as the neighbours of
    every point. What is kept is that of one reference at a time: samples are soon gone, a reference lives long.

    Attributes:
        x: from P_θ, shape (N, d), all finite.
        log_prob: the model's own log density where it has one, else None.
        log_mass: the logarithm of the probability that the model gives to samples whose numbers take levels, nats, or
            a lower bound on it, where there is one, else None.
    """

    log_prob: LogDensity | None = None
    log_mass: LogDensity | None = None

    def of_same(self, x: Tensor) -> Samples:
        """Other points, shape (N, d), of the same model."""
        return Samples(x, self.log_prob, self.log_mass)

    @classmethod
    def of(cls, samples: Tensor | Samples, like: Tensor) -> Samples:
        """Samples from a plain tensor, of the dtype and on the device of ``like``."""
        if not isinstance(samples, Samples):
            return cls(samples.detach().to(like))
        same = samples.x.dtype == like.dtype and samples.x.device == like.device
        return samples if same else samples.of_same(samples.x.to(like))

    def at_most(self, largest: int, generator: torch.Generator) -> Samples:
        """No more than this many of them, at random; the same ones at every call."""
        if len(self.x) <= largest:
            return self
        return self.kept(largest, lambda: self.of_same(thinned(self.x, largest, generator)))


class Measure(Member):
    """One number computed from samples of P_θ and a reference for P_X.

    Attributes:
        unit: of the number, empty if it has none.
        better: whether a smaller or a larger number is nearer to P_X.
        needs: capabilities that the reference's data must have (``modes``, ``log_prob``); empty: two samples suffice.
        needs_density: whether it asks for the model's own log density.
        live: whether it is cheap enough to be taken twice a second while a model trains.
        largest: how many points of each side enter; of more, a random subset of this size is taken.
        repeats: how many draws its floor and its interval are worked out from, unless told otherwise.
    """

    unit: ClassVar[str] = ""
    better: ClassVar[Literal["smaller", "larger"]] = "smaller"
    needs: ClassVar[frozenset[str]] = frozenset()
    needs_density: ClassVar[bool] = False
    live: ClassVar[bool] = False
    largest: ClassVar[int] = 100_000
    repeats: ClassVar[int] = 20

    def evaluate(self, samples: Tensor | Samples, reference: Reference, generator: torch.Generator) -> float:
        """The measure of ``samples`` against the reference, from at most ``largest`` points of each.

        Args:
            samples: from P_θ, shape (N, d) with N ≥ 2, all finite; as ``Samples`` they can bring the model's density
                along, and several measures share their work.
            reference: what stands for P_X.
            generator: the only source of chance, for measures that draw directions or subsets.
        """
        few = Samples.of(samples, reference.x).at_most(self.largest, generator)
        return self.compare(few, reference.at_most(self.largest), generator)

    @abstractmethod
    def compare(self, samples: Samples, reference: Reference, generator: torch.Generator) -> float:
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

    def is_seen(self, reference: Reference) -> bool:
        """Whether it compares features of samples, which have to be learnt first, and not their own numbers."""
        return False

    def perfect(self, reference: Reference, n: int, generator: torch.Generator) -> float | None:
        """What a perfect sampler scores once, where that takes more than n draws of P_X; else None."""
        return None

    def is_exact(self, samples: Samples, reference: Reference) -> bool:
        """Whether the value is a divergence of two known densities: without noise, and 0 for a perfect model."""
        return False

    @classmethod
    def applies(cls, reference: Reference, samples: Samples | None = None) -> bool:
        """Whether the reference, and the model that drew the samples, have all that the measure needs.

        One real sample is too few for all measures: it has neither spread nor neighbours.
        """
        offered = reference.data.capabilities if reference.data else frozenset()
        has_density = samples is not None and samples.log_prob is not None
        return cls.needs <= offered and (has_density or not cls.needs_density) and len(reference.x) > 1


MEASURES: Final[Registry[Measure]] = Registry("measures", Measure)


def thinned(x: Tensor, largest: int, generator: torch.Generator) -> Tensor:
    """A random subset of at most this many rows, drawn without replacement; all of them, in order, if they are few."""
    if len(x) <= largest:
        return x
    return x[torch.randperm(len(x), generator=generator)[:largest].to(x.device)]
