"""What every data set offers: the law P_X that a model is to learn, known through samples and, where possible, exactly."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Final

import torch
from torch import Tensor

from models.data._mixture import Modes
from models.registry import Member, Registry, option

class Data(Member):
    """A law P_X over ℝᵈ.

    Capabilities: ``sample`` (fresh exact draws), ``log_prob`` (exact log density), ``modes`` (named modes),
    ``images`` (a sample is a picture), ``labels`` (each sample has a class).
    """

    @property
    @abstractmethod
    def dimension(self) -> int:
        """How many numbers one sample has, d."""

    @abstractmethod
    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw samples of P_X.

        Args:
            n: how many.
            generator: the only source of chance.

        Returns:
            Samples, shape (n, d), float32, data units.
        """

    @property
    def size(self) -> int | None:
        """How many distinct training samples there are; None when every batch is drawn afresh."""
        return None

    def training_set(self, generator: torch.Generator) -> Tensor | None:
        """The finite training sample, shape (size, d), or None when every batch is drawn afresh."""
        return None if self.size is None else self.draw(self.size, generator)

    def log_prob(self, x: Tensor) -> Tensor:
        """Exact log density in nats: shape (N, d) to (N,). Only with the capability ``log_prob``."""
        raise NotImplementedError(f"{self.title} has no closed density")

    def named_modes(self) -> Modes | None:
        """The named modes, or None. Only with the capability ``modes``."""
        return None

    @property
    def image_shape(self) -> tuple[int, int] | None:
        """Rows and columns of one sample as a picture, or None."""
        return None


class Law(Data):
    """A law with an exact sampler: trained on fresh draws, or on a finite sample of it.

    With n > 0 the training set is one sample of n points, drawn once from the run's seed.
    """

    capabilities: ClassVar[frozenset[str]] = frozenset({"sample"})

    n: int = option(
        0, label="sample size n", symbol="n", low=0, high=1_000_000, log=True,
        help="How many training samples there are; 0 draws fresh ones for every batch.",
    )  # fmt: skip

    @property
    def size(self) -> int | None:
        """n, or None for fresh draws."""
        return self.n or None


DATA: Final[Registry[Data]] = Registry("data", Data)
