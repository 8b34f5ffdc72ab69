"""The map of pictures on which those with alike features are neighbours."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from models.observations._base import OBSERVATIONS, Subject
from models.observations._map import Layout, MapObservation, Neighbours, Space, features_in_pieces


@OBSERVATIONS.register
class FeatureNeighbours(MapObservation):
    """A neighbour embedding of the data's features; samples stand among the data nearest to them."""

    title: ClassVar[str] = "neighbours by features"

    def space(self, subject: Subject) -> Space | None:
        """Features, once they are learnt."""
        return features_in_pieces(subject)

    def layout(self, rows: Tensor, more: Tensor) -> Layout:
        """t-SNE of the data alone."""
        return Neighbours(rows)
