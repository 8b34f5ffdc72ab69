"""Where the generator's samples are."""

from __future__ import annotations

from typing import ClassVar

from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, plain


@OBSERVATIONS.register
class Samples(Observation):
    """The fixed noise pushed through the generator: x̂ = g_θ(z)."""

    title: ClassVar[str] = "samples of the model"
    source: ClassVar[str] = "x̂ = g_θ(z), z ~ P_Z"

    def missing(self, subject: Subject) -> str:
        """Always there."""
        return ""

    def observe(self, subject: Subject) -> Arrays:
        """``x``: shape (N, d); of a model with classes ``label``, too: the class of each, shape (N,), int64."""
        labels = subject.game.model.labels_of(subject.noise)
        return {"x": plain(subject.fake)} | ({} if labels is None else {"label": plain(labels)})
