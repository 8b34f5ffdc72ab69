"""f-divergences between P_X and P_θ: integrals of two known densities, or estimates from neighbours."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import ClassVar, Final

import torch
from torch import Tensor

from models.measures._base import Measure, Reference, Samples
from models.measures._neighbours import Neighbours, neighbours
from models.measures._pictures import are_pictures
from models.measures._quadrature import Grid, grid_of

FIFTH: Final = 5
"""The neighbour that ratios are taken from: k = 1 has less bias and three times the noise, more smooth modes away."""


class FDivergence(Measure):
    """D_f(P_X ‖ P_θ) = ∫ q f(p/q) dx, in one of two ways.

    In one and two dimensions, where P_X and the model both have exact densities, it is integrated over a grid that
    adapts to both (relative error below 10⁻⁵ for smooth ones) and has no noise. Otherwise it is estimated from the
    nearest neighbours of every point on both sides. Estimates have no sign built in: two samples of one law have 0 on
    average, up to a bias that the noise floor shows, and negative values occur. Pictures have none: the estimates are
    made of d times the logarithms of distances that, in so many dimensions, are all alike.
    """

    largest: ClassVar[int] = 10_000

    def compare(self, samples: Samples, reference: Reference, generator: torch.Generator) -> float:
        """The divergence, by the grid where both densities are known, else from neighbours."""
        if self.is_exact(samples, reference):
            grid = _grid(samples, reference)
            low, high = self.bounds(reference)
            return min(max(0.0, low, grid.integral(self.integrand(grid.log_p, grid.log_q))), high)
        return self.estimate(neighbours(samples, reference))

    def is_exact(self, samples: Samples, reference: Reference) -> bool:
        """Whether both densities are known and a grid can hold them."""
        return samples.log_prob is not None and reference.log_prob is not None and reference.x.shape[1] <= 2

    @classmethod
    def applies(cls, reference: Reference, samples: Samples | None = None) -> bool:
        """Of all but pictures."""
        return not are_pictures(reference) and super().applies(reference, samples)

    @abstractmethod
    def integrand(self, log_p: Tensor, log_q: Tensor) -> Tensor:
        """What is integrated, from both log densities at the nodes, shape (G,); nowhere negative.

        Adding a multiple of q − p, whose integral is 0, makes it so: no node cancels another, whatever a grid misses.
        """

    @abstractmethod
    def estimate(self, near: Neighbours) -> float:
        """The divergence from samples alone."""


def _grid(samples: Samples, reference: Reference) -> Grid:
    log_p, log_q = reference.log_prob, samples.log_prob
    assert log_p is not None
    assert log_q is not None
    points = torch.cat([samples.x, reference.x])
    return samples.kept(("grid", reference), lambda: grid_of(points, log_p, log_q))


def relative_entropy(log_p: Tensor, log_q: Tensor) -> Tensor:
    """The integrand p log(p/q) − p + q, nowhere negative; ∞ where p has mass and q has none."""
    p, q = log_p.exp(), log_q.exp()
    return torch.where(p > 0, p * (log_p - log_q), 0.0) - p + q


def exponential(log_value: float) -> float:
    """exp, infinite where a float cannot hold it."""
    return math.exp(log_value) if log_value < 709 else math.inf
