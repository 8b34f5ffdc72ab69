"""How many bits a model needs for each number of a picture."""

from __future__ import annotations

import math
from typing import ClassVar, Final

import torch

from models.measures._base import MEASURES, Measure, Reference, Samples

LEAST_HELD: Final = 100
"""Held-out samples from which the mean is taken over them and not over the reference."""


@MEASURES.register
class BitsPerDimension(Measure):
    """Mean of −log₂ P_θ(y) / d over data whose d numbers take levels; an upper bound where the model has a bound only.

    P_θ(y) is the probability of the levels y. A model of levels has it, or a lower bound on it. A density p gives them
    the integral of p over the cells of width w around them, which E_u[log p(y + wu)] + d log w with u uniform on
    [−½, ½]ᵈ bounds from below; noise as wide as a level is added here where the data have none of their own. Data that
    were held out are judged, where there are enough.

    Source: Theis, van den Oord and Bethge 2016, A note on the evaluation of generative models, arXiv:1511.01844, §3.1.
    """

    title: ClassVar[str] = "Bits per dimension"
    source: ClassVar[str] = "Theis et al. 2016, A note on the evaluation of generative models, arXiv:1511.01844, §3.1"
    formula: ClassVar[str] = r"-\frac{1}{M d} \sum_j \log_2 P_\theta(y_j)"
    unit: ClassVar[str] = "bits"
    live: ClassVar[bool] = True
    largest: ClassVar[int] = 1_000

    def compare(self, samples: Samples, reference: Reference, generator: torch.Generator) -> float:
        """The mean, in bits per number.

        Raises:
            ValueError: the samples bring no probability of levels along.
        """
        if samples.log_mass is None:
            raise ValueError("bits per dimension need a model with a likelihood, and data with levels")
        held = reference.held_out
        judged = reference.x if held is None or len(held) < LEAST_HELD else held[: self.largest]
        return -float(samples.log_mass(judged).double().mean()) / (judged.shape[1] * math.log(2))

    def perfect(self, reference: Reference, n: int, generator: torch.Generator) -> float:
        """Not known: the entropy of pictures is what nobody knows."""
        return math.nan

    def bounds(self, reference: Reference) -> tuple[float, float]:
        """None is needed where everything is certain; a density may promise less than that."""
        return -math.inf, math.inf

    @classmethod
    def applies(cls, reference: Reference, samples: Samples | None = None) -> bool:
        """Where the model tells how probable levels are."""
        return samples is not None and samples.log_mass is not None
