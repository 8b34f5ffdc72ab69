"""Real data taken back to latent space: if the model were the data's law, they would lie there like noise."""

from __future__ import annotations

from typing import ClassVar, Final

import torch
from torch import Tensor

from models.latents import Latent
from models.observations._base import CURVE_POINTS, OBSERVATIONS, Arrays, Observation, Subject, only_inferred, plain
from models.observations._direction import first_two, hue
from models.observations._frames import unasked
from models.observations._kde import histogram_density

POINTS: Final = 2_000
FEW_POINTS: Final = 500
"""Where the way back takes many steps."""
SIDE: Final = 64

DRAWS: Final = 200_000
"""Noise from which the law of the first two of more coordinates is estimated, once a run."""


@OBSERVATIONS.register
class Encoded(Observation):
    """The z that stands for each real sample, beside the latent law P_Z.

    The law of the encoded data is the aggregate of all posteriors; where the model is right it is P_Z.

    Source: Makhzani et al. 2015, Adversarial autoencoders, arXiv:1511.05644, eq. 1.
    """

    title: ClassVar[str] = "encoded data"
    source: ClassVar[str] = "Makhzani et al. 2015, arXiv:1511.05644, eq. 1 (aggregated posterior)"

    def missing(self, subject: Subject) -> str:
        """For families with a way back, along answers for any class, or for the likeliest."""
        family = subject.experiment.family
        if "encode" not in family.capabilities:
            return f"{family.title} has no way back from x to z."
        if "log_prob" in family.capabilities:
            return ""
        return only_inferred(subject) if "posterior" in family.capabilities else unasked(subject)

    def observe(self, subject: Subject) -> Arrays:
        """``z``: (N, 2) first two coordinates; ``hue``: (N,) of x, in [0, 1); ``p``: the density of P_Z.

        The density is over the latent square, shape (64, 64), row 0 at the bottom; for k = 1 over the line, (256,).
        """
        x = subject.real[: FEW_POINTS if subject.is_costly else POINTS // subject.game.model.laws]
        z = subject.game.model.encode(x)
        return {"z": plain(first_two(z)), "hue": plain(hue(x, subject)), "p": plain(_latent_density(subject))}


def _latent_density(subject: Subject) -> Tensor:
    latent, k = subject.experiment.latent, subject.latent_dimension
    is_known = k <= 2 and latent.has_density
    return subject.once("latent density", lambda: _exact(subject, latent) if is_known else _counted(latent))


def _exact(subject: Subject, latent: Latent) -> Tensor:
    if subject.latent_dimension == 1:
        return latent.log_prob(torch.linspace(-latent.extent, latent.extent, CURVE_POINTS)[:, None]).exp()
    return latent.log_prob(subject.latent_grid(SIDE)).exp().view(SIDE, SIDE)


def _counted(latent: Latent) -> Tensor:
    noise = latent.draw(DRAWS, torch.Generator().manual_seed(0))[:, :2]
    side = SIDE if noise.shape[1] > 1 else CURVE_POINTS
    return histogram_density(noise, (-latent.extent, -latent.extent, latent.extent, latent.extent), side)
