"""The affine map: the least function class, whose whole game can be drawn in a plane."""

from __future__ import annotations

from typing import ClassVar

import torch

from models.architectures._affine_pass import AffineModule, AffinePass
from models.architectures._base import ARCHITECTURES, Architecture
from models.architectures._network import Network
from models.data._picture import Shape, numbers
from models.registry import option


@ARCHITECTURES.register
class Affine(Architecture):
    """A matrix and, if wanted, an offset: y = Wx + b.

    As a critic on the line without offset it is T(x) = ψx, one number, as in the Dirac-GAN; as a generator from
    z ~ N(0, 1) it is every Gaussian, x̂ = σz + μ, as in f-GAN's first experiment. It starts where it is told to, not
    at random: W has the slope on its diagonal and 0 elsewhere, b has the same number everywhere.

    Source: Mescheder et al. 2018, arXiv:1801.04406, section 2 (critic); Nowozin et al. 2016, arXiv:1606.00709,
    section 4.1 (generator).
    """

    title: ClassVar[str] = "Affine map"
    source: ClassVar[str] = "Mescheder et al. 2018, arXiv:1801.04406, section 2; Nowozin et al. 2016, section 4.1"
    formula: ClassVar[str] = r"y = W x + b"

    slope: float = option(
        1.0, label="first slope", symbol="W₀", low=-100.0, high=100.0, help="The diagonal of W at the start."
    )
    offset: bool = option(default=True, label="offset", help="Adds b; without it the map takes 0 to 0.")
    first_offset: float = option(
        0.0, label="first offset", symbol="b₀", low=-100.0, high=100.0, help="Every number of b at the start."
    )

    def build(self, inputs: Shape, outputs: Shape, generator: torch.Generator) -> Network:
        """A network of inputs · outputs weights, and ``outputs`` more with an offset."""
        bias = torch.full((numbers(outputs),), self.first_offset) if self.offset else None
        return Network(AffineModule(self.slope * torch.eye(numbers(outputs), numbers(inputs)), bias), AffinePass)

    def units(self, inputs: Shape, outputs: Shape) -> int:
        """None is hidden."""
        return 0

    def label(self) -> str:
        """``affine``, or ``linear`` without an offset."""
        return "affine" if self.offset else "linear"
