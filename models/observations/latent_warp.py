"""The latent grid, warped by the generator."""

from __future__ import annotations

from typing import ClassVar, Final

import torch

from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, only_pushed, plain

LINES: Final = 15
POINTS: Final = 81


@OBSERVATIONS.register
class LatentWarp(Observation):
    """Straight lines of the latent plane, pushed through the generator: how space is stretched and folded."""

    title: ClassVar[str] = "latent grid"
    source: ClassVar[str] = "g_θ of a grid; after Kahng et al. 2018, GAN Lab, arXiv:1809.01587, section 5"

    def missing(self, subject: Subject) -> str:
        """For data in the plane and two or more latent dimensions."""
        if reason := only_pushed(subject):
            return reason
        if subject.dimension != 2:
            return f"Needs data in the plane; this has {subject.dimension} dimensions."
        return "" if subject.latent_dimension >= 2 else "Needs two latent dimensions or more."

    def observe(self, subject: Subject) -> Arrays:
        """``lines``: shape (30, 81, 2), vertical lines first; latent coordinates past the second are 0."""
        extent = subject.game.model.latent.extent
        across, along = torch.meshgrid(
            torch.linspace(-extent, extent, LINES), torch.linspace(-extent, extent, POINTS), indexing="ij"
        )
        z = torch.zeros(2, LINES, POINTS, subject.latent_dimension)
        z[0, ..., 0], z[0, ..., 1] = across, along
        z[1, ..., 0], z[1, ..., 1] = along, across
        x = subject.game.model.push(z.reshape(-1, subject.latent_dimension))
        return {"lines": plain(x.view(2 * LINES, POINTS, 2))}
