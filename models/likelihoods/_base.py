"""What every likelihood offers: p(x|z) of a sample, given what a decoder makes of z."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Final

from torch import Tensor, nn

from models.data import Data
from models.registry import Member, Registry


class Observed(nn.Module, ABC):
    """The law p(x|z) over ℝᵈ, with whatever weights of its own it has.

    Its parameters, called outputs, are a decoder's: shape (N, ``outputs``), a whole multiple of d. Where a number of u
    has several, they stand as planes: the first of all numbers, then the second. All are in the units of training.

    Attributes:
        is_mass: whether it gives probabilities to levels, and no density.
    """

    is_mass: ClassVar[bool] = False

    def __init__(self, dimension: int, outputs: int) -> None:
        super().__init__()
        self.dimension = dimension
        self.outputs = outputs

    @abstractmethod
    def log_prob(self, outputs: Tensor, u: Tensor) -> Tensor:
        """Log p(u|z) in nats, a density or a mass: shapes (N, outputs) and (N, d) to (N,)."""

    @abstractmethod
    def log_prob_of_all(self, outputs: Tensor, u: Tensor) -> Tensor:
        """Log p(uᵢ|zⱼ) of every pair: shapes (J, outputs) and (N, d) to (N, J)."""

    @abstractmethod
    def separation(self, outputs: Tensor, others: Tensor) -> Tensor:
        """Jeffreys divergence KL(p ‖ q) + KL(q ‖ p) of two laws, nats: twice shape (N, outputs) to (N,)."""

    @property
    def std(self) -> Tensor | None:
        """σ, shape (1,), where the law is N(mean, σ²I); else None."""
        return None

    @abstractmethod
    def mean(self, outputs: Tensor) -> Tensor:
        """E[u|z], shape (N, outputs) to (N, d)."""

    @abstractmethod
    def sample(self, outputs: Tensor, noise: Tensor) -> Tensor:
        """Draw u ~ p(u|z) from standard normal noise: shapes (N, outputs) and (N, d) to (N, d)."""


@dataclass(frozen=True)
class Objection:
    """Why data do not fit a likelihood.

    Attributes:
        problem: a sentence without its full stop.
        settings: ``option=value`` settings of a likelihood that they fit.
    """

    problem: str
    settings: tuple[str, ...]


class Likelihood(Member):
    """A law p(x|z) that a decoder's outputs stand for.

    Capabilities: ``smooth`` (a sample for fixed noise is differentiable in the outputs).
    """

    @abstractmethod
    def build(self, dimension: int) -> Observed:
        """The law over ℝᵈ with its first weights, if it has any."""

    def objection(self, data: Data) -> Objection | None:
        """Why data do not fit it; None if they do."""
        return None


LIKELIHOODS: Final[Registry[Likelihood]] = Registry("likelihoods", Likelihood)
