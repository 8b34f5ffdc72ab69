"""What share of the samples lies where P_X has its mass."""

from __future__ import annotations

from typing import ClassVar

import torch

from models.measures._base import MEASURES, Reference, Samples
from models.measures._modes import ModeMeasure, quality_counts


@MEASURES.register
class HighQuality(ModeMeasure):
    """Share of the samples within three standard deviations of the nearest mode.

    A perfect sampler of round Gaussians in the plane has 1 − e^(−9/2) = 98.89 %, not 100 %; and a model that has
    collapsed onto the middle of one mode has 100 %.

    Source: Lin et al. 2018, PacGAN, arXiv:1712.04086, section 4.1.
    """

    title: ClassVar[str] = "High-quality samples"
    source: ClassVar[str] = "Lin et al. 2018, PacGAN, arXiv:1712.04086, section 4.1"
    formula: ClassVar[str] = r"\frac{1}{N} \sum_k n_k"
    unit: ClassVar[str] = "share"
    better: ClassVar = "larger"

    def compare(self, samples: Samples, reference: Reference, generator: torch.Generator) -> float:
        """The share, 0 … 1."""
        return float(quality_counts(samples, reference).sum()) / len(samples.x)

    def bounds(self, reference: Reference) -> tuple[float, float]:
        """A share."""
        return 0.0, 1.0
