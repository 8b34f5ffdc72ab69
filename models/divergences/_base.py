"""What every divergence offers: the terms from which an objective computes D(P_X ‖ P_θ) out of samples."""

from __future__ import annotations

from abc import abstractmethod
from typing import Final

from torch import Tensor, nn

from models.registry import Member, Registry


class Divergence(Member):
    """A distance D(P_X ‖ P_θ), zero if and only if the two are equal.

    Capabilities: ``critic`` (a supremum over critics, :class:`CriticDivergence`), ``kernel`` (closed form on samples,
    :class:`KernelDivergence`).
    """

    def needs_bounded_samples(self) -> bool:
        """Whether samples must lie in a bounded set for D to be finite."""
        return False


class CriticDivergence(Divergence):
    """D(P ‖ Q) = sup over T of E_P[a(T)] − E_Q[b(T)] (up to a constant): estimated by training a critic T.

    All arguments are raw outputs of the critic, shape (N, 1); all losses are means, shape (), to be minimised.
    """

    @abstractmethod
    def bound(self, real: Tensor, fake: Tensor) -> Tensor:
        """The variational lower bound on D that the critic climbs and the minimax generator descends, shape ()."""

    @abstractmethod
    def generator_loss(self, fake: Tensor) -> Tensor:
        """The part of ``bound`` that the generator can change, shape ()."""

    def non_saturating_loss(self, fake: Tensor) -> Tensor:
        """The generator's heuristic loss with the same fixed points and larger gradients early on, shape ()."""
        return self.generator_loss(fake)

    def critic_penalty(self, critic: nn.Module, real: Tensor, fake: Tensor, mix: Tensor) -> Tensor | None:
        """A penalty on the critic that keeps it in the class the supremum is over, shape (), or None.

        Args:
            critic: differentiable twice.
            real: data, shape (N, d).
            fake: samples, shape (N, d).
            mix: uniform on [0, 1], shape (N, 1), where the penalty needs random points in between.
        """
        return None

    def constrain(self, theta: Tensor) -> None:
        """Force the critic's flat weights back into the class that the supremum is over, in place."""


class KernelDivergence(Divergence):
    """D(P ‖ Q) in closed form on two samples."""

    @abstractmethod
    def estimate(self, real: Tensor, fake: Tensor) -> Tensor:
        """An estimate of D from samples, shape (N, d) and (M, d) to (), differentiable in both."""


DIVERGENCES: Final[Registry[Divergence]] = Registry("divergences", Divergence)
