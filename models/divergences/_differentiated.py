"""f-divergences whose losses have their derivatives written out: a training step then needs no graph for them."""

from __future__ import annotations

from abc import abstractmethod

from torch import Tensor

from models.divergences._f_divergence import FDivergence


class Differentiated(FDivergence):
    """An f-divergence that knows the derivatives of T = g(v) and of f*(g(v)) in the critic's raw output v."""

    @abstractmethod
    def activation_slope(self, output: Tensor) -> Tensor:
        """Derivative of T in v, any shape; the caller may change it in place."""

    @abstractmethod
    def conjugate_slope(self, output: Tensor) -> Tensor:
        """Derivative of f*(g(v)) in v, any shape; the caller may change it in place."""

    def critic_slopes(self, real: Tensor, fake: Tensor) -> tuple[float, Tensor, Tensor]:
        """−g′(v)/N on data and (f*∘g)′(v)/N on samples."""
        loss = float(self.critic_loss(real, fake))
        return loss, self.activation_slope(real).mul_(-1 / len(real)), self.conjugate_slope(fake).mul_(1 / len(fake))

    def minimax_slopes(self, fake: Tensor, real: Tensor | None = None) -> tuple[float, Tensor]:
        """−(f*∘g)′(v)/N."""
        return float(self.minimax_loss(fake)), self.conjugate_slope(fake).mul_(-1 / len(fake))

    def non_saturating_slopes(self, fake: Tensor, real: Tensor | None = None) -> tuple[float, Tensor]:
        """−g′(v)/N."""
        return float(self.non_saturating_loss(fake)), self.activation_slope(fake).mul_(-1 / len(fake))


class Unfading(Differentiated):
    """One whose minimax gradient never fades while the critic wins: no other loss is needed for the generator."""

    def non_saturating_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """The minimax loss: −E_Q[T] would weigh single samples without measure."""
        return self.minimax_loss(fake)

    def non_saturating_slopes(self, fake: Tensor, real: Tensor | None = None) -> tuple[float, Tensor]:
        """The minimax slopes."""
        return self.minimax_slopes(fake)
