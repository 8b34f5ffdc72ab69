"""Maximum mean discrepancy: the distance of two means in a kernel's feature space."""

from __future__ import annotations

from typing import ClassVar

import torch
from pydantic import field_validator
from torch import Tensor

from models.divergences._base import DIVERGENCES, SampleDivergence
from models.registry import option


@DIVERGENCES.register
class Mmd(SampleDivergence):
    """Distance of the kernel means of P and Q, known in closed form from samples: no critic is trained.

    MMD² = E k(x, x′) + E k(x̂, x̂′) − 2 E k(x, x̂), with k a sum of Gaussians exp(−‖x − y‖² / 2h²). Small bandwidths h
    see detail but lose sight of samples that are far away; a sum over scales sees both.

    Source: Gretton et al. 2012, JMLR 13, eq. 3 (the unbiased estimate); as a generator's loss: Li et al. 2015,
    arXiv:1502.02761, eq. 4-5, and Dziugaite et al. 2015, arXiv:1505.03906.
    """

    title: ClassVar[str] = "MMD²"
    source: ClassVar[str] = "Gretton et al. 2012, JMLR 13, eq. 3; Li et al. 2015, arXiv:1502.02761"
    formula: ClassVar[str] = r"E\,k(x, x') + E\,k(\hat x, \hat x') - 2\,E\,k(x, \hat x)"
    capabilities: ClassVar[frozenset[str]] = frozenset({"kernel"})

    bandwidths: tuple[float, ...] = option(
        (0.05, 0.1, 0.2, 0.5, 1.0, 2.0), label="bandwidths", symbol="h", live=True,
        help="Standard deviations of the Gaussians that make up the kernel, data units.",
    )  # fmt: skip

    @field_validator("bandwidths")
    @classmethod
    def _positive(cls, bandwidths: tuple[float, ...]) -> tuple[float, ...]:
        if not bandwidths or min(bandwidths) <= 0:
            raise ValueError(f"bandwidths = {list(bandwidths)} must be one or more positive numbers")
        return bandwidths

    @property
    def least_batch(self) -> int:
        """Two: the estimate averages over pairs of different samples."""
        return 2

    def estimate(self, real: Tensor, fake: Tensor, chance: torch.Generator) -> Tensor:
        """The unbiased estimate (eq. 3): diagonals are left out, so it may fall a little below 0."""
        n, m = len(real), len(fake)
        within_real = (self.kernel(real, real).sum() - n * len(self.bandwidths)) / (n * (n - 1))
        within_fake = (self.kernel(fake, fake).sum() - m * len(self.bandwidths)) / (m * (m - 1))
        return within_real + within_fake - 2 * self.kernel(real, fake).mean()

    def estimate_slopes(self, real: Tensor, fake: Tensor, chance: torch.Generator) -> tuple[float, Tensor]:
        """The estimate and ∂/∂x̂ⱼ: with W = Σ_h k_h/h², ∂k(x, y)/∂y = W (x − y)."""
        n, m, diagonal = real.shape[0], fake.shape[0], len(self.bandwidths)
        within_real, _ = self._sums(real, real)
        within_fake, pull_fake = self._sums(fake, fake)
        across, pull_real = self._sums(real, fake)
        value = (within_real - n * diagonal) / (n * (n - 1)) + (within_fake - m * diagonal) / (m * (m - 1))
        slope = _towards(fake, fake, pull_fake) * (2 / (m * (m - 1))) - _towards(real, fake, pull_real) * (2 / (n * m))
        return value - 2 * across / (n * m), slope

    def _sums(self, x: Tensor, y: Tensor) -> tuple[float, Tensor]:
        """Σ k(xᵢ, yⱼ) over all pairs, and W, shape (N, M)."""
        squares = _squares(x, y)
        k, w, total = torch.empty_like(squares), torch.zeros_like(squares), squares.new_zeros(())
        for h in self.bandwidths:
            torch.mul(squares, -0.5 / h**2, out=k).exp_()
            total += k.sum()
            w.add_(k, alpha=1 / h**2)
        return float(total), w

    def kernel(self, x: Tensor, y: Tensor) -> Tensor:
        """Σ_h exp(−‖xᵢ − yⱼ‖² / 2h²), shape (N, d) and (M, d) to (N, M)."""
        squares = _squares(x, y)
        return torch.stack([(squares * (-0.5 / h**2)).exp() for h in self.bandwidths]).sum(0)


def _squares(x: Tensor, y: Tensor) -> Tensor:
    """‖xᵢ − yⱼ‖², shape (N, M); rounding must not make it negative."""
    return (x.square().sum(1)[:, None] + y.square().sum(1)[None] - 2 * x @ y.T).clamp_min(0)


def _towards(x: Tensor, y: Tensor, w: Tensor) -> Tensor:
    """Σᵢ wᵢⱼ (xᵢ − yⱼ), shape (M, d)."""
    return w.T @ x - w.sum(0)[:, None] * y
