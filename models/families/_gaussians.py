"""Weighted Gaussians: their density, how their covariances are written as free numbers, and the two steps of EM."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor

MARGIN: Final = 1e-4
"""A variance that EM has brought down to the floor stays above it by this share: its logarithm must be finite."""

EMPTY: Final = 1e-8
"""A component that answers for less than this part of one sample has nothing to be fitted to, and stays as it is."""

LEAST_WEIGHT: Final = 1e-12
"""No component is given less mass: the logarithm of its weight must be finite."""

AT_ONCE: Final = 2**22
"""Numbers that the steps of EM keep at once: beyond, samples are taken in parts."""


@dataclass(frozen=True, eq=False)
class Gaussians:
    """The mixture Σₖ wₖ N(x; μₖ, Lₖ Lₖᵀ).

    Attributes:
        log_weights: log wₖ, shape (K,).
        means: μₖ, shape (K, d).
        scales: Cholesky factors Lₖ, shape (K, d, d), lower triangular.
    """

    log_weights: Tensor
    means: Tensor
    scales: Tensor

    def log_parts(self, u: Tensor) -> Tensor:
        """Log wₖ + log N(u; μₖ, Σₖ) in nats: shape (N, d) to (N, K)."""
        offsets = (u[:, None] - self.means).permute(1, 2, 0)
        white = torch.linalg.solve_triangular(self.scales, offsets, upper=False)
        log_det = self.scales.diagonal(dim1=1, dim2=2).log().sum(1)
        heights = self.log_weights - log_det - 0.5 * u.shape[1] * math.log(2 * math.pi)
        return heights - 0.5 * white.square().sum(1).T

    def log_density(self, u: Tensor) -> Tensor:
        """Log of the mixture in nats: shape (N, d) to (N,); with log-sum-exp, so that far tails keep their digits."""
        return self.log_parts(u).logsumexp(1)

    def place(self, noise: Tensor, component: Tensor) -> Tensor:
        """μₖ + Lₖ ε for noise ε, shape (N, d), each with its own k, shape (N,): shape (N, d)."""
        u = torch.empty_like(noise)
        for k in component.unique().tolist():
            chosen = component == k
            u[chosen] = self.means[k] + noise[chosen] @ self.scales[k].T
        return u

    def place_all(self, noise: Tensor) -> Tensor:
        """μₖ + Lₖ ε for every noise, shape (N, d), and every k: shape (K N, d), component by component."""
        return (self.means[:, None] + noise @ self.scales.mT).flatten(0, 1)


@dataclass(frozen=True, eq=False)
class Fit:
    """What components are to become.

    Attributes:
        weights: shape (K,), sum 1, none of them 0.
        means: shape (K, d).
        covariances: shape (K, d, d).
        alive: which of them answer for anything, shape (K,); means and covariances of the others say nothing.
    """

    weights: Tensor
    means: Tensor
    covariances: Tensor
    alive: Tensor


class Moments:
    """What samples say of each component, by how much it answers for each of them: rᵢₖ, with Σₖ rᵢₖ = 1.

    Attributes:
        about: points about which moments are taken, shape (K, d).
        mass: Nₖ = Σᵢ rᵢₖ, shape (K,).
        first: Σᵢ rᵢₖ (xᵢ − aₖ), shape (K, d).
        second: Σᵢ rᵢₖ (xᵢ − aₖ)(xᵢ − aₖ)ᵀ, shape (K, d, d).
    """

    def __init__(self, about: Tensor) -> None:
        k, d = about.shape
        self.about = about
        self.mass, self.first, self.second = about.new_zeros(k), about.new_zeros(k, d), about.new_zeros(k, d, d)

    def add(self, share: Tensor, x: Tensor) -> None:
        """Count samples in, shape (n, d), by their shares rᵢₖ, shape (K, n)."""
        offsets = x - self.about[:, None]
        weighted = share[:, :, None] * offsets
        self.mass += share.sum(1)
        self.first += weighted.sum(1)
        self.second += weighted.mT @ offsets

    def fit(self) -> Fit:
        """The M step: weights, means and covariances that maximise Σᵢ Σₖ rᵢₖ log wₖ N(xᵢ; μₖ, Σₖ).

        Source: Bishop 2006, Pattern Recognition and Machine Learning, eqs. 9.24 to 9.27.
        """
        shares = (self.mass / self.mass.sum()).clamp_min(LEAST_WEIGHT)
        mass = self.mass.clamp_min(EMPTY)
        shift = self.first / mass[:, None]
        # About a point near the mean first and then moved: one pass over the samples, no difference of large squares.
        covariances = self.second / mass[:, None, None] - shift[:, :, None] * shift[:, None, :]
        return Fit(shares / shares.sum(), self.about + shift, covariances, self.mass > EMPTY)


def expect(mixture: Gaussians, x: Tensor) -> tuple[Moments, float]:
    """The E step: moments of samples, shape (n, d), by rᵢₖ = wₖ N(xᵢ; μₖ, Σₖ) / p(xᵢ), and the mean of log p(xᵢ).

    Source: Bishop 2006, Pattern Recognition and Machine Learning, eq. 9.23.
    """
    moments, total = Moments(mixture.means), 0.0
    for part in x.split(max(1, AT_ONCE // mixture.means.numel())):
        parts = mixture.log_parts(part)
        log_density = parts.logsumexp(1, keepdim=True)
        moments.add((parts - log_density).exp().T, part)
        total += float(log_density.sum())
    return moments, total / len(x)


class Covariance(ABC):
    """A shape of covariances, as free numbers that may be anything: log standard deviations, and what ties them.

    The diagonal of the Cholesky factor is √(f² + e^(2ℓ)) with the floor f, smooth in its free number ℓ.
    """

    @abstractmethod
    def numbers(self, d: int) -> int:
        """How many free numbers one covariance has over ℝᵈ."""

    @abstractmethod
    def scales(self, free: Tensor, d: int, floor: float) -> Tensor:
        """The Cholesky factors: shape (K, numbers) to (K, d, d)."""

    @abstractmethod
    def fit(self, covariances: Tensor, floor: float) -> Tensor:
        """The free numbers that maximise the likelihood of samples with these covariances, shape (K, d, d).

        Among all covariances of this shape with no variance below the floor: (K, numbers).
        """


class Spherical(Covariance):
    """σ² I: one number."""

    def numbers(self, d: int) -> int:
        """One."""
        return 1

    def scales(self, free: Tensor, d: int, floor: float) -> Tensor:
        """σ I."""
        return torch.diag_embed(_std(free, floor).expand(-1, d))

    def fit(self, covariances: Tensor, floor: float) -> Tensor:
        """The mean of the variances."""
        return _log_std(_variances(covariances).mean(1, keepdim=True), floor)


class Diagonal(Covariance):
    """A variance for each coordinate."""

    def numbers(self, d: int) -> int:
        """One a coordinate."""
        return d

    def scales(self, free: Tensor, d: int, floor: float) -> Tensor:
        """diag(σ)."""
        return torch.diag_embed(_std(free, floor))

    def fit(self, covariances: Tensor, floor: float) -> Tensor:
        """The variances."""
        return _log_std(_variances(covariances), floor)


class Full(Covariance):
    """Any covariance: L = diag(σ) (I + A) with A strictly lower triangular, so that A has no unit."""

    def numbers(self, d: int) -> int:
        """As many for σ, then A row by row."""
        return d * (d + 1) // 2

    def scales(self, free: Tensor, d: int, floor: float) -> Tensor:
        """diag(σ) (I + A)."""
        rows, columns = torch.tril_indices(d, d, -1, device=free.device)
        ties = torch.diag_embed(torch.ones_like(free[:, :d]))
        ties = ties.index_put((torch.arange(len(free), device=free.device)[:, None], rows, columns), free[:, d:])
        return _std(free[:, :d], floor)[:, :, None] * ties

    def fit(self, covariances: Tensor, floor: float) -> Tensor:
        """The covariances, with eigenvalues below the least variance raised to it."""
        scales = torch.linalg.cholesky(_raised(covariances, least_variance(floor)))
        stds = scales.diagonal(dim1=1, dim2=2)
        rows, columns = torch.tril_indices(scales.shape[1], scales.shape[1], -1)
        return torch.cat([_log_std(stds.square(), floor), (scales / stds[:, :, None])[:, rows, columns]], 1)


COVARIANCES: Final[Mapping[str, Covariance]] = MappingProxyType(
    {"full": Full(), "diagonal": Diagonal(), "spherical": Spherical()}
)


def least_variance(floor: float) -> float:
    """The least variance that ``Covariance.fit`` gives for a floor of the standard deviation."""
    return floor**2 * (1 + MARGIN)


def _std(log_std: Tensor, floor: float) -> Tensor:
    return (floor**2 + (2 * log_std).exp()).sqrt()


def _log_std(variance: Tensor, floor: float) -> Tensor:
    """ℓ of √(f² + e^(2ℓ)) for a variance."""
    return 0.5 * (variance.clamp_min(least_variance(floor)) - floor**2).log()


def _variances(covariances: Tensor) -> Tensor:
    return covariances.diagonal(dim1=1, dim2=2)


def _raised(covariances: Tensor, least: float) -> Tensor:
    symmetric = (covariances + covariances.mT) / 2
    values, vectors = torch.linalg.eigh(symmetric)
    raised = (vectors * values.clamp_min(least)[:, None]) @ vectors.mT
    is_low = values[:, 0] < least  # the others keep every digit
    return torch.where(is_low[:, None, None], raised, symmetric)
