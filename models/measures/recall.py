"""How much of the data a model could have drawn."""

from __future__ import annotations

from typing import ClassVar

from models.measures._base import MEASURES
from models.measures._manifold import Manifold
from models.measures._overlap import Overlap


@MEASURES.register
class Recall(Manifold):
    """Share of data points that lie in at least one ball around a sample to its third nearest other sample.

    A few stray samples have wide balls that hold many data points, so it may stay high in a collapse that leaves
    some; ``coverage`` does not.

    Source: Kynkäänniemi et al. 2019, Improved Precision and Recall, arXiv:1904.06991, equations 1 and 2.
    """

    title: ClassVar[str] = "Recall"
    source: ClassVar[str] = "Kynkäänniemi et al. 2019, Improved Precision and Recall, arXiv:1904.06991, equations 1, 2"
    formula: ClassVar[str] = r"\frac{1}{M} \sum_j 1[y_j \in \bigcup_i B(x_i, \rho_3(x_i))]"
    unit: ClassVar[str] = "share"

    def share(self, found: Overlap) -> float:
        """The share, 0 … 1."""
        return float(found.data.mean())
