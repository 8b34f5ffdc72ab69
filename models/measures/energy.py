"""A distance between laws that is zero only for equal ones, from mean distances between points."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.measures._base import MEASURES, Measure, Reference, Samples
from models.measures._distances import sum_between, sum_within
from models.measures._line import ordered


@MEASURES.register
class Energy(Measure):
    """Energy distance: twice the mean distance between the two samples less the mean distances inside each.

    E(P, Q) = 2 E‖x − y‖ − E‖x − x'‖ − E‖y − y'‖, the square of what some libraries return (scipy among them).
    The V-statistic is taken (pairs i = j count), which is never negative; two samples of one law have about
    E‖x − x'‖ (1/N + 1/M). In one dimension it is 2 ∫ (F − G)², by sorting.

    Source: Székely and Rizzo 2013, Energy statistics, J. Stat. Plan. Inference 143.
    """

    title: ClassVar[str] = "Energy distance"
    source: ClassVar[str] = "Székely and Rizzo 2013, Energy statistics, J. Stat. Plan. Inference 143"
    formula: ClassVar[str] = r"2\,E\|x - y\| - E\|x - x'\| - E\|y - y'\|"
    unit: ClassVar[str] = "data units"
    live: ClassVar[bool] = True
    largest: ClassVar[int] = 5_000

    def compare(self, samples: Samples, reference: Reference, generator: torch.Generator) -> float:
        """The distance, in data units."""
        x = samples.x
        if x.shape[1] == 1:
            return _energy_on_line(x, reference.x)
        n, m = len(x), len(reference.x)
        between = sum_between(x, reference.x, Tensor.sqrt_) / (n * m)
        within = sum_within(x, Tensor.sqrt_) / n**2
        return max(0.0, 2 * between - within - reference.term(self))

    def prepare(self, reference: Reference) -> float:
        """Mean distance between two points of the reference."""
        return sum_within(reference.x, Tensor.sqrt_) / len(reference.x) ** 2

    def rate(self, d: int) -> float:
        """As 1/N, in any dimension."""
        return 1.0


def _energy_on_line(x: Tensor, y: Tensor) -> float:
    """2 ∫ (F − G)² of two samples on the line, in O(N log N)."""
    x, y = ordered(x[:, 0].double()), ordered(y[:, 0].double())
    ends = ordered(torch.cat([x, y]))
    f = torch.searchsorted(x, ends[:-1], right=True) / len(x)
    g = torch.searchsorted(y, ends[:-1], right=True) / len(y)
    return float(2 * ((f - g).square() * ends.diff()).sum())
