"""The α family, which runs from the reverse KL divergence (α = 0) through Hellinger (½) to KL (1) and χ² (2)."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.divergences._base import DIVERGENCES
from models.divergences._differentiated import Differentiated
from models.divergences._guarded import guarded_exp, guarded_slope, relative_entropy
from models.registry import option


@DIVERGENCES.register
class Alpha(Differentiated):
    """One knob from seeking modes to covering them.

    f(u) = (u^α − αu + α − 1)/(α(α − 1)): α = −1 is half of Neyman's χ², 0 the reverse KL, ½ twice the squared Hellinger
    distance, 1 the KL, 2 half of Pearson's χ². Small α drops modes rather than fill gaps; large α fills gaps rather
    than drop modes, and its critic rests on fewer samples. The critic's output v is the log ratio:
    T = (e^((α−1)v) − 1)/(α − 1) and f*(T) = (e^(αv) − 1)/α, with their limits at 1 and 0. The minimax slope −e^(αv)
    fades for α > 0 as the critic wins; then the non-saturating loss is −E_Q[v]. Exponents beyond 20 go on as tangents.

    Source: Cressie and Read 1984, J. R. Stat. Soc. B 46, eq. 1.1 (their λ is α − 1); Amari 2009, IEEE TIT 55;
    Minka 2005, Divergence measures and message passing, section 2.
    """

    title: ClassVar[str] = "α family"
    source: ClassVar[str] = "Cressie and Read 1984, J. R. Stat. Soc. B 46; Minka 2005, section 2"
    formula: ClassVar[str] = r"\frac{1}{\alpha(\alpha - 1)} \left( \int p^\alpha q^{1 - \alpha} - 1 \right)"

    alpha: float = option(
        0.5, label="order", symbol="α", low=-1.0, high=2.0, live=True,
        help="−1 Neyman χ², 0 reverse KL, ½ Hellinger, 1 KL, 2 Pearson χ².",
    )  # fmt: skip

    def f(self, u: Tensor) -> Tensor:
        """(u^α − αu + α − 1)/(α(α − 1)), u log u − u + 1 at α = 1."""
        if self.alpha == 1:
            return torch.xlogy(u, u) - u + 1
        return (_power(self.alpha, u.log()) - (u - 1)) / (self.alpha - 1)

    def derivative(self, log_ratio: Tensor) -> Tensor:
        """(u^(α−1) − 1)/(α − 1), log u at α = 1."""
        a = self.alpha - 1
        return torch.expm1(a * log_ratio) / a if a else log_ratio

    def conjugate(self, t: Tensor) -> Tensor:
        """((1 + (α−1)t)^(α/(α−1)) − 1)/α; where the base is negative, which needs α > 1, −1/α as at 0."""
        a = self.alpha - 1
        log_ratio = torch.log1p((a * t).clamp_min(-1)) / a if a else t
        return _power(self.alpha, log_ratio)

    def activation(self, output: Tensor) -> Tensor:
        """T = (e^((α−1)v) − 1)/(α − 1)."""
        return _power(self.alpha - 1, output)

    def conjugate_at(self, output: Tensor) -> Tensor:
        """(e^(αv) − 1)/α."""
        return _power(self.alpha, output)

    def activation_slope(self, output: Tensor) -> Tensor:
        """e^((α−1)v)."""
        return guarded_slope((self.alpha - 1) * output)

    def conjugate_slope(self, output: Tensor) -> Tensor:
        """e^(αv)."""
        return guarded_slope(self.alpha * output)

    def non_saturating_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """−E_Q[v], or the minimax loss where α ≤ 0 and that never fades; both are the same at 0."""
        return -_power(min(self.alpha, 0.0), fake).mean()

    def non_saturating_slopes(self, fake: Tensor, real: Tensor | None = None) -> tuple[float, Tensor]:
        """−e^(min(α, 0) v)/N."""
        slope = guarded_slope(min(self.alpha, 0.0) * fake)
        return float(self.non_saturating_loss(fake)), slope.mul_(-1 / len(fake))

    def integrand(self, log_p: Tensor, log_q: Tensor) -> Tensor:
        """(p^α q^(1−α) − αp + (α − 1)q)/(α(α − 1)), and its limits at 0 and 1."""
        a, p, q = self.alpha, log_p.exp(), log_q.exp()
        if a in (0.0, 1.0):
            return relative_entropy(*((log_p, log_q) if a else (log_q, log_p))) + (q - p if a else p - q)
        nowhere = (log_p == -torch.inf) & (log_q == -torch.inf)
        mixed = torch.where(nowhere, 0.0, (a * log_p + (1 - a) * log_q).exp())
        return (mixed - a * p + (a - 1) * q) / (a * (a - 1))


def _power(a: float, x: Tensor) -> Tensor:
    """(e^(ax) − 1)/a, x at a = 0; exact for small a, tangent beyond the guard."""
    if a == 0:
        return x
    small = torch.expm1((a * x).clamp_max(1.0)) / a
    return torch.where(a * x <= 1.0, small, (guarded_exp(a * x) - 1) / a)
