"""The map of pictures by the principal components of their pixels."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from models.observations._base import OBSERVATIONS, Subject
from models.observations._map import Layout, MapObservation, Principal, Space, pixels_of


@OBSERVATIONS.register
class PixelMap(MapObservation):
    """Pixels, along the two directions in which the data vary most."""

    title: ClassVar[str] = "map by pixels"

    def space(self, subject: Subject) -> Space | None:
        """Pixels."""
        return pixels_of(subject)

    def layout(self, rows: Tensor, more: Tensor) -> Layout:
        """Principal components of the data alone."""
        return Principal(rows, more)
