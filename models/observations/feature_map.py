"""The map of pictures by the principal components of their features."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from models.observations._base import OBSERVATIONS, Subject
from models.observations._map import Layout, MapObservation, Principal, Space, features_in_pieces


@OBSERVATIONS.register
class FeatureMap(MapObservation):
    """Features of a small classifier of the data, along the two directions in which the data vary most."""

    title: ClassVar[str] = "map by features"

    def space(self, subject: Subject) -> Space | None:
        """Features, once they are learnt."""
        return features_in_pieces(subject)

    def layout(self, rows: Tensor, more: Tensor) -> Layout:
        """Principal components of the data alone."""
        return Principal(rows, more)
