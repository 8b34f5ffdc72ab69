"""Mixtures of Gaussians: the modes of a law, their density, and draws from them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

QUALITY_RADIUS: Final = 3.0
"""Mahalanobis distance within which a sample counts as high quality (Lin et al. 2018, PacGAN, section 4.1)."""


@dataclass(frozen=True, eq=False)
class Modes:
    """The named modes of a law: a Gaussian at each, or classes of real samples.

    Attributes:
        means: centre of each mode, shape (K, d), data units.
        scales: Cholesky factor of the covariance of each mode, shape (K, d, d), lower triangular, data units.
        weights: mass of each mode under P_X, shape (K,), sums to 1.
        names: what a person calls each mode, K of them.
    """

    means: Tensor
    scales: Tensor
    weights: Tensor
    names: tuple[str, ...]

    def distances(self, x: Tensor) -> Tensor:
        """Mahalanobis distance of every sample to every mode: shape (N, d) to (N, K)."""
        offsets = (x[:, None, :] - self.means.to(x)).transpose(0, 1).transpose(1, 2)
        return torch.linalg.solve_triangular(self.scales.to(x), offsets, upper=False).norm(dim=1).T

    def assign(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Nearest mode of every sample, and whether the sample is of high quality.

        Args:
            x: samples, shape (N, d).

        Returns:
            The index of the mode, shape (N,), int64; and whether it lies within ``QUALITY_RADIUS``, shape (N,), bool.
        """
        nearest, index = self.distances(x).min(dim=1)
        return index, nearest <= QUALITY_RADIUS


def mixture_log_prob(x: Tensor, modes: Modes) -> Tensor:
    """Log density of a mixture of Gaussians, log Σₖ wₖ N(x; μₖ, Σₖ), in nats: shape (N, d) to (N,).

    The weighted sum is taken with log-sum-exp, so far tails keep their digits.
    """
    d = x.shape[1]
    log_det = modes.scales.diagonal(dim1=1, dim2=2).log().sum(1).to(x)
    quadratic = modes.distances(x).square()
    parts = modes.weights.to(x).log() - log_det - 0.5 * (quadratic + d * math.log(2 * math.pi))
    return parts.logsumexp(dim=1)


def draw_mixture(modes: Modes, n: int, generator: torch.Generator) -> Tensor:
    """Draw from a mixture of Gaussians: a mode by its weight, then μₖ + Lₖ ε with ε ~ N(0, I). Shape (n, d)."""
    index = torch.multinomial(modes.weights, n, replacement=True, generator=generator)
    noise = torch.randn(n, modes.means.shape[1], generator=generator)
    if len(modes.means) and bool((modes.scales == modes.scales[0]).all()):
        return modes.means[index] + noise @ modes.scales[0].T
    return modes.means[index] + torch.einsum("nij,nj->ni", modes.scales[index], noise)


def round_modes(means: Tensor, std: float, weights: tuple[float, ...] = ()) -> Modes:
    """Modes with covariance σ² I around these centres, shape (K, d), numbered from 1; equal weights if none are given."""
    k, d = means.shape
    mass = torch.tensor(weights) if weights else torch.ones(k)
    names = tuple(str(number + 1) for number in range(k))
    return Modes(means, (std * torch.eye(d)).expand(k, d, d), mass / mass.sum(), names)


def check_weights(weights: tuple[float, ...], k: int) -> None:
    """Refuse weights that are not one non-negative number a mode, or that sum to zero.

    Raises:
        ValueError: saying how many are needed.
    """
    if weights and (len(weights) != k or min(weights) < 0 or sum(weights) <= 0):
        raise ValueError(f"weights = {list(weights)} must be {k} numbers, none negative and not all zero, or empty")
