"""The continuous flow: points drift along a velocity field from data to latent space."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import ClassVar, Final, cast

import torch
from torch import Tensor, nn
from torch.distributions import Transform, constraints
from zuko.lazy import LazyTransform

from models.data._picture import Shape
from models.families._base import FAMILIES
from models.families._condition import Condition
from models.families._flow import Flow, FlowModel
from models.latents import Latent
from models.registry import option
from models.samplers._ode import solve

SLOW_SIDE: Final = 64
"""A trained field takes hundreds of passes for one density."""


class Velocity(LazyTransform):
    """A field v_θ(t, u), a net of u and of cos and sin of time, that moves points for t from 0 to 1."""

    def __init__(self, dimension: int, context: int, hidden: list[int], freqs: int, tolerance: float) -> None:
        super().__init__()
        self._dimension, self._freqs, self._tolerance = dimension, freqs, tolerance
        widths = [dimension + 2 * freqs + context, *hidden, dimension]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))

    def forward(self, c: Tensor | None = None) -> Transform:
        """Where the field takes points that are told this, shape (N, context), from data to latent space."""
        return Drift(self, c, 0.0, 1.0, self._tolerance)

    def at(self, time: float, u: Tensor, c: Tensor | None = None) -> Tensor:
        """The velocity, shape (N, d) to (N, d)."""
        h = self._with_time(time, u, c)
        *hidden, last = self.layers
        for layer in hidden:
            h = torch.tanh(layer(h))
        return last(h)

    def with_divergence(self, time: float, u: Tensor, c: Tensor | None = None) -> Tensor:
        """The velocity, and as a last column its divergence tr ∂v/∂u: shape (N, d) to (N, d + 1).

        The d directions of space are carried through the net beside the points, so that the trace is exact and one
        more pass of autograd gives its own derivatives.
        """
        h = self._with_time(time, u, c)
        slopes = torch.eye(self._dimension, h.shape[1], dtype=u.dtype, device=u.device)[:, None]
        *hidden, last = cast("Iterable[nn.Linear]", self.layers)
        for layer in hidden:
            h = torch.tanh(layer(h))
            slopes = slopes @ layer.weight.T * (1 - h * h)
        slopes = slopes @ last.weight.T
        divergence = slopes.diagonal(dim1=0, dim2=2).sum(-1).expand(len(u))
        return torch.cat([last(h), divergence[:, None]], 1)

    def _with_time(self, time: float, u: Tensor, c: Tensor | None) -> Tensor:
        angles = [k * math.pi * time for k in range(1, self._freqs + 1)]
        features = [math.cos(a) for a in angles] + [math.sin(a) for a in angles]
        parts = [u, u.new_tensor(features).expand(len(u), -1)]
        return torch.cat(parts if c is None else [*parts, c], 1)


class Drift(Transform):
    """Follows a field from one time to another."""

    domain = constraints.real_vector
    codomain = constraints.real_vector
    bijective = True

    def __init__(self, field: Velocity, c: Tensor | None, start: float, stop: float, tolerance: float) -> None:
        super().__init__()
        self._field, self._c, self._span, self._tolerance = field, c, (start, stop), tolerance

    @property
    def inv(self) -> Drift:
        """The same way back."""
        start, stop = self._span
        return Drift(self._field, self._c, stop, start, self._tolerance)

    def call_and_ladj(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Where points of shape (N, d) end, and the log of how much space has grown round them, ∫ tr ∂v/∂u dt."""
        state = torch.cat([x, torch.zeros_like(x[:, :1])], 1)
        d = x.shape[1]
        end = solve(lambda t, y: self._field.with_divergence(t, y[:, :d], self._c), state, *self._span, self._tolerance)
        return end[:, :d], end[:, d]

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """The second part of ``call_and_ladj``."""
        return self.call_and_ladj(x)[1]

    def _call(self, x: Tensor) -> Tensor:
        return solve(lambda t, u: self._field.at(t, u, self._c), x, *self._span, self._tolerance)

    def _inverse(self, y: Tensor) -> Tensor:
        return self.inv._call(y)


@FAMILIES.register
class ContinuousFlow(Flow):
    """Points follow du/dt = v_θ(t, u) from data at t = 0 to latent space at t = 1, and back to be sampled.

    log q(u(0)) = log p_Z(u(1)) + ∫ tr ∂v_θ/∂u dt: any net may be the field, for no two paths ever cross. The equation
    is solved with steps as long as the tolerance allows, some tens of passes both ways; the trace is exact, at d times
    the work of one pass, so this is for few dimensions. Far slower than the other flows.

    Source: Grathwohl et al. 2019, FFJORD, arXiv:1810.01367, section 2; Chen et al. 2018, arXiv:1806.07366, theorem 1.
    """

    title: ClassVar[str] = "Continuous flow"
    source: ClassVar[str] = "Chen et al. 2018, Neural ODEs, arXiv:1806.07366, theorem 1"
    formula: ClassVar[str] = (
        r"\frac{du}{dt} = v_\theta(t, u), \quad "
        r"\log p_\theta(x) = \log p_Z(u(1)) + \int_0^1 \mathrm{tr}\, \partial_u v_\theta \, dt"
    )

    side_by_side: ClassVar[bool] = False  # the solver's steps depend on the field

    freqs: int = option(
        2, label="frequencies", low=0, high=8,
        help="How many waves of time, cos kπt and sin kπt, the field sees; with 0 it stands still.",
    )  # fmt: skip
    tolerance: float = option(
        1e-3, label="tolerance", low=1e-6, high=1e-2, log=True,
        help="Error that one step of the solver may make in a coordinate and in log p. Less costs more passes; with "
        "0.01 the density is so inexact that training learns to profit from it.",
    )  # fmt: skip

    def _build(self, latent: Latent, shape: Shape, condition: Condition, chance: torch.Generator) -> FlowModel:
        """A flow along one field."""
        model = super()._build(latent, shape, condition, chance)
        model.density_side = SLOW_SIDE
        return model

    def transform(self, dimension: int, context: int) -> LazyTransform:
        """One field."""
        return Velocity(dimension, context, self.hidden, self.freqs, self.tolerance)
