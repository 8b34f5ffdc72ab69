"""Transport of batches: the cost of moving a batch of samples onto a batch of data is descended."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from models.objectives._base import OBJECTIVES
from models.objectives._closed_form import ClosedForm


@OBJECTIVES.register
class Transport(ClosedForm):
    """One player: an optimal coupling of the two batches is found, and samples move along it.

    No critic and no game. The cost between two batches of one law is not 0, and its gradient is biased by that: small
    batches pull samples towards the middle (Fatras et al. 2020, arXiv:1910.04091, section 3).

    Source: Genevay, Peyré and Cuturi 2018, arXiv:1706.00292, Algorithm 1.
    """

    title: ClassVar[str] = "transport of batches"
    source: ClassVar[str] = "Genevay, Peyré and Cuturi 2018, arXiv:1706.00292, Algorithm 1"
    formula: ClassVar[str] = r"\min_\theta\ \min_\pi \sum_{ij} \pi_{ij}\, c(x_i, g_\theta(z_j))"
    requires: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType(
        {"divergence": frozenset({"transport"}), "family": frozenset({"push"})}
    )
