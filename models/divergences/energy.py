"""The energy distance: mean distances between two samples against those within each."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from models.divergences._base import DIVERGENCES
from models.divergences._kernel_means import KernelMeans
from models.divergences._kernels import NEAREST
from models.registry import option


@DIVERGENCES.register
class Energy(KernelMeans):
    """Mean distance between data and samples, less those within each: data attract samples, samples repel each other.

    D = 2 E‖x − x̂‖^β − E‖x − x′‖^β − E‖x̂ − x̂′‖^β, 0 between equals only, for 0 < β < 2: an MMD² with the kernel
    −‖x − y‖^β. It has no scale to choose and pulls from any distance, so no sample stays behind; fine detail counts
    little. In one dimension and at β = 1 it is twice the Cramér distance ∫ (F_P − F_Q)². Gradients of batches are
    unbiased, unlike those of Wasserstein distances.

    Source: Székely and Rizzo 2013, J. Stat. Plan. Inference 143; Bellemare et al. 2017, arXiv:1705.10743, section 4.
    """

    title: ClassVar[str] = "Energy"
    source: ClassVar[str] = (
        "Székely and Rizzo 2013, J. Stat. Plan. Inference 143; Bellemare et al. 2017, arXiv:1705.10743"
    )
    formula: ClassVar[str] = (
        r"2\,E \Vert x - \hat x \Vert^\beta - E \Vert x - x' \Vert^\beta - E \Vert \hat x - \hat x' \Vert^\beta"
    )

    power: float = option(
        1.0, label="power", symbol="β", low=0.05, high=1.95, live=True,
        help="Of the distance: small powers see detail, large ones the means; at 2 only the means would count.",
    )  # fmt: skip

    @property
    def peak(self) -> float:
        """0."""
        return 0.0

    def values(self, squares: Tensor) -> Tensor:
        """−s^(β/2), 0 at 0."""
        return -(squares.clamp_min(NEAREST) ** (self.power / 2)) * (squares > 0)

    def sums(self, squares: Tensor) -> tuple[float, Tensor]:
        """−Σ s^(β/2) and βs^(β/2 − 1)."""
        w = squares.clamp_min(NEAREST).pow_(self.power / 2 - 1)
        return -float((w * squares).sum()), w.mul_(self.power)
