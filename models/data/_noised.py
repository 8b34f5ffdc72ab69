"""The law of noised data, y = αx + σε, where it is known: its density, its score, and what is behind the noise.

All such laws here are mixtures of Gaussians, a few of any shape or many that are round. With rₖ(y) the share of the
k-th in the density at y, and N(μₖ, Σₖ) its law of x, the mean of x given y and k is linear in y, so that

    E[x | y] = Σₖ rₖ (μₖ + αΣₖ Cₖ⁻¹ (y − αμₖ)),    Cₖ = α²Σₖ + σ²I                                (1)
    ∇ log p(y) = −Σₖ rₖ Cₖ⁻¹ (y − αμₖ) = −E[ε | y] / σ                                             (2)

Source: Efron 2011, Tweedie's formula and selection bias, JASA 106 (the second form of eq. 2).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import torch
from torch import Tensor

PIECE: Final = 2**16
"""Distances that are held at once: they stay in the processor's cache."""

FEW_DIMENSIONS: Final = 8
"""Up to here distances are summed coordinate by coordinate."""

LEAST_VARIANCE: Final = 1e-12
"""Single points without noise have no density; they are given this much of it."""


class NoisedLaw(ABC):
    """The law of y = αx + σε with ε ~ N(0, I), in the units of x. The type of y is kept.

    Attributes:
        std: σ ≥ 0.
    """

    std: float

    @abstractmethod
    def log_prob(self, y: Tensor) -> Tensor:
        """Log p(y) in nats: shape (N, d) to (N,), differentiable."""

    @abstractmethod
    def posterior(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """E[x | y] and ∇ log p(y), eq. 1 and 2: shape (N, d) to two of (N, d)."""

    def score(self, y: Tensor) -> Tensor:
        """∇ log p(y): shape (N, d) to (N, d)."""
        return self.posterior(y)[1]

    def split(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """E[x | y] and E[ε | y]: shape (N, d) to two of (N, d)."""
        clean, score = self.posterior(y)
        return clean, -self.std * score


@dataclass(frozen=True, eq=False)
class NoisedGaussians(NoisedLaw):
    """Of a few Gaussians of any shape.

    Attributes:
        means: μₖ, shape (K, d).
        scales: Cholesky factors of Σₖ, shape (K, d, d).
        log_weights: shape (K,), their exponentials sum to 1.
        alpha: α.
        std: σ.
    """

    means: Tensor
    scales: Tensor
    log_weights: Tensor
    alpha: float
    std: float

    def log_prob(self, y: Tensor) -> Tensor:
        """By log-sum-exp, so that far tails keep their digits."""
        return self._parts(*self._along(y)).logsumexp(1)

    def posterior(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """In the principal axes of each Gaussian, which noise does not turn."""
        along, variance = self._along(y)
        axes, own = (part.to(y) for part in self._principal)
        shares, whitened = self._parts(along, variance).softmax(1), along / variance
        back = torch.einsum("nk,kij,nkj->ni", shares, axes, self.alpha * own * whitened)
        return shares @ self.means.to(y) + back, -torch.einsum("nk,kij,nkj->ni", shares, axes, whitened)

    @cached_property
    def _principal(self) -> tuple[Tensor, Tensor]:
        """Axes of each Gaussian as columns, shape (K, d, d), and its variances along them, shape (K, d)."""
        axes, lengths, _ = torch.linalg.svd(self.scales.double())
        return axes, lengths.square()

    def _along(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Places seen from each centre in its axes, shape (N, K, d), and the variances of y there, shape (K, d)."""
        axes, own = (part.to(y) for part in self._principal)
        along = torch.einsum("kij,nki->nkj", axes, y[:, None] - self.alpha * self.means.to(y))
        return along, self.alpha**2 * own + self.std**2

    def _parts(self, along: Tensor, variance: Tensor) -> Tensor:
        """Log of what each Gaussian adds to the density, shape (N, K)."""
        constant = variance.log().sum(1) + along.shape[2] * math.log(2 * math.pi)
        return self.log_weights.to(along) - 0.5 * ((along.square() / variance).sum(2) + constant)


@dataclass(frozen=True, eq=False)
class NoisedPoints(NoisedLaw):
    """Of points that are blurred alike, N(μₖ, τ²I): round Gaussians, the nodes of a quadrature, or a sample (τ = 0).

    Attributes:
        places: μₖ, shape (M, d).
        log_weights: shape (M,), their exponentials sum to 1.
        blur: τ.
        alpha: α.
        std: σ.
    """

    places: Tensor
    log_weights: Tensor
    blur: float
    alpha: float
    std: float

    def log_prob(self, y: Tensor) -> Tensor:
        """By log-sum-exp, so that far tails keep their digits."""
        constant = 0.5 * y.shape[1] * math.log(2 * math.pi * self._variance)
        return torch.cat([self._parts(piece).logsumexp(1) for piece in self._pieces(y)]) - constant

    def posterior(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """From the mean of all places as they share in y."""
        places = self.places.to(y)
        middle = torch.cat([self._parts(piece).softmax(1) @ places for piece in self._pieces(y)])
        whitened = (y - self.alpha * middle) / self._variance
        return middle + self.alpha * self.blur**2 * whitened, -whitened

    @property
    def _variance(self) -> float:
        return max(self.alpha**2 * self.blur**2 + self.std**2, LEAST_VARIANCE)

    def _pieces(self, y: Tensor) -> tuple[Tensor, ...]:
        return y.split(max(16, PIECE // len(self.places)))

    def _parts(self, y: Tensor) -> Tensor:
        """Log of what each point adds to the density but a constant, shape (N, M)."""
        # Not through a matrix product where that is no faster: float32 would lose the distances of near points.
        mode = "donot_use_mm_for_euclid_dist" if y.shape[1] <= FEW_DIMENSIONS else "use_mm_for_euclid_dist"
        distances = torch.cdist(y, self.alpha * self.places.to(y), compute_mode=mode)
        return self.log_weights.to(y) - 0.5 * (distances.square() / self._variance)


def noised_sample(x: Tensor, alpha: float, std: float) -> NoisedLaw:
    """The noised law of a finite sample, shape (n, d), each point of which has the same mass."""
    return NoisedPoints(x, torch.full((len(x),), -math.log(len(x))), 0.0, alpha, std)
