"""Mixtures of Gaussians: the modes of a law, their density, and draws from them."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final

import torch
from torch import Tensor

from models.data._base import Law
from models.data._modes import NamedModes
from models.data._noised import NoisedGaussians, NoisedLaw, NoisedPoints
from models.registry import RecipeError

QUALITY_RADIUS: Final = 3.0
"""Mahalanobis distance within which a sample counts as high quality (Lin et al. 2018, PacGAN, section 4.1)."""


@dataclass(frozen=True, eq=False)
class Modes:
    """The Gaussian modes of a mixture.

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

    @property
    def radii(self) -> Tensor:
        """``QUALITY_RADIUS`` standard deviations along the widest direction of each mode, shape (K,), data units."""
        return QUALITY_RADIUS * torch.linalg.matrix_norm(self.scales, ord=2)

    @cached_property
    def common_std(self) -> float | None:
        """Standard deviation σ if every mode has the covariance σ² I, else None."""
        std = self.scales[0, 0, 0]
        round_scale = std * torch.eye(self.means.shape[1]).expand_as(self.scales)
        return float(std) if torch.equal(self.scales, round_scale) else None

    @cached_property
    def is_balanced(self) -> bool:
        """Whether all modes have the same mass."""
        return bool((self.weights == self.weights[0]).all())

    def distances(self, x: Tensor) -> Tensor:
        """Mahalanobis distance of every sample to every mode: shape (N, d) to (N, K)."""
        means = self.means.to(x)
        if self.common_std is not None:
            # Not through a matrix product: float32 would lose the small distances that decide the quality.
            return torch.cdist(x, means, compute_mode="donot_use_mm_for_euclid_dist") / self.common_std
        offsets = (x[:, None, :] - means).permute(1, 2, 0)
        return torch.linalg.solve_triangular(self.scales.to(x), offsets, upper=False).norm(dim=1).T

    def assign(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Nearest mode by Mahalanobis distance, and whether it lies within ``QUALITY_RADIUS``."""
        nearest, index = self.distances(x).min(dim=1)
        return index, nearest <= QUALITY_RADIUS

    def log_prob(self, x: Tensor) -> Tensor:
        """Log density of the mixture, log Σₖ wₖ N(x; μₖ, Σₖ), in nats: shape (N, d) to (N,).

        The weighted sum is taken with log-sum-exp, so far tails keep their digits.
        """
        d = x.shape[1]
        log_det = self.scales.diagonal(dim1=1, dim2=2).to(x).log().sum(1)
        quadratic = self.distances(x).square()
        parts = self.weights.to(x).log() - log_det - 0.5 * (quadratic + d * math.log(2 * math.pi))
        return parts.logsumexp(dim=1)

    def noised(self, alpha: float, std: float) -> NoisedLaw:
        """The mixture of N(αμₖ, α²Σₖ + σ²I)."""
        log_weights = self.weights.double().log()
        if self.common_std is not None:
            return NoisedPoints(self.means, log_weights, self.common_std, alpha, std)
        return NoisedGaussians(self.means, self.scales, log_weights, alpha, std)

    def only(self, index: int) -> Modes:
        """One of them alone."""
        one = slice(index, index + 1)
        return Modes(self.means[one], self.scales[one], torch.ones(1), self.names[one])

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw from the mixture: a mode by its weight, then μₖ + Lₖ ε with ε ~ N(0, I). Shape (n, d)."""
        return self.draw_told(n, generator)[0]

    def draw_told(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The same draws, and the mode of each, shape (n,), int64."""
        index = self._draw_index(n, generator)
        centres = self.means.index_select(0, index)
        noise = torch.randn(n, self.means.shape[1], generator=generator)
        if self.common_std is not None:
            return centres.add_(noise, alpha=self.common_std), index
        return centres + torch.bmm(self.scales.index_select(0, index), noise[:, :, None]).squeeze(2), index

    def _draw_index(self, n: int, generator: torch.Generator) -> Tensor:
        if self.is_balanced:
            return torch.randint(len(self.weights), (n,), generator=generator)
        return torch.multinomial(self.weights, n, replacement=True, generator=generator)


class Mixture(Law):
    """A law that is a mixture of Gaussians: its draws, density and modes all follow from its ``Modes``."""

    group: ClassVar[str] = "Gaussian mixtures"

    capabilities: ClassVar[frozenset[str]] = frozenset(
        {"sample", "log_prob", "everywhere", "modes", "classes", "noised"}
    )

    @abstractmethod
    def _gaussians(self) -> Modes:
        """The Gaussians that these options ask for."""

    @cached_property
    def _modes(self) -> Modes:
        return self._gaussians()

    @property
    def dimension(self) -> int:
        """As many numbers as a centre has."""
        return self._modes.means.shape[1]

    def named_modes(self) -> NamedModes:
        """The Gaussians, numbered from 1."""
        return self._modes

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw from the mixture, shape (n, d)."""
        return self._modes.draw(n, generator)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Those of the modes: each Gaussian is a class."""
        return self._modes.names

    @property
    def class_shares(self) -> Tensor:
        """The weights of the mixture."""
        return self._modes.weights

    def draw_told(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw from the mixture, and tell the Gaussian of each sample."""
        return self._modes.draw_told(n, generator)

    def log_prob(self, x: Tensor) -> Tensor:
        """Log density of the mixture in nats, shape (N,)."""
        return self._modes.log_prob(x)

    def noised(self, alpha: float, std: float, label: int | None = None) -> NoisedLaw:
        """Each Gaussian with its centre and width scaled and the noise added."""
        return (self._modes if label is None else self._modes.only(label)).noised(alpha, std)


def modes_of(means: Tensor, scales: Tensor, weights: Sequence[float] = ()) -> Modes:
    """Modes numbered from 1, with relative masses brought to sum 1; equal ones if none are given."""
    mass = torch.tensor(weights, dtype=torch.float64) if weights else torch.ones(len(means), dtype=torch.float64)
    names = tuple(str(number + 1) for number in range(len(means)))
    return Modes(means.float(), scales.float(), (mass / mass.sum()).float(), names)


def round_modes(means: Tensor, std: float, weights: Sequence[float] = ()) -> Modes:
    """Modes with covariance σ² I around these centres, shape (K, d); equal weights if none are given."""
    k, d = means.shape
    return modes_of(means, (std * torch.eye(d)).expand(k, d, d), weights)


def check_weights(weights: Sequence[float], k: int) -> None:
    """Refuse weights that are not one non-negative number a mode, or that sum to zero.

    Raises:
        RecipeError: saying how many are needed.
    """
    if weights and (len(weights) != k or min(weights) < 0 or sum(weights) <= 0):
        problem = f"{list(weights)} must be {k} numbers, none negative and not all zero, or empty for equal ones"
        raise RecipeError("weights", problem)
