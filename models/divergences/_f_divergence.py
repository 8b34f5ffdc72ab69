"""f-divergences, and the supremum over critics that estimates them.

For f convex with f(1) = 0 and its conjugate f*(t) = sup_u (ut − f(u)),

    D_f(P ‖ Q) = E_Q[f(p/q)] = sup_T E_P[T(x)] − E_Q[f*(T(x̂))],   reached at T* = f′(p/q)      (1)

(Nguyen, Wainwright and Jordan 2010, IEEE TIT 56, lemma 1; Nowozin et al. 2016, arXiv:1606.00709, eq. 4-6). The critic's
raw output v, any number, is taken into the domain of f* by an activation: T = g(v). Losses are written in v, where
f*(g(v)) is a plain formula that does not overflow before T does.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import torch
from torch import Tensor

from models.divergences._base import CriticDivergence


class FDivergence(CriticDivergence):
    """D_f(P ‖ Q) = E_Q[f(p/q)].

    The generator's minimax loss is −E_Q[f*(T)]; the non-saturating one −E_Q[T], which has the same fixed points
    (Nowozin et al. 2016, arXiv:1606.00709, section 3.2).

    Attributes:
        scale: D in its usual normalisation is this times D_f.
    """

    group: ClassVar[str] = "f-divergences"
    capabilities: ClassVar[frozenset[str]] = frozenset({"critic"})
    scale: ClassVar[float] = 1.0

    @abstractmethod
    def f(self, u: Tensor) -> Tensor:
        """The generator function f at ratios u > 0, any shape."""

    @abstractmethod
    def derivative(self, log_ratio: Tensor) -> Tensor:
        """f′(u), which is T*, at log u."""

    @abstractmethod
    def conjugate(self, t: Tensor) -> Tensor:
        """f*(t) in its domain, any shape."""

    @abstractmethod
    def activation(self, output: Tensor) -> Tensor:
        """T = g(v): from any number into the domain of f*."""

    def conjugate_at(self, output: Tensor) -> Tensor:
        """f*(g(v)), written out where the two formulas together are simpler or safer than one after the other."""
        return self.conjugate(self.activation(output))

    def integrand(self, log_p: Tensor, log_q: Tensor) -> Tensor:
        """q·f(p/q), for sums over a grid; written out where f alone would overflow."""
        return log_q.exp() * self.f((log_p - log_q).exp())

    def critic_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """−E_P[T] + E_Q[f*(T)] (eq. 1 turned upside down)."""
        return self.conjugate_at(fake).mean() - self.activation(real).mean()

    def bound(self, critic_loss: float) -> float:
        """E_P[T] − E_Q[f*(T)] ≤ D_f, in the usual normalisation of D."""
        return -self.scale * critic_loss

    def minimax_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """−E_Q[f*(T)]."""
        return -self.conjugate_at(fake).mean()

    def non_saturating_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """−E_Q[T]."""
        return -self.activation(fake).mean()

    def statistic(self, output: Tensor) -> Tensor:
        """T = g(v)."""
        return self.activation(output)

    @property
    def threshold(self) -> float:
        """f′(1)."""
        return float(self.derivative(torch.zeros(())))

    def optimal(self, log_ratio: Tensor) -> Tensor:
        """T* = f′(p/q)."""
        return self.derivative(log_ratio)

    def exact(self, log_p: Tensor, log_q: Tensor, cell: float) -> float:
        """Σ q f(p/q) over the grid's cells; infinite where the sum is."""
        return self.scale * cell * float(self.integrand(log_p.double(), log_q.double()).sum())
