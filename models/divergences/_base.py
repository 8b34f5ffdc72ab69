"""What every divergence offers: the terms from which an objective computes D(P_X ‖ P_θ) out of samples."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Final

import torch
from torch import Tensor

from models.architectures._network import SlopePenalty
from models.registry import Member, Registry


class Divergence(Member):
    """A distance D(P_X ‖ P_θ), zero if and only if the two are equal.

    Capabilities: ``critic`` (a supremum over critics, :class:`CriticDivergence`); ``kernel`` or ``transport`` (computed
    outright on two samples, :class:`SampleDivergence`, by a kernel or by a coupling); ``likelihood`` (up to a constant
    it is the mean log density of a model at data); ``known_density`` (E over a model's samples of a function of both
    known densities).

    All divergences stand in for one another in mid-run, as far as the objective can estimate them: none of them decides
    the shape of a network.

    Attributes:
        on_pictures: what becomes of pictures that are learnt by it, one sentence, where that is not what is hoped for.
    """

    swaps: ClassVar[str] = "divergence"
    on_pictures: ClassVar[str] = ""

    @classmethod
    def explanation(cls) -> str:
        """What to expect of it on pictures."""
        return cls.on_pictures

    def witness(self, points: Tensor, real: Tensor, fake: Tensor) -> Tensor | None:
        """The best critic T* where it has a closed form on samples, or None.

        Args:
            points: where, shape (N, d).
            real: data, shape (M, d).
            fake: samples, shape (K, d).

        Returns:
            T* at the points, shape (N,), up to a constant where the supremum leaves it free.
        """
        return None


class CriticDivergence(Divergence):
    """D(P ‖ Q) as a supremum over critics T, estimated by training one.

    Arguments named ``real`` and ``fake`` are the critic's raw outputs on data and on samples, shape (N, 1) each;
    losses are means, shape (), to be minimised.

    Attributes:
        paired: the generator's loss compares the outputs on samples with those on as many data.
    """

    paired: ClassVar[bool] = False

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
    def minimax_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """The generator's loss in the minimax game: the part of −``critic_loss`` that it can change.

        ``real`` is given, and is constant for the generator, where the divergence is ``paired``.
        """

    def non_saturating_loss(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        """The generator's loss that keeps its gradient while the critic wins: minimax, where that never fades."""
        return self.minimax_loss(fake, real)

    def minimax_slopes(self, fake: Tensor, real: Tensor | None = None) -> tuple[float, Tensor]:
        """``minimax_loss`` with its derivative in ``fake``, shape (N, 1), found or written out."""
        return slopes(lambda v: self.minimax_loss(v, real), fake)

    def non_saturating_slopes(self, fake: Tensor, real: Tensor | None = None) -> tuple[float, Tensor]:
        """``non_saturating_loss`` with its derivative in ``fake``, shape (N, 1)."""
        return slopes(lambda v: self.non_saturating_loss(v, real), fake)

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

    @property
    def needs_bounded_critic(self) -> bool:
        """Whether only an architecture of bounded slope keeps T in the class that the supremum is over."""
        return False

    def statistic(self, output: Tensor) -> Tensor:
        """T, of the supremum, from the critic's raw output, any shape: the output itself unless a range is asked."""
        return output

    @property
    def threshold(self) -> float:
        """The value of T* where p = q: above it x counts as data, below as a sample."""
        return 0.0

    def optimal(self, log_ratio: Tensor) -> Tensor | None:
        """T* as a function of log p/q, any shape, where it is one; None otherwise."""
        return None

    def exact(self, log_p: Tensor, log_q: Tensor, cell: float) -> float | None:
        """D from two log densities on a grid, where it follows from them; None otherwise.

        Args:
            log_p: of P_X at the middles of the grid's cells, any shape, nats; −∞ is allowed.
            log_q: of P_θ, the same shape.
            cell: length or area of one cell.
        """
        return None


class SampleDivergence(Divergence):
    """D(P ‖ Q) computed outright on two samples."""

    @abstractmethod
    def estimate(self, real: Tensor, fake: Tensor, chance: torch.Generator) -> Tensor:
        """An estimate of D, shape (N, d) and (M, d) to (), differentiable in both.

        ``chance`` is the only source of random numbers, such as directions to project on.
        """

    def estimate_slopes(self, real: Tensor, fake: Tensor, chance: torch.Generator) -> tuple[float, Tensor]:
        """``estimate`` with its derivative in ``fake``, shape (M, d); found or written out as a critic's slopes are."""
        return slopes(lambda x: self.estimate(real, x, chance), fake)


def slopes(loss: Callable[..., Tensor], *outputs: Tensor) -> tuple[Any, ...]:
    """The value of a loss, a float, and its derivative in each of its arguments, in their shapes."""
    with torch.enable_grad():
        leaves = [output.detach().requires_grad_() for output in outputs]
        value = loss(*leaves)
        gradients = torch.autograd.grad(value, leaves)
    return (float(value.detach()), *gradients)


DIVERGENCES: Final[Registry[Divergence]] = Registry("divergences", Divergence)
