"""A line segment: a law of dimension one in the plane."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

import torch
from pydantic import model_validator
from torch import Tensor

from models.data._base import DATA, Planar
from models.registry import RecipeError, option


@dataclass(frozen=True, eq=False)
class _Ends:
    start: Tensor
    along: Tensor


@DATA.register
class Segment(Planar):
    """Uniform on the line segment between two points.

    It has no density in the plane. Between two such laws with disjoint supports the Jensen–Shannon divergence is log 2
    however near they are, while Wasserstein-1 is their distance.

    Source: Arjovsky et al. 2017, Wasserstein GAN, arXiv:1701.07875, Example 1 (from (0, 0) to (0, 1)).
    """

    title: ClassVar[str] = "Line segment"
    source: ClassVar[str] = "Arjovsky et al. 2017, arXiv:1701.07875, Example 1"
    formula: ClassVar[str] = r"(1-u)\,a + u\,b,\quad u \sim U[0, 1]"

    start: tuple[float, float] = option((0.0, 0.0), label="start", symbol="a", help="One end of the segment.")
    end: tuple[float, float] = option((0.0, 1.0), label="end", symbol="b", help="The other end of the segment.")

    @model_validator(mode="after")
    def _has_length(self) -> Self:
        if self.start == self.end:
            raise RecipeError("end", f"{list(self.end)} must not be the same point as start")
        return self

    @cached_property
    def _ends(self) -> _Ends:
        start, end = torch.tensor(self.start), torch.tensor(self.end)
        return _Ends(start, end - start)

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw a + u (b − a), shape (n, 2)."""
        return torch.addcmul(self._ends.start, torch.rand(n, 1, generator=generator), self._ends.along)
