"""Shares of points that lie in the neighbourhood of the other sample, which stands for where a law has its mass."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import torch

from models.measures._base import Measure, Reference, Samples
from models.measures._overlap import Overlap, overlap
from models.measures._pictures import are_pictures, seen


class Manifold(Measure):
    """A measure of two samples and the balls around the points of one that reach to its own k-th nearest others.

    Balls are closed, so that a copy of a point lies in its ball even where that has no width. Distances are those of
    data space; for pictures, where these say little of what is shown, those of features (see ``_features.py``).
    """

    better: ClassVar = "larger"
    live: ClassVar[bool] = True
    largest: ClassVar[int] = 10_000

    def compare(self, samples: Samples, reference: Reference, generator: torch.Generator) -> float:
        """The share."""
        if self.is_seen(reference):
            samples, reference = seen(samples, reference)
        return self.share(overlap(samples, reference))

    def is_seen(self, reference: Reference) -> bool:
        """Pictures alone are compared by their features."""
        return are_pictures(reference)

    @abstractmethod
    def share(self, found: Overlap) -> float:
        """The measure, from who lies in whose balls."""

    def bounds(self, reference: Reference) -> tuple[float, float]:
        """A share."""
        return 0.0, 1.0
