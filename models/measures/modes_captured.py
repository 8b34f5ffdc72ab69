"""How many of the modes of P_X a model reaches at all."""

from __future__ import annotations

from typing import ClassVar

import torch

from models.measures._base import MEASURES, Reference, Samples
from models.measures._modes import ModeMeasure, modes_of, quality_counts


@MEASURES.register
class ModesCaptured(ModeMeasure):
    """Number of modes that have at least one high-quality sample.

    A mode of weight 0 under P_X is not counted. A single sample is enough, so a mode that has nearly died out still
    counts: read it beside ``mode_kl``.

    Source: Lin et al. 2018, PacGAN, arXiv:1712.04086, section 4.1.
    """

    title: ClassVar[str] = "Modes captured"
    source: ClassVar[str] = "Lin et al. 2018, PacGAN, arXiv:1712.04086, section 4.1"
    formula: ClassVar[str] = r"\left|\{\,k : n_k \geq 1\,\}\right|"
    unit: ClassVar[str] = "modes"
    better: ClassVar = "larger"

    def compare(self, samples: Samples, reference: Reference, generator: torch.Generator) -> float:
        """The count, 0 … K."""
        counts = quality_counts(samples, reference)
        return float((counts > 0)[modes_of(reference).weights.cpu() > 0].sum())

    def bounds(self, reference: Reference) -> tuple[float, float]:
        """From none to all modes that have mass."""
        return 0.0, float((modes_of(reference).weights > 0).sum())
