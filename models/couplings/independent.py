"""Noise and data that know nothing of one another."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.couplings._base import COUPLINGS, Coupling, Pairs


@COUPLINGS.register
class Independent(Coupling):
    """Every datum is joined with any noise: paths cross, and the mean velocity bends where they do.

    Source: Lipman et al. 2023, arXiv:2210.02747, section 4; Tong et al. 2024, arXiv:2302.00482, section 3.2.1.
    """

    title: ClassVar[str] = "Independent"
    source: ClassVar[str] = "Tong et al. 2024, arXiv:2302.00482, section 3.2.1"
    capabilities: ClassVar[frozenset[str]] = frozenset({"independent"})
    formula: ClassVar[str] = r"(z, u_0) \sim P_Z \otimes P_X"

    def pair(self, source: Tensor, data: Tensor, chance: torch.Generator) -> Pairs:
        """As they come."""
        return Pairs(source, data, torch.arange(len(data), device=data.device))
