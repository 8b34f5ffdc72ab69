"""What every coupling offers: pairs of a place at the source and a datum, between which paths are laid."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

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

    @classmethod
    def together(cls, parts: Sequence[Pairs]) -> Pairs:
        """All pairs of several batches; each index stays that in its own batch."""
        rows = zip(*((part.source, part.data, part.index) for part in parts), strict=True)
        return cls(*map(torch.cat, map(list, rows)))

    def rows(self, index: Tensor) -> Pairs:
        """These of them, shape (M,), int64."""
        return Pairs(self.source[index], self.data[index], self.index[index])


class Coupling(Member):
    """A joint law of z and u₀ with the source and the data as its margins.

    Batches come in the units of the process, in which the source is known.

    Attributes:
        most: the largest batch that it joins in a time that one can wait for, in each step.
        bridge: how noisy the path between the two is: the standard deviation at t is ``bridge`` √(t(1 − t)).
    """

    swaps: ClassVar[str] = "coupling"
    most: ClassVar[int] = 65_536

    @property
    def bridge(self) -> float:
        """None: the path is straight."""
        return 0.0

    @abstractmethod
    def pair(self, source: Tensor, data: Tensor, chance: torch.Generator) -> Pairs:
        """Join two batches, shape (N, d) each; ``chance`` is the only source of chance.

        Every datum has one partner, and pairs come as their data do, in no order of their own: training hands out times
        that rise with the row.
        """


def costs(source: Tensor, data: Tensor) -> Tensor:
    """‖zᵢ − u₀ⱼ‖², shape (N, d) and (M, d) to (N, M); by differences, which lose no digits."""
    return torch.cdist(source, data, compute_mode="donot_use_mm_for_euclid_dist").square()


COUPLINGS: Final[Registry[Coupling]] = Registry("couplings", Coupling)
