"""Generated samples as pictures."""

from __future__ import annotations

from typing import ClassVar, Final

from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, plain

IMAGES: Final = 64


@OBSERVATIONS.register
class Images(Observation):
    """The first samples of the model, each as a picture."""

    title: ClassVar[str] = "images"
    source: ClassVar[str] = "x̂ = g_θ(z), as pictures"

    def missing(self, subject: Subject) -> str:
        """For data whose samples are pictures."""
        return "" if subject.experiment.data.image_shape else "The samples of this data are not pictures."

    def observe(self, subject: Subject) -> Arrays:
        """``images``: shape (64, d), data units."""
        return {"images": plain(subject.fake[:IMAGES])}
