"""How much likelier each place is under P_X than under P_θ."""

from __future__ import annotations

from typing import ClassVar

from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, only_up_to, plain
from models.observations._truth import log_ratio, pair


@OBSERVATIONS.register
class DensityRatio(Observation):
    """Log p/q, from both laws' masses in small cells, smoothed alike; see ``optimal_critic`` for where it is known."""

    title: ClassVar[str] = "density ratio"
    source: ClassVar[str] = "Sugiyama, Suzuki and Kanamori 2012, Density ratio estimation, section 2.1"

    def missing(self, subject: Subject) -> str:
        """For one and two dimensions, and samples that are not too few."""
        reason = only_up_to(2, subject)
        if not reason and subject.is_costly and not bool(pair(subject).reliable.any()):
            reason = f"{len(subject.noise):,} samples, as many as are pushed, are too few to tell a ratio."
        return reason

    def observe(self, subject: Subject) -> Arrays:
        """``log_ratio``: nats, shape (128, 128), row 0 at the bottom, or (256,) on a line; NaN where not known."""
        return {"log_ratio": plain(log_ratio(subject).float())}
