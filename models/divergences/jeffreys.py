"""Jeffreys' divergence: both KL divergences together."""

from __future__ import annotations

from typing import ClassVar, Final

import torch
from torch import Tensor

from models.divergences._base import DIVERGENCES
from models.divergences._differentiated import Differentiated
from models.divergences._guarded import LIMIT, relative_entropy

REFINEMENTS: Final = 3
"""Of the root below; each gives about four times as many digits, and the start has one."""


@DIVERGENCES.register
class Jeffreys(Differentiated):
    """KL plus reverse KL: it punishes missed modes and filled gaps alike.

    J(P, Q) = ∫ (p − q) log p/q, symmetric, infinite as soon as either law reaches where the other cannot. The conjugate
    f*(t) = w + 1/w + t − 2 needs the root of w + log w = 1 − t, which is w = W(e^(1−t)) with Lambert's W, and w is the
    ratio q/p that the critic believes in. For t > 21 it goes on as its tangent. The minimax slope −1/w fades only as
    1/|t| on rejected samples.

    Source: Nowozin et al. 2016, arXiv:1606.00709, Tables 1 and 6; Jeffreys 1946, Proc. R. Soc. A 186; the root:
    Fritsch, Shafer and Crowley 1973, Commun. ACM 16, algorithm 443.
    """

    title: ClassVar[str] = "Jeffreys"
    source: ClassVar[str] = "Nowozin et al. 2016, arXiv:1606.00709, Tables 1 and 6"
    formula: ClassVar[str] = (
        r"\sup_T\ E_x[T(x)] - E_{\hat x}[w + \frac{1}{w} + T(\hat x) - 2],\quad w = W(e^{1 - T(\hat x)})"
    )

    def f(self, u: Tensor) -> Tensor:
        """(u − 1) log u."""
        return (u - 1) * u.log()

    def derivative(self, log_ratio: Tensor) -> Tensor:
        """1 + log u − 1/u."""
        return log_ratio - torch.expm1(-log_ratio)

    def conjugate(self, t: Tensor) -> Tensor:
        """f*(t) = w + 1/w + t − 2 with w = W(e^(1−t))."""
        x = (1 - t.detach()).clamp_min(-LIMIT)
        w = _root(x)
        # The last term is 0 up to the guard; it carries the derivative, 1/w by the envelope theorem, and the tangent.
        return w + 1 / w - x - 1 + (t - 1 + x) / w

    def activation(self, output: Tensor) -> Tensor:
        """T = v."""
        return output

    def activation_slope(self, output: Tensor) -> Tensor:
        """1."""
        return torch.ones_like(output)

    def conjugate_slope(self, output: Tensor) -> Tensor:
        """1/w."""
        return _root((1 - output).clamp_min(-LIMIT)).reciprocal_()

    def integrand(self, log_p: Tensor, log_q: Tensor) -> Tensor:
        """(p − q) log p/q."""
        return relative_entropy(log_p, log_q) + relative_entropy(log_q, log_p)


def _root(x: Tensor) -> Tensor:
    """The w > 0 with w + log w = x, any shape."""
    w = torch.where(x < 1, (x - x.exp().clamp_max(1.0) * 0.4).exp(), x - x.clamp_min(1.0).log() * 0.8)
    for _ in range(REFINEMENTS):
        rest = x - w - w.log()
        base = 2 * (1 + w) * (1 + w + 2 / 3 * rest)
        w = w * (1 + rest / (1 + w) * (base - rest) / (base - 2 * rest))
    return w
