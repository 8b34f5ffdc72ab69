"""What every divergence offers: the terms from which an objective computes D(P_X ‖ P_θ) out of samples."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, Final

import torch
from torch import Tensor

from models.architectures._network import SlopePenalty
from models.registry import Member, Registry


class Divergence(Member):
    """A distance D(P_X ‖ P_θ), zero if and only if the two are equal.

    Capabilities: ``critic`` (a supremum over critics, :class:`CriticDivergence`), ``kernel`` (closed form on samples,
    :class:`KernelDivergence`).
    """


class CriticDivergence(Divergence):
    """D(P ‖ Q) as a supremum over critics T, estimated by training one.

    Arguments named ``real`` and ``fake`` are the critic's raw outputs on data and on samples, shape (N, 1) each;
    losses are means, shape (), to be minimised.
    """

    @abstractmethod
    def critic_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """The loss that the critic descends: the variational bound, turned upside down, up to scale and constant."""

    def critic_slopes(self, real: Tensor, fake: Tensor) -> tuple[float, Tensor, Tensor]:
        """``critic_loss`` with its derivatives in ``real`` and in ``fake``, in their shapes.

        Autograd finds them; a divergence may write them out, which is faster, and a test holds the two equal.
        """
        return slopes(self.critic_loss, real, fake)

    @abstractmethod
    def bound(self, critic_loss: float) -> float:
        """The lower bound on D that a critic with this loss proves."""

    @abstractmethod
    def minimax_loss(self, fake: Tensor) -> Tensor:
        """The generator's loss in the minimax game: the part of −``critic_loss`` that it can change."""

    def non_saturating_loss(self, fake: Tensor) -> Tensor:
        """The generator's loss that keeps its gradient while the critic wins: minimax, where that never fades."""
        return self.minimax_loss(fake)

    def minimax_slopes(self, fake: Tensor) -> tuple[float, Tensor]:
        """``minimax_loss`` with its derivative in ``fake``, shape (N, 1), found or written out."""
        return slopes(self.minimax_loss, fake)

    def non_saturating_slopes(self, fake: Tensor) -> tuple[float, Tensor]:
        """``non_saturating_loss`` with its derivative in ``fake``, shape (N, 1)."""
        return slopes(self.non_saturating_loss, fake)

    def penalty(self, real: Tensor, fake: Tensor, mix: Tensor) -> SlopePenalty | None:
        """What is added to the critic's loss to keep T in the class that the supremum is over, or None.

        Args:
            real: data, shape (N, d).
            fake: samples, shape (N, d).
            mix: uniform on [0, 1], shape (N, 1), for penalties at points in between.
        """
        return None

    def constrain(self, theta: Tensor) -> None:
        """Force the critic's flat weights back into the class that the supremum is over, in place."""


class KernelDivergence(Divergence):
    """D(P ‖ Q) in closed form on two samples."""

    @abstractmethod
    def estimate(self, real: Tensor, fake: Tensor) -> Tensor:
        """An estimate of D, shape (N, d) and (M, d) to (), differentiable in both."""

    def estimate_slopes(self, real: Tensor, fake: Tensor) -> tuple[float, Tensor]:
        """``estimate`` with its derivative in ``fake``, shape (M, d); found or written out as a critic's slopes are."""
        return slopes(lambda x: self.estimate(real, x), fake)


def slopes(loss: Callable[..., Tensor], *outputs: Tensor) -> tuple[Any, ...]:
    """The value of a loss, a float, and its derivative in each of its arguments, in their shapes."""
    with torch.enable_grad():
        leaves = [output.detach().requires_grad_() for output in outputs]
        value = loss(*leaves)
        gradients = torch.autograd.grad(value, leaves)
    return (float(value.detach()), *gradients)


DIVERGENCES: Final[Registry[Divergence]] = Registry("divergences", Divergence)
