"""Maximum mean discrepancy: the distance of two means in a kernel's feature space."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import torch
from pydantic import field_validator
from torch import Tensor

from models.divergences._base import DIVERGENCES
from models.divergences._kernel_means import KernelMeans
from models.divergences._kernels import KERNELS
from models.registry import option


@DIVERGENCES.register
class Mmd(KernelMeans):
    """Distance of the kernel means of P and Q, known in closed form from samples: no critic is trained.

    MMD² = E k(x, x′) + E k(x̂, x̂′) − 2 E k(x, x̂), with k a sum over scales h. Small scales see detail but lose sight of
    samples that are far away, and those stay behind; a sum over scales sees both. Gaussians fade fastest with distance,
    Laplace kernels slower, rational quadratic and inverse multiquadric ones so slowly that nothing is lost from sight.

    Source: Gretton et al. 2012, JMLR 13, eq. 3 (the unbiased estimate); as a generator's loss: Li et al. 2015,
    arXiv:1502.02761, eq. 4-5, and Dziugaite et al. 2015, arXiv:1505.03906; heavy tails: Bińkowski et al. 2018,
    arXiv:1801.01401, section 2.1.
    """

    title: ClassVar[str] = "MMD²"
    source: ClassVar[str] = "Gretton et al. 2012, JMLR 13, eq. 3; Li et al. 2015, arXiv:1502.02761"
    formula: ClassVar[str] = r"E\,k(x, x') + E\,k(\hat x, \hat x') - 2\,E\,k(x, \hat x)"

    kernel: Literal["gaussian", "laplace", "rational_quadratic", "inverse_multiquadric"] = option(
        "gaussian", label="kernel", symbol="k", live=True,
        help="How likeness falls with distance: Gaussian fastest, inverse multiquadric slowest.",
    )  # fmt: skip
    bandwidths: tuple[float, ...] = option(
        (0.05, 0.1, 0.2, 0.5, 1.0, 2.0), label="bandwidths", symbol="h", live=True,
        help="Scales of the kernels that are summed, data units; above two dimensions times √(d/2), by which distances "
        "of samples grow.",
    )  # fmt: skip

    @field_validator("bandwidths")
    @classmethod
    def _positive(cls, bandwidths: tuple[float, ...]) -> tuple[float, ...]:
        if not bandwidths or min(bandwidths) <= 0:
            raise ValueError(f"bandwidths = {list(bandwidths)} must be one or more positive numbers")
        return bandwidths

    def unit(self, d: int) -> float:
        """√(d/2) above the plane: else pictures at first would be too far apart for any of the scales."""
        return math.sqrt(max(1.0, d / 2))

    @property
    def peak(self) -> float:
        """As many as there are bandwidths."""
        return len(self.bandwidths)

    def values(self, squares: Tensor) -> Tensor:
        """Σ_h k_h."""
        kernel = KERNELS[self.kernel]
        return torch.stack([kernel.value(squares, h) for h in self.bandwidths]).sum(0)

    def sums(self, squares: Tensor) -> tuple[float, Tensor]:
        """Σ_h Σ k_h and Σ_h −2 dk_h/ds."""
        kernel = KERNELS[self.kernel]
        k, w, total = torch.empty_like(squares), torch.zeros_like(squares), squares.new_zeros(())
        for h in self.bandwidths:
            kernel.write(squares, h, k)
            total += k.sum()
            kernel.pull(squares, k, h, w)
        return float(total), w
