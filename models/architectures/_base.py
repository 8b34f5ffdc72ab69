"""What every architecture offers: a function class, for generators and critics alike."""

from __future__ import annotations

import inspect
import itertools
from abc import abstractmethod
from typing import Final

import torch

from models.architectures._network import Network
from models.data._picture import Shape, numbers
from models.registry import Member, Registry


class Architecture(Member):
    """A class of functions ℝⁱⁿ → ℝᵒᵘᵗ with weights θ.

    A network takes rows of numbers and gives rows of numbers, whatever their shapes stand for.
    """

    @classmethod
    def explanation(cls) -> str:
        """Its inductive bias: what the docstring says between its first sentence and the source."""
        _, *further = (inspect.getdoc(cls) or "").split("\n\n")
        told = itertools.takewhile(lambda paragraph: not paragraph.startswith("Source:"), further)
        return " ".join(paragraph.replace("\n", " ") for paragraph in told)

    @abstractmethod
    def build(self, inputs: Shape, outputs: Shape, generator: torch.Generator) -> Network:
        """Make a network with fresh weights.

        Args:
            inputs: what goes in: so many numbers, or a picture.
            outputs: what comes out.
            generator: the only source of chance for the initial weights.
        """

    def objection(self, inputs: Shape, outputs: Shape) -> str:
        """Why it has no functions between these shapes, a sentence without its full stop; empty if it has."""
        return ""

    def build_conditioned(self, inputs: Shape, condition: int, outputs: Shape, generator: torch.Generator) -> Network:
        """Make a network that sees a condition, such as a time or a class, beside its input.

        The condition comes as the last numbers of each row. Here they are inputs like all others; an architecture with
        an inductive bias of its own may take them in elsewhere.

        Args:
            inputs: what goes in.
            condition: how many numbers stand behind it.
            outputs: what comes out.
            generator: the only source of chance for the initial weights.
        """
        return self.build(numbers(inputs) + condition, outputs, generator)

    @property
    def has_bounded_slope(self) -> bool:
        """Whether every function of the class has a slope of at most about 1, however it is trained."""
        return False

    @abstractmethod
    def units(self, inputs: Shape, outputs: Shape) -> int:
        """How many numbers a pass keeps for each sample between these shapes: all hidden units."""

    @abstractmethod
    def label(self) -> str:
        """The architecture in a few characters, such as ``MLP 3×128``."""


ARCHITECTURES: Final[Registry[Architecture]] = Registry("architectures", Architecture)
