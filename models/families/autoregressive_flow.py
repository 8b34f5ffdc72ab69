"""The masked autoregressive flow: each coordinate shifted and scaled by those before it."""

from __future__ import annotations

from typing import ClassVar

from zuko.flows import MAF
from zuko.lazy import LazyTransform

from models.families._base import FAMILIES
from models.families._flow import SequentialFlow
from models.registry import option


@FAMILIES.register
class AutoregressiveFlow(SequentialFlow):
    """Each coordinate is shifted and scaled by functions of the coordinates before it.

    uᵢ ↦ exp(aᵢ(u₁ … uᵢ₋₁)) uᵢ + bᵢ(u₁ … uᵢ₋₁), all aᵢ and bᵢ from one net with masked weights: so the density takes
    one pass and sampling d passes. Orders of the coordinates alternate from transform to transform. On a line nothing
    comes before the only coordinate, so that the flow is one Gaussian.

    Source: Papamakarios et al. 2017, Masked autoregressive flow for density estimation, arXiv:1705.07057, section 3.
    """

    title: ClassVar[str] = "Masked autoregressive flow"
    source: ClassVar[str] = "Papamakarios et al. 2017, arXiv:1705.07057, section 3"
    formula: ClassVar[str] = r"u_i \mapsto e^{a_i(u_{1:i-1})}\, u_i + b_i(u_{1:i-1})"

    count: int = option(5, label="transforms", low=1, high=24, help="How many shifts and scalings follow one another.")

    def transform(self, dimension: int, context: int) -> LazyTransform:
        """``count`` autoregressive affine transforms."""
        return MAF(dimension, context, transforms=self.count, hidden_features=self.hidden).transform
