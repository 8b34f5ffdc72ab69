"""A network that a recipe asks for: which architecture stands where, between which shapes."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from models.architectures._base import Architecture
from models.architectures._network import Network
from models.data._picture import Shape, numbers


@dataclass(frozen=True)
class Net:
    """One network before it is built.

    Attributes:
        path: where the recipe names its architecture, such as ``objective.critic``.
        architecture: its function class.
        inputs: what goes in.
        outputs: what comes out.
        condition: how many numbers stand behind the input to condition it.
        passes: how often one sample passes through it in a step.
    """

    path: str
    architecture: Architecture
    inputs: Shape
    outputs: Shape
    condition: int = 0
    passes: int = 1

    @property
    def objection(self) -> str:
        """Why there is no such network, a sentence without its full stop; empty if there is."""
        return self.architecture.objection(self.inputs, self.outputs)

    @property
    def units(self) -> int:
        """How many numbers its passes of one step keep for each sample."""
        return self.passes * self.architecture.units(self.inputs, self.outputs)

    @property
    def width(self) -> int:
        """How many numbers a row has that goes in, with the condition."""
        return numbers(self.inputs) + self.condition

    def build(self, generator: torch.Generator) -> Network:
        """The network with fresh weights."""
        parts = (self.inputs, self.condition, self.outputs)
        if self.condition:
            return self.architecture.build_conditioned(*parts, generator)
        return self.architecture.build(self.inputs, self.outputs, generator)
