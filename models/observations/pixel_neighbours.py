"""The map of pictures on which those with alike pixels are neighbours."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from models.observations._base import OBSERVATIONS, Subject
from models.observations._map import Layout, MapObservation, Neighbours, Space, pixels_of


@OBSERVATIONS.register
class PixelNeighbours(MapObservation):
    """A neighbour embedding of the data's pixels; samples stand among the data nearest to them."""

    title: ClassVar[str] = "neighbours by pixels"

    def space(self, subject: Subject) -> Space | None:
        """Pixels."""
        return pixels_of(subject)

    def layout(self, rows: Tensor, more: Tensor) -> Layout:
        """t-SNE of the data alone."""
        return Neighbours(rows)
