"""What every measure offers: one number that says how far samples of P_θ are from P_X, whatever was trained."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

import torch
from torch import Tensor

from models.data import Data
from models.registry import Member, Registry


@dataclass(frozen=True, eq=False)
class Reference:
    """What samples are held against.

    Attributes:
        x: samples of P_X, shape (M, d).
        data: the law itself where it is known (modes, exact density), else None.
    """

    x: Tensor
    data: Data | None = None


class Measure(Member):
    """One number computed from samples of P_θ and a reference for P_X.

    Attributes:
        unit: of the number, empty if it has none.
        better: whether a smaller or a larger number is nearer to P_X.
        needs: capabilities that the reference's data must have (``modes``, ``log_prob``); empty: two samples suffice.
    """

    unit: ClassVar[str] = ""
    better: ClassVar[Literal["smaller", "larger"]] = "smaller"
    needs: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def evaluate(self, samples: Tensor, reference: Reference, generator: torch.Generator) -> float:
        """The measure of ``samples``, shape (N, d), against the reference.

        Args:
            samples: from P_θ, shape (N, d), all finite.
            reference: what stands for P_X.
            generator: the only source of chance, for measures that draw directions or subsets.
        """

    @classmethod
    def applies(cls, reference: Reference) -> bool:
        """Whether the reference has all that the measure needs."""
        offered = reference.data.capabilities if reference.data else frozenset()
        return cls.needs <= offered


MEASURES: Final[Registry[Measure]] = Registry("measures", Measure)
