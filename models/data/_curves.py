"""Laws that are a curve blurred by Gaussian noise, and their density by quadrature along the curve.

A point is drawn as x = s (oₐ + gₐ c(v) + σ ε): an arm a, all equally likely; a place v on the curve; noise ε ~ N(0, I).
Its density is the one-dimensional integral

    p(x) = s⁻² · 1/A Σₐ ∫₀¹ ρ(v) N(x/s; oₐ + gₐ c(v), σ² I) dv                                  (1)

with ρ the density of v. Gauss–Legendre panels no longer than 2σ on the curve err by less than one part in 10⁵
of the density, five standard deviations from the curve included.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final

import numpy as np
import torch
from torch import Tensor

from models.data._base import Planar
from models.data._noised import NoisedLaw, NoisedPoints

NODES: Final = 5
"""Gauss–Legendre nodes in each panel."""

LEAST_PANELS: Final = 8
"""However much noise there is, the curve itself is followed by as many."""

FINE: Final = torch.linspace(0, 1, 2049, dtype=torch.float64)
"""Places by which a curve's length is found."""

LEAST_SCALE: Final = 1e-12
"""Where nothing of the data is left one can still divide by what is."""


@dataclass(frozen=True, eq=False)
class Arms:
    """Images of one curve: oₐ + gₐ c(v).

    Attributes:
        gains: gₐ, shape (A, 1).
        offsets: oₐ, shape (A, 2).
        names: what a person calls each arm, A of them; none where there is but one.
    """

    gains: Tensor
    offsets: Tensor
    names: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Nodes:
    """The quadrature of eq. 1, before scaling by s.

    Attributes:
        places: points on all arms, shape (M, 2), float64.
        log_weights: log of their masses, shape (M,), float64; the masses sum to 1.
    """

    places: Tensor
    log_weights: Tensor


class NoisyCurves(Planar):
    """One or more arms of a curve, blurred by Gaussian noise of std ``noise``, then scaled by ``scale``."""

    capabilities: ClassVar[frozenset[str]] = frozenset({"sample", "log_prob", "everywhere", "noised"})

    noise: float
    scale: float

    @abstractmethod
    def _images(self) -> Arms:
        """The arms that these options ask for."""

    @abstractmethod
    def _curve(self, v: Tensor) -> Tensor:
        """c(v) for places 0 ≤ v ≤ 1: shape (N,) to (N, 2)."""

    @cached_property
    def _arms(self) -> Arms:
        return self._images()

    def _place(self, u: Tensor) -> Tensor:
        """Place v of a uniform number u, the inverse of v's distribution function: shape (N,) to (N,)."""
        return u

    def _place_density(self, v: Tensor) -> Tensor:
        """ρ(v), the density of the place: shape (N,) to (N,)."""
        return torch.ones_like(v)

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw an arm, a place on it and the noise, shape (n, 2)."""
        return self._draw(n, generator)[0]

    @property
    def class_names(self) -> tuple[str, ...]:
        """Those of the arms."""
        return self._arms.names

    def draw_told(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The same draws, and the arm of each."""
        return self._draw(n, generator) if self.class_names else super().draw_told(n, generator)

    def _draw(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        arms, index = self._arms, torch.zeros(n, dtype=torch.int64)
        x = self._curve(self._place(torch.rand(n, generator=generator)))
        if len(arms.gains) > 1:
            index = torch.randint(len(arms.gains), (n,), generator=generator)
            x = torch.addcmul(arms.offsets.index_select(0, index), arms.gains.index_select(0, index), x)
        return x.add_(torch.randn(n, 2, generator=generator), alpha=self.noise).mul_(self.scale), index

    def log_prob(self, x: Tensor) -> Tensor:
        """Log density in nats by eq. 1, shape (N,)."""
        return self.noised(1.0, 0.0).log_prob(x)

    def noised(self, alpha: float, std: float, label: int | None = None) -> NoisedLaw:
        """The same curve, blurred by more: eq. 1 for α s and the noise that both blurs make."""
        wider = math.hypot(alpha * self.scale * self.noise, std) / max(alpha * self.scale, LEAST_SCALE)
        nodes = self._nodes(wider)
        part = slice(None) if label is None else self._arm(label, len(nodes.places))
        places, log_weights = self.scale * nodes.places[part], nodes.log_weights[part]
        return NoisedPoints(places, log_weights - log_weights.logsumexp(0), self.scale * self.noise, alpha, std)

    def _arm(self, label: int, nodes: int) -> slice:
        each = nodes // len(self._arms.gains)
        return slice(label * each, (label + 1) * each)

    @cached_property
    def _rules(self) -> dict[int, Nodes]:
        """Quadratures that were used, by how many panels they have."""
        return {}

    def _nodes(self, blur: float) -> Nodes:
        """A quadrature that is fine enough for this much noise, before scaling."""
        panels = max(LEAST_PANELS, math.ceil(float(self._lengths[-1]) / (2 * blur)))
        if panels not in self._rules:
            self._rules[panels] = self._rule(panels)
        return self._rules[panels]

    def _rule(self, panels: int) -> Nodes:
        v, weights = _gauss_legendre(self._panel_edges(panels))
        masses = weights * self._place_density(v)
        gains, offsets = self._arms.gains.double(), self._arms.offsets.double()
        places = offsets[:, None] + gains[:, None] * self._curve(v)
        masses = masses.expand(len(gains), -1).reshape(-1)
        return Nodes(places.reshape(-1, 2), (masses / masses.sum()).log())

    @cached_property
    def _lengths(self) -> Tensor:
        """Length of the longest arm from its beginning to each of the places ``FINE``, before scaling."""
        steps = self._curve(FINE).diff(dim=0).norm(dim=1).cumsum(0)
        return torch.cat([steps.new_zeros(1), steps]) * self._arms.gains.abs().max()

    def _panel_edges(self, panels: int) -> Tensor:
        """Places that cut the longest arm into so many pieces of equal length, shape (P + 1,)."""
        marks = np.linspace(0, float(self._lengths[-1]), panels + 1)
        return torch.from_numpy(np.interp(marks, self._lengths.numpy(), FINE.numpy()))


def one_arm() -> Arms:
    """The curve itself."""
    return Arms(torch.ones(1, 1), torch.zeros(1, 2))


def _gauss_legendre(edges: Tensor) -> tuple[Tensor, Tensor]:
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    widths = edges.diff()[:, None]
    v = edges[:-1, None] + widths * (torch.from_numpy(nodes) + 1) / 2
    return v.reshape(-1), (widths * torch.from_numpy(weights) / 2).reshape(-1)
