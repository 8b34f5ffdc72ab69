"""Pictures from which ways through latent space begin."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, plain
from models.observations._display import shown_pictures
from models.observations._latent_ways import affordable, is_round, only_mapped, pushed

CHOICES: Final = 24


@OBSERVATIONS.register
class Traversal(Observation):
    """The first fixed latents as pictures: ends and middles of ways through latent space.

    Of a model that draws x from p(x|z), the means: what z decides alone.
    """

    title: ClassVar[str] = "latent traversal"
    source: ClassVar[str] = "x̂ = g_θ(z); White 2016, arXiv:1609.04468"

    def missing(self, subject: Subject) -> str:
        """For data that are pictures and models in which z decides one."""
        return only_mapped(subject)

    def observe(self, subject: Subject) -> Arrays:
        """``x``: shape (24, d′), fewer where a push is slow, data units; ``round``: (), 1 for normal noise."""
        noise = subject.noise[: min(CHOICES, affordable(subject))]
        x = pushed(subject.game.model, noise[:, : subject.latent_dimension], noise)
        return {"x": plain(shown_pictures(subject, x)), "round": np.array(int(is_round(subject)))}
