"""The coupling flow: one half of the coordinates steers what is done to the other."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import ClassVar, Final, Literal

from torch.distributions import Transform
from zuko.flows import NICE
from zuko.lazy import LazyTransform
from zuko.transforms import AdditiveTransform, MonotonicAffineTransform, MonotonicRQSTransform

from models.architectures._activation import ACTIVATIONS
from models.families._base import FAMILIES, Recipe
from models.families._flow import Flow
from models.registry import RecipeError, option

STEEPEST: Final = 2.0
"""Bound of |log scale| of one affine coupling: where a net has seen no data its scales would multiply without end, and
held-out points would be thrown thousands of standard deviations off (Ardizzone et al. 2019, arXiv:1907.02392, clamp
theirs at 1.9)."""


@dataclass(frozen=True)
class _Coupling:
    """What is done to a steered coordinate, and the shapes of its parameters for a number of bins."""

    univariate: Callable[..., Transform]
    shapes: Callable[[int], list[tuple[int, ...]]]


COUPLINGS: Final[Mapping[str, _Coupling]] = MappingProxyType(
    {
        "affine": _Coupling(partial(MonotonicAffineTransform, slope=math.exp(-STEEPEST)), lambda bins: [(), ()]),
        "additive": _Coupling(AdditiveTransform, lambda bins: [()]),
        "spline": _Coupling(MonotonicRQSTransform, lambda bins: [(bins,), (bins,), (bins - 1,)]),
    }
)
"""Real NVP, NICE, and the coupling form of the neural spline flow."""


@FAMILIES.register
class CouplingFlow(Flow):
    """Half of the coordinates pass as they are, and steer an easy map of the others; the halves take turns.

    (u_A, u_B) ↦ (u_A, exp(a(u_A)) u_B + b(u_A)): both ways are one pass, for sampling as for the density; |a| stays
    below 2. Additive couplings keep every volume, so that the density only moves; splines bend more in fewer
    transforms.

    Source: Dinh et al. 2017, Density estimation using Real NVP, arXiv:1605.08803, section 3; additive couplings: Dinh
    et al. 2015, NICE, arXiv:1410.8516; splines: Durkan et al. 2019, arXiv:1906.04032, section 3.
    """

    title: ClassVar[str] = "Coupling flow"
    source: ClassVar[str] = "Dinh et al. 2017, Real NVP, arXiv:1605.08803, section 3"
    formula: ClassVar[str] = r"(u_A, u_B) \mapsto (u_A,\; e^{a(u_A)} \odot u_B + b(u_A))"

    kind: Literal["affine", "additive", "spline"] = option(
        "affine", label="coupling",
        help="What the steered half goes through: shift and scale (Real NVP), shift alone (NICE), or splines.",
    )  # fmt: skip
    count: int = option(8, label="transforms", low=2, high=32, help="How many couplings follow one another.")
    activation: Literal["relu", "tanh"] = option(
        "relu", label="activation",
        help="Of the nets that steer: the kinks of ReLU draw sharp edges; tanh stays calm where there are no data, "
        "which in many dimensions is nearly everywhere, so that little is lost on held-out data.",
    )  # fmt: skip
    bins: int = option(8, label="bins", low=2, high=64, help="How many pieces each spline has; for splines only.")

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """One coordinate has no half that could steer it."""
        if recipe.data.dimension < 2:
            yield RecipeError(
                "family.key",
                "a coupling flow needs data of two dimensions or more: one half of the coordinates steers the other; "
                "spline_flow also fits a line",
                ("family.key=spline_flow",),
            )
        yield from super().objections(recipe)

    def transform(self, dimension: int, context: int) -> LazyTransform:
        """``count`` couplings whose halves take turns."""
        coupling = COUPLINGS[self.kind]
        return NICE(
            dimension, context, transforms=self.count, hidden_features=self.hidden,
            univariate=coupling.univariate, shapes=coupling.shapes(self.bins),
            activation=ACTIVATIONS[self.activation].module,
        ).transform  # fmt: skip
