"""How evenly, in the proportions of P_X, a model serves the modes."""

from __future__ import annotations

from typing import ClassVar, Final

import torch

from models.measures._base import MEASURES, Reference, Samples
from models.measures._modes import ModeMeasure, modes_of, quality_counts

LEAST_WEIGHT: Final = 1e-12
"""Mass that a mode of weight 0 is given, so that a sample there costs much (28 nats) and not infinitely much."""


@MEASURES.register
class ModeKL(ModeMeasure):
    """KL divergence of the modes' histogram of high-quality samples from their weights under P_X.

    D_KL(p̂ ‖ w) = Σ_k p̂_k log(p̂_k / w_k) with p̂_k = n_k / Σ_j n_j. A perfect sampler has about (K − 1) / 2N, and a
    model that is collapsed onto one of K equal modes log K. With no high-quality sample at all the histogram is empty;
    the measure is then the largest that any histogram can have, max_k log(1 / w_k).

    Source: Lin et al. 2018, PacGAN, arXiv:1712.04086, section 4.1 ("reverse KL").
    """

    title: ClassVar[str] = "KL of the mode histogram"
    source: ClassVar[str] = "Lin et al. 2018, PacGAN, arXiv:1712.04086, section 4.1"
    formula: ClassVar[str] = r"\sum_k \hat p_k \log \frac{\hat p_k}{w_k}"
    unit: ClassVar[str] = "nats"

    def compare(self, samples: Samples, reference: Reference, generator: torch.Generator) -> float:
        """The divergence, in nats."""
        counts = quality_counts(samples, reference).double()
        weights = modes_of(reference).weights.detach().cpu().double()
        if counts.sum() == 0:
            return float(-weights[weights > 0].log().min())
        share = counts / counts.sum()
        # xlogy counts an empty mode as 0 log 0 = 0; rounding may leave −1e-17 where the two are equal.
        divergence = torch.xlogy(share, share) - share * weights.clamp_min(LEAST_WEIGHT).log()
        return max(0.0, float(divergence.sum()))

    def rate(self, d: int) -> float:
        """As 1/N, in any dimension."""
        return 1.0
