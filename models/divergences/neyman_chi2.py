"""Neyman's χ²: Pearson's with the two laws exchanged."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.divergences._base import DIVERGENCES
from models.divergences._differentiated import Unfading
from models.divergences._guarded import chi_square, guarded_exp, guarded_slope


@DIVERGENCES.register
class NeymanChi2(Unfading):
    """Mean square of q/p − 1 over data: it seeks modes even more narrowly than the reverse KL divergence.

    χ²(Q ‖ P) = ∫ (p − q)²/p. Samples where there are hardly any data count with the square of q/p; it is infinite, and
    the critic's loss has no floor, as soon as samples lie where data cannot. With T = 1 − e^(−v) the minimax slope
    grows as e^(−v/2) on samples that the critic rejects, so the generator needs no other loss, but training is rough.
    Exponents beyond 20 go on as tangents.

    Source: Nowozin et al. 2016, arXiv:1606.00709, Table 6; Neyman 1949, Berkeley Symposium.
    """

    title: ClassVar[str] = "Neyman χ²"
    source: ClassVar[str] = "Nowozin et al. 2016, arXiv:1606.00709, Table 6"
    formula: ClassVar[str] = r"\sup_{T < 1}\ E_x[T(x)] - E_{\hat x}[2 - 2\sqrt{1 - T(\hat x)}]"

    def f(self, u: Tensor) -> Tensor:
        """(1 − u)²/u."""
        return (1 - u).square() / u

    def derivative(self, log_ratio: Tensor) -> Tensor:
        """1 − 1/u²."""
        return -torch.expm1(-2 * log_ratio)

    def conjugate(self, t: Tensor) -> Tensor:
        """2 − 2√(1 − t), t < 1."""
        return 2 - 2 * (1 - t).sqrt()

    def activation(self, output: Tensor) -> Tensor:
        """T = 1 − e^(−v)."""
        return 1 - guarded_exp(-output)

    def conjugate_at(self, output: Tensor) -> Tensor:
        """2 − 2e^(−v/2)."""
        return 2 - 2 * guarded_exp(-output / 2)

    def activation_slope(self, output: Tensor) -> Tensor:
        """e^(−v)."""
        return guarded_slope(-output)

    def conjugate_slope(self, output: Tensor) -> Tensor:
        """e^(−v/2)."""
        return guarded_slope(-output / 2)

    def integrand(self, log_p: Tensor, log_q: Tensor) -> Tensor:
        """(p − q)²/p."""
        return chi_square(log_q, log_p)
