"""Pearson's χ²: the mean square of the relative error of Q, weighed by Q."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.divergences._base import DIVERGENCES
from models.divergences._differentiated import Differentiated
from models.divergences._guarded import chi_square


@DIVERGENCES.register
class PearsonChi2(Differentiated):
    """Mean square of p/q − 1: it covers modes even more eagerly than the KL divergence.

    χ²(P ‖ Q) = ∫ (p − q)²/q. Places that Q hardly reaches count with the square of the ratio, so Q grows wide, and the
    bound rests on few samples. A ratio is never negative, so f*(t) = −1 for t < −2 and not the parabola t²/4 + t that
    tables print; the exact one is taken. There the minimax generator has no gradient; the non-saturating one has.

    Source: Nowozin et al. 2016, arXiv:1606.00709, Tables 1 and 6; Pearson 1900, Phil. Mag. 50.
    """

    title: ClassVar[str] = "Pearson χ²"
    source: ClassVar[str] = "Nowozin et al. 2016, arXiv:1606.00709, Tables 1 and 6"
    formula: ClassVar[str] = r"\sup_T\ E_x[T(x)] - E_{\hat x}[\frac{1}{4} T(\hat x)^2 + T(\hat x)]"

    def f(self, u: Tensor) -> Tensor:
        """(u − 1)²."""
        return (u - 1).square()

    def derivative(self, log_ratio: Tensor) -> Tensor:
        """2(u − 1)."""
        return 2 * torch.expm1(log_ratio)

    def conjugate(self, t: Tensor) -> Tensor:
        """t²/4 + t, and −1 for t < −2."""
        t = t.clamp_min(-2)
        return t * (t / 4 + 1)

    def activation(self, output: Tensor) -> Tensor:
        """T = v."""
        return output

    def activation_slope(self, output: Tensor) -> Tensor:
        """1."""
        return torch.ones_like(output)

    def conjugate_slope(self, output: Tensor) -> Tensor:
        """The slope v/2 + 1, at least 0."""
        return (output / 2).add_(1).clamp_min_(0)

    def integrand(self, log_p: Tensor, log_q: Tensor) -> Tensor:
        """(p − q)²/q."""
        return chi_square(log_p, log_q)
