"""The critic as a surface over data space."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from models.divergences._base import CriticDivergence
from models.observations._base import (
    CURVE_POINTS,
    OBSERVATIONS,
    Arrays,
    Observation,
    Subject,
    only_up_to,
    plain,
)
from models.observations._truth import critic_at

SIDE: Final = 64


@OBSERVATIONS.register
class CriticField(Observation):
    """The critic's T(x), of the divergence's supremum: high where it takes x for data, low where for a sample."""

    title: ClassVar[str] = "critic"
    source: ClassVar[str] = "T of the objective's supremum"

    def missing(self, subject: Subject) -> str:
        """For one and two dimensions, with a critic."""
        if subject.game.critic is None:
            return "This objective has no critic."
        return only_up_to(2, subject)

    def observe(self, subject: Subject) -> Arrays:
        """``t``: shape (64, 64), row 0 at the bottom, or (256,) for one dimension; ``threshold``: T* at p = q, ()."""
        side = SIDE if subject.dimension == 2 else CURVE_POINTS
        t = critic_at(subject, subject.data_grid(side))
        divergence = subject.game.divergence
        assert t is not None
        assert isinstance(divergence, CriticDivergence)
        threshold = np.array(divergence.threshold, np.float32)
        return {"t": plain(t.view([side] * subject.dimension)), "threshold": threshold}
