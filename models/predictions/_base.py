"""What every prediction offers: the quantity that a net gives for (u_t, t), and what follows from it."""

from __future__ import annotations

from abc import abstractmethod
from typing import Final

from torch import Tensor

from models.registry import Member, Registry
from models.schedules import Level


class Prediction(Member):
    """A quantity F that is affine in the data u₀ and the noise ε behind u_t = α u₀ + σ ε.

    A net that minimises E‖F_θ(u_t, t) − F‖² gives the mean of F over all (u₀, ε) that lead to u_t. Whatever is
    predicted, the mean of u₀, the mean of ε, the velocity and the score follow from it; which one is asked for decides
    at what times errors are small.
    """

    @abstractmethod
    def target(self, clean: Tensor, noise: Tensor, level: Level) -> Tensor:
        """F of known data and noise, shape (N, d) each; the level's tensors have shape () or (N, 1)."""

    @abstractmethod
    def split(self, output: Tensor, u: Tensor, level: Level) -> tuple[Tensor, Tensor]:
        """The data and the noise that lead to u, shape (N, d), if F is ``output``: two of shape (N, d)."""

    @abstractmethod
    def noise_slope(self, level: Level) -> Tensor:
        """∂ε/∂F at fixed u_t, shape of the level's tensors."""


PREDICTIONS: Final[Registry[Prediction]] = Registry("predictions", Prediction)
