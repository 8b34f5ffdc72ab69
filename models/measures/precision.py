"""How much of what a model draws looks like data."""

from __future__ import annotations

from typing import ClassVar

from models.measures._base import MEASURES
from models.measures._manifold import Manifold
from models.measures._overlap import Overlap


@MEASURES.register
class Precision(Manifold):
    """Share of samples that lie in at least one ball around a data point to its third nearest other data point.

    A single stray data point has a wide ball, so precision is generous where data are thin; ``density`` is less so.

    Source: Kynkäänniemi et al. 2019, Improved Precision and Recall, arXiv:1904.06991, equations 1 and 2.
    """

    title: ClassVar[str] = "Precision"
    source: ClassVar[str] = "Kynkäänniemi et al. 2019, Improved Precision and Recall, arXiv:1904.06991, equations 1, 2"
    formula: ClassVar[str] = r"\frac{1}{N} \sum_i 1[x_i \in \bigcup_j B(y_j, \rho_3(y_j))]"
    unit: ClassVar[str] = "share"

    def share(self, found: Overlap) -> float:
        """The share, 0 … 1."""
        return float(found.samples.mean())
