"""Moment matching: D is known in closed form on two samples, and the generator descends it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from models.objectives._base import OBJECTIVES
from models.objectives._closed_form import ClosedForm


@OBJECTIVES.register
class Kernel(ClosedForm):
    """One player: the kernel distance of a batch of samples from a batch of data is computed outright and descended.

    No critic, no game, no collapse by oscillation; but the estimate sees only one batch at a time and only what its
    kernel sees.

    Source: Li et al. 2015, Generative moment matching networks, arXiv:1502.02761, eq. 5.
    """

    title: ClassVar[str] = "closed form on samples"
    source: ClassVar[str] = "Li et al. 2015, arXiv:1502.02761, eq. 5"
    formula: ClassVar[str] = r"\min_\theta\ \hat D(\{x_i\}, \{g_\theta(z_j)\})"
    requires: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType(
        {"divergence": frozenset({"kernel"}), "family": frozenset({"push"})}
    )
