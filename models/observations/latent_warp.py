"""The latent grid, warped by the generator."""

from __future__ import annotations

from typing import ClassVar, Final

import torch

from models.families._denoising import DenoisingModel
from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, only_pushed, plain

LINES: Final = 15
POINTS: Final = 81
LEAST_POINTS: Final = 17
"""On a line, where a push is slow."""


@OBSERVATIONS.register
class LatentWarp(Observation):
    """Straight lines of the latent plane, pushed through the generator: how space is stretched and folded."""

    title: ClassVar[str] = "latent grid"
    source: ClassVar[str] = "g_θ of a grid; after Kahng et al. 2018, GAN Lab, arXiv:1809.01587, section 5"

    def missing(self, subject: Subject) -> str:
        """For data in the plane and two or more latent dimensions."""
        if reason := _torn(subject):
            return reason
        if subject.dimension != 2:
            return f"Needs data in the plane; this has {subject.dimension} dimensions."
        return "" if subject.latent_dimension >= 2 else "Needs two latent dimensions or more."

    def observe(self, subject: Subject) -> Arrays:
        """``lines``: shape (30, 81, 2), vertical lines first; latent coordinates past the second are 0.

        Where a push is slow, there are fewer points on a line.
        """
        extent = subject.game.model.latent.extent
        points = max(LEAST_POINTS, min(POINTS, len(subject.noise) // (2 * LINES))) if subject.is_costly else POINTS
        across, along = torch.meshgrid(
            torch.linspace(-extent, extent, LINES), torch.linspace(-extent, extent, points), indexing="ij"
        )
        z = torch.zeros(2, LINES, points, subject.latent_dimension)
        z[0, ..., 0], z[0, ..., 1] = across, along
        z[1, ..., 0], z[1, ..., 1] = along, across
        x = subject.game.model.push(z.reshape(-1, subject.latent_dimension))
        return {"lines": plain(x.view(2 * LINES, points, 2))}


def _torn(subject: Subject) -> str:
    """Why lines do not stay lines; empty if they do."""
    model = subject.game.model
    if not isinstance(model, DenoisingModel):
        return only_pushed(subject)
    return "" if model.is_map else f"“{model.sampler.title}” draws fresh noise on the way: neighbours in z part."
