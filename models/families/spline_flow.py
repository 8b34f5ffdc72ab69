"""The neural spline flow: monotone splines, one for each coordinate, steered by those before it."""

from __future__ import annotations

from typing import ClassVar

from zuko.flows import NSF
from zuko.lazy import LazyTransform

from models.families._base import FAMILIES
from models.families._flow import SequentialFlow
from models.registry import option


@FAMILIES.register
class SplineFlow(SequentialFlow):
    """Each coordinate passes through a monotone rational-quadratic spline that the coordinates before it choose.

    uᵢ ↦ spline(uᵢ; φᵢ(u₁ … uᵢ₋₁)) on [−5, 5], the identity outside; the triangular Jacobian makes the density one pass,
    and sampling d passes. Orders of the coordinates alternate from transform to transform.

    Source: Durkan et al. 2019, Neural spline flows, arXiv:1906.04032, section 3.
    """

    title: ClassVar[str] = "Neural spline flow"
    source: ClassVar[str] = "Durkan et al. 2019, arXiv:1906.04032, section 3"
    formula: ClassVar[str] = r"\log p_\theta(x) = \log p_Z(T_\theta(x)) + \log |\det \partial_x T_\theta|"

    count: int = option(3, label="transforms", low=1, high=12, help="How many splines follow one another.")
    bins: int = option(8, label="bins", low=2, high=64, help="How many pieces each spline has.")

    def transform(self, dimension: int, context: int) -> LazyTransform:
        """``count`` autoregressive splines."""
        return NSF(dimension, context, bins=self.bins, transforms=self.count, hidden_features=self.hidden).transform
