"""Generated samples as pictures."""

from __future__ import annotations

from typing import ClassVar

from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, plain
from models.observations._display import made_pictures, only_pictures, shown_pictures


@OBSERVATIONS.register
class Images(Observation):
    """The first samples of the model, each as a picture."""

    title: ClassVar[str] = "images"
    source: ClassVar[str] = "x̂ = g_θ(z), as pictures"

    def missing(self, subject: Subject) -> str:
        """For data whose samples are pictures."""
        return only_pictures(subject)

    def observe(self, subject: Subject) -> Arrays:
        """``images``: shape (N, d′), data units, N ≤ 100, fewer of slow models or large pictures, reduced."""
        return {"images": plain(shown_pictures(subject, made_pictures(subject)))}
