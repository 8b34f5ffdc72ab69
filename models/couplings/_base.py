"""What every coupling offers: pairs of a place at the source and a datum, between which paths are laid."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from models.registry import Member, Registry


@dataclass(frozen=True, eq=False)
class Pairs:
    """A batch of paths' ends.

    Attributes:
        source: z, shape (N, d).
        data: u₀, shape (N, d).
        index: the row of each datum in the batch that was given, shape (N,), int64, so that its class goes along.
    """

    source: Tensor
    data: Tensor
    index: Tensor


class Coupling(Member):
    """A joint law of z and u₀ with the source and the data as its margins.

    Attributes:
        bridge: how noisy the path between the two is: the standard deviation at t is ``bridge`` √(t(1 − t)).
    """

    @property
    def bridge(self) -> float:
        """None: the path is straight."""
        return 0.0

    @abstractmethod
    def pair(self, source: Tensor, data: Tensor, chance: torch.Generator) -> Pairs:
        """Join two batches, shape (N, d) each."""


COUPLINGS: Final[Registry[Coupling]] = Registry("couplings", Coupling)
