"""The critic as a surface over data space."""

from __future__ import annotations

from typing import ClassVar, Final

from models.observations._base import (
    CURVE_POINTS,
    OBSERVATIONS,
    Arrays,
    Observation,
    Subject,
    only_up_to,
    plain,
)

SIDE: Final = 64


@OBSERVATIONS.register
class CriticField(Observation):
    """The critic's raw output T(x): high where it takes x for data, low where it takes x for a sample."""

    title: ClassVar[str] = "critic"
    source: ClassVar[str] = "T of the objective's supremum"

    def missing(self, subject: Subject) -> str:
        """For one and two dimensions, with a critic."""
        if subject.game.critic is None:
            return "This objective has no critic."
        return only_up_to(2, subject)

    def observe(self, subject: Subject) -> Arrays:
        """``t``: shape (64, 64), row 0 at the bottom, or (256,) for one dimension."""
        assert subject.game.critic is not None
        side = SIDE if subject.dimension == 2 else CURVE_POINTS
        t = subject.game.critic.evaluate(subject.game.model.inward(subject.data_grid(side)))
        return {"t": plain(t.view([side] * subject.dimension))}
