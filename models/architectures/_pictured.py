"""What architectures for pictures share: rows of numbers as planes, a condition that modulates, and bodies by shape."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import torch

from models.architectures._base import Architecture
from models.architectures._blocks import (
    STANDARDISES,
    ActivationName,
    Body,
    NormalisationName,
    OnRows,
    Told,
    draw_weights,
)
from models.architectures._network import Network
from models.architectures._planes import no_picture
from models.data._picture import Picture, Shape
from models.registry import option


class Pictured(Architecture):
    """An architecture with a picture at one end at least."""

    group: ClassVar[str] = "For pictures"
    requires: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType({"data": frozenset({"images"})})

    def objection(self, inputs: Shape, outputs: Shape) -> str:
        """There must be a picture at one end, and its size is kept."""
        return no_picture(self.title, inputs, outputs)

    def build(self, inputs: Shape, outputs: Shape, generator: torch.Generator) -> Network:
        """A body between rows of numbers."""
        return self.build_conditioned(inputs, 0, outputs, generator)

    def build_conditioned(self, inputs: Shape, condition: int, outputs: Shape, generator: torch.Generator) -> Network:
        """The same, modulated by the condition."""
        told = Told(condition, self.modulating) if condition else None
        net = OnRows(self.body(inputs, outputs, told.width if told else 0), inputs, told)
        draw_weights(net, generator)
        return Network(net, units=max(1, self.units(inputs, outputs)))

    @property
    @abstractmethod
    def modulating(self) -> int:
        """How many numbers a condition is turned into at least, before it modulates."""

    @abstractmethod
    def body(self, inputs: Shape, outputs: Shape, told: int) -> Body:
        """What stands between these shapes, with a condition of ``told`` numbers; 0 for none."""


class EitherWay(Pictured):
    """An architecture for critics and encoders, generators and decoders, and denoisers alike."""

    def body(self, inputs: Shape, outputs: Shape, told: int) -> Body:
        """Shrinking, growing or in place, as the shapes ask for."""
        if isinstance(inputs, Picture):
            in_place = isinstance(outputs, Picture)
            return self.in_place(inputs, outputs, told) if in_place else self.shrinking(inputs, outputs, told)
        assert isinstance(outputs, Picture), "the recipe refuses nets between plain vectors"
        return self.growing(inputs, outputs, told)

    def units(self, inputs: Shape, outputs: Shape) -> int:
        """All hidden numbers."""
        if not isinstance(inputs, Picture):
            return self.units_growing(inputs, outputs) if isinstance(outputs, Picture) else 0
        return self.units_in_place(inputs) if isinstance(outputs, Picture) else self.units_shrinking(inputs)

    @abstractmethod
    def shrinking(self, inputs: Picture, outputs: int, told: int) -> Body:
        """From a picture to a vector: critic and encoder."""

    @abstractmethod
    def growing(self, inputs: int, outputs: Picture, told: int) -> Body:
        """From a vector to a picture: generator and decoder."""

    @abstractmethod
    def in_place(self, inputs: Picture, outputs: Picture, told: int) -> Body:
        """From a picture to one of as many rows and columns: denoiser."""

    @abstractmethod
    def units_shrinking(self, inputs: Picture) -> int:
        """Hidden numbers from a picture to a vector."""

    @abstractmethod
    def units_growing(self, inputs: int, outputs: Picture) -> int:
        """Hidden numbers from a vector to a picture."""

    @abstractmethod
    def units_in_place(self, inputs: Picture) -> int:
        """Hidden numbers from picture to picture."""


class Convolved(Pictured):
    """An architecture of convolutions, whose normalised planes a condition scales and shifts."""

    channels: int = option(
        32, label="channels", low=1, high=256, log=True, help="Planes at the finest level; coarser ones have more."
    )
    activation: ActivationName = option(
        "leaky_relu", label="activation", symbol="φ", help="The nonlinearity after each convolution."
    )
    normalisation: NormalisationName = option(
        "none",
        label="normalisation",
        help=STANDARDISES,
    )

    @property
    def least_batch(self) -> int:
        """Two where planes are standardised over the batch."""
        return 2 if self.normalisation == "batch" else 1

    @property
    def modulating(self) -> int:
        """As many as there are planes."""
        return self.channels
