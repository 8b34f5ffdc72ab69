"""How many of the classes of P_X a model makes pictures of."""

from __future__ import annotations

from typing import ClassVar, Final

import torch

from models.measures._base import MEASURES, Reference, Samples
from models.measures._features import features_of
from models.measures._pictures import PictureMeasure

LEAST_SHARE: Final = 0.25
"""Share of its mass under P_X that a class must have among the samples to count."""


@MEASURES.register
class ClassesCovered(PictureMeasure):
    """Number of classes that have a quarter of their mass at least among the samples, as a small classifier sees them.

    The classifier is trained on the same data and gives every picture the class that it takes for the most probable,
    garbage too: read it beside ``precision``. Data with named modes have ``modes_captured`` instead.
    """

    title: ClassVar[str] = "Classes covered"
    source: ClassVar[str] = "this project's own, after Lin et al. 2018, PacGAN, arXiv:1712.04086, section 4.1"
    formula: ClassVar[str] = r"\left|\{\,c : n_c \geq \max(1,\ w_c N / 4)\,\}\right|"
    unit: ClassVar[str] = "classes"
    better: ClassVar = "larger"

    def compare(self, samples: Samples, reference: Reference, generator: torch.Generator) -> float:
        """The count, 0 … C."""
        assert reference.data is not None
        shares = reference.data.class_shares.cpu()
        found = features_of(reference.data).probabilities(samples.x).argmax(dim=1).bincount(minlength=len(shares))
        least = (LEAST_SHARE * shares * len(samples.x)).clamp_min(1)
        return float((found >= least)[shares > 0].sum())

    def bounds(self, reference: Reference) -> tuple[float, float]:
        """From none to all classes that have mass."""
        assert reference.data is not None
        return 0.0, float((reference.data.class_shares > 0).sum())

    def rate(self, d: int) -> float:
        """A count does not shrink with more samples."""
        return 0.0

    @classmethod
    def applies(cls, reference: Reference, samples: Samples | None = None) -> bool:
        """Of pictures that have classes and no named modes."""
        data = reference.data
        fits = data is not None and len(data.class_names) > 1 and "modes" not in data.capabilities
        return fits and super().applies(reference, samples)
