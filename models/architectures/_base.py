"""What every architecture offers: a function class, for generators and critics alike."""

from __future__ import annotations

from abc import abstractmethod
from typing import Final

import torch

from models.architectures._network import Network
from models.registry import Member, Registry


class Architecture(Member):
    """A class of functions ℝⁱⁿ → ℝᵒᵘᵗ with weights θ."""

    @abstractmethod
    def build(self, inputs: int, outputs: int, generator: torch.Generator) -> Network:
        """Make a network with fresh weights.

        Args:
            inputs: how many numbers go in.
            outputs: how many come out.
            generator: the only source of chance for the initial weights.
        """

    def build_conditioned(self, inputs: int, condition: int, outputs: int, generator: torch.Generator) -> Network:
        """Make a network that sees a condition, such as a time or a class, beside its input.

        The condition comes as the last numbers of each row. Here they are inputs like all others; an architecture with
        an inductive bias of its own may take them in elsewhere.

        Args:
            inputs: how many numbers go in.
            condition: how many numbers stand behind them.
            outputs: how many come out.
            generator: the only source of chance for the initial weights.
        """
        return self.build(inputs + condition, outputs, generator)

    @property
    def has_bounded_slope(self) -> bool:
        """Whether every function of the class has a slope of at most about 1, however it is trained."""
        return False

    @property
    @abstractmethod
    def units(self) -> int:
        """How many numbers a pass keeps for each sample: all hidden units."""

    @abstractmethod
    def label(self) -> str:
        """The architecture in a few characters, such as ``MLP 3×128``."""


ARCHITECTURES: Final[Registry[Architecture]] = Registry("architectures", Architecture)
