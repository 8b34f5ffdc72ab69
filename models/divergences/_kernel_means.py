"""Distances of the means that a kernel k gives to two samples: D = E k(x, x′) + E k(x̂, x̂′) − 2 E k(x, x̂).

The best critic is the difference of the means themselves, T*(y) = E k(x, y) − E k(x̂, y) (Gretton et al. 2012, JMLR 13,
section 2.3), and −½ the slope of D in the model's law.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import torch
from torch import Tensor

from models.divergences._base import SampleDivergence
from models.divergences._on_pictures import COARSE


class KernelMeans(SampleDivergence):
    """D by a kernel of the squared distance, estimated without bias (Gretton et al. 2012, JMLR 13, eq. 3)."""

    group: ClassVar[str] = "Integral probability metrics"
    capabilities: ClassVar[frozenset[str]] = frozenset({"kernel"})
    on_pictures: ClassVar[str] = COARSE

    @abstractmethod
    def values(self, squares: Tensor) -> Tensor:
        """The kernel k at squared distances, any shape, differentiable."""

    @abstractmethod
    def sums(self, squares: Tensor) -> tuple[float, Tensor]:
        """Σ k over all squared distances, and W = −2 dk/ds at each, in their shape."""

    def unit(self, d: int) -> float:
        """The distance in ℝᵈ that the kernel takes for 1."""
        return 1.0

    @property
    @abstractmethod
    def peak(self) -> float:
        """k(x, x)."""

    @property
    def least_batch(self) -> int:
        """Two: the estimate averages over pairs of different samples."""
        return 2

    def estimate(self, real: Tensor, fake: Tensor, chance: torch.Generator) -> Tensor:
        """The unbiased estimate: pairs of a sample with itself are left out, so it may fall a little below 0."""
        return self._within(real) + self._within(fake) - 2 * self.gram(real, fake).mean()

    def estimate_slopes(self, real: Tensor, fake: Tensor, chance: torch.Generator) -> tuple[float, Tensor]:
        """The estimate and ∂/∂x̂ⱼ, by ∂k(x, y)/∂y = W (x − y)."""
        n, m, unit = real.shape[0], fake.shape[0], self.unit(real.shape[1])
        real, fake = real / unit, fake / unit
        within_real, _ = self.sums(_own_squares(real))
        within_fake, pull_fake = self.sums(_own_squares(fake))
        across, pull_real = self.sums(_squares(real, fake))
        value = (within_real - n * self.peak) / (n * (n - 1)) + (within_fake - m * self.peak) / (m * (m - 1))
        pull_fake.fill_diagonal_(0)
        slope = _towards(fake, fake, pull_fake) * (2 / (m * (m - 1))) - _towards(real, fake, pull_real) * (2 / (n * m))
        return value - 2 * across / (n * m), slope.div_(unit)

    def gram(self, x: Tensor, y: Tensor) -> Tensor:
        """k(xᵢ, yⱼ), shape (N, d) and (M, d) to (N, M)."""
        return self.values(_squares(x, y) / self.unit(x.shape[1]) ** 2)

    def witness(self, points: Tensor, real: Tensor, fake: Tensor) -> Tensor:
        """The mean of k to the data less that to the samples."""
        return self.gram(points, real).mean(1) - self.gram(points, fake).mean(1)

    def _within(self, x: Tensor) -> Tensor:
        n = len(x)
        squares = _own_squares(x) / self.unit(x.shape[1]) ** 2
        return (self.values(squares).sum() - n * self.peak) / (n * (n - 1))


def _squares(x: Tensor, y: Tensor) -> Tensor:
    """‖xᵢ − yⱼ‖², shape (N, M); rounding must not make it negative."""
    return (x.square().sum(1)[:, None] + y.square().sum(1)[None] - 2 * x @ y.T).clamp_min(0)


def _own_squares(x: Tensor) -> Tensor:
    """‖xᵢ − xⱼ‖², shape (N, N); exactly 0 from a sample to itself."""
    return _squares(x, x).fill_diagonal_(0)


def _towards(x: Tensor, y: Tensor, w: Tensor) -> Tensor:
    """Σᵢ wᵢⱼ (xᵢ − yⱼ), shape (M, d)."""
    return w.T @ x - w.sum(0)[:, None] * y
