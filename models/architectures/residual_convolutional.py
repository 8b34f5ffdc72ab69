"""Residual convolutional nets: every block adds a correction to the planes that it is given."""

from __future__ import annotations

import itertools
from typing import ClassVar, Final

from torch import Tensor, nn

from models.architectures._base import ARCHITECTURES
from models.architectures._blocks import Body, activation, planes_of
from models.architectures._pictured import Convolved, EitherWay
from models.architectures._planes import growing, ladder, shrinking, spreads
from models.architectures._residual import ResidualBlock, pooled, resized
from models.data._picture import Picture
from models.registry import option

LEAST: Final = 3
"""Sides of so many pixels are halved no further."""


class Shrinking(Body):
    """A strided convolution, residual blocks with means over squares of pixels between them, then one linear layer."""

    def __init__(self, spec: ResidualConvolutional, inputs: Picture, outputs: int, told: int) -> None:
        super().__init__()
        rungs = spec.rungs(inputs)
        self.first = shrinking(inputs, rungs[0])
        self.blocks = nn.ModuleList(spec.block(a.channels, b.channels, told) for a, b in spec.pairs(rungs))
        self.sides = [(b.rows, b.columns) for _, b in spec.pairs(rungs)]
        self.activation = activation(spec.activation)
        self.last = nn.Linear(rungs[-1].numbers, outputs)

    def forward(self, h: Tensor, told: Tensor | None) -> Tensor:
        """Shape (N, channels, rows, columns) to (N, outputs)."""
        h = self.first(h)
        for block, sides in zip(self.blocks, self.sides, strict=True):
            h = block(pooled(h, sides), told)
        return self.last(self.activation(h).flatten(1))


class Growing(Body):
    """A linear layer to the coarsest planes, residual blocks with repeated pixels between them, then a picture."""

    def __init__(self, spec: ResidualConvolutional, inputs: int, outputs: Picture, told: int) -> None:
        super().__init__()
        rungs = spec.rungs(outputs)[::-1]
        self.first = nn.Linear(inputs, rungs[0].numbers)
        self.blocks = nn.ModuleList(spec.block(a.channels, b.channels, told) for a, b in spec.pairs(rungs))
        self.sides = [(b.rows, b.columns) for _, b in spec.pairs(rungs)]
        self.activation = activation(spec.activation)
        self.last = growing(rungs[-1], outputs)
        self._coarsest = rungs[0]

    def forward(self, h: Tensor, told: Tensor | None) -> Tensor:
        """Shape (N, k) to (N, channels, rows, columns)."""
        h = planes_of(self.first(h), self._coarsest)
        for block, sides in zip(self.blocks, self.sides, strict=True):
            h = block(resized(h, sides), told)
        return self.last(self.activation(h))


class InPlace(Body):
    """Residual blocks with ever more pixels between the weights of their kernels: picture to picture."""

    def __init__(self, spec: ResidualConvolutional, inputs: Picture, outputs: Picture, told: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs.channels, spec.channels, 3, padding=1)
        gaps = [gap for gap in spec.gaps(inputs) for _ in range(spec.blocks)]
        self.blocks = nn.ModuleList(spec.block(spec.channels, spec.channels, told, gap) for gap in gaps)
        self.activation = activation(spec.activation)
        self.last = nn.Conv2d(spec.channels, outputs.channels, 3, padding=1)

    def forward(self, h: Tensor, told: Tensor | None) -> Tensor:
        """Shape (N, channels, rows, columns) to as many rows and columns."""
        h = self.first(h)
        for block in self.blocks:
            h = block(h, told)
        return self.last(self.activation(h))


@ARCHITECTURES.register
class ResidualConvolutional(Convolved, EitherWay):
    """Convolutions that add to what they are given, so that a deep net begins as a plain one.

    hᵢ₊₁ = hᵢ + F(hᵢ), F = normalise, φ, convolve, normalise, φ, convolve. As with all convolutions the same kernel acts
    at every place; besides, gradients pass each block unhindered, and a block that has nothing to add learns F = 0.
    A critic or an encoder pools squares of pixels between blocks, a generator or a decoder repeats pixels. From picture
    to picture the size stays, kernels reach further and further, and what is told scales and shifts all places alike:
    of a caption such a net soon takes up the colour, and the place late.

    Source: He et al. 2016, Identity mappings in deep residual networks, arXiv:1603.05027, eq. 1 and figure 4e.
    """

    title: ClassVar[str] = "Residual convolutional net"
    source: ClassVar[str] = "He et al. 2016, arXiv:1603.05027, eq. 1 and figure 4e"
    formula: ClassVar[str] = r"h_{i+1} = h_i + F_i(h_i)"

    blocks: int = option(1, label="blocks", low=1, high=8, help="Residual blocks at each size of the planes.")
    depth: int = option(
        0, label="depth", low=0, high=8,
        help="How often a picture is halved; from picture to picture, how many dilations the kernels have. "
        "0 chooses: until 3 pixels a side are left, or until the kernels span the picture.",
    )  # fmt: skip

    def rungs(self, picture: Picture) -> tuple[Picture, ...]:
        """Hidden planes of a net that halves, finest first."""
        return ladder(picture, self.channels, self.depth, LEAST)

    def gaps(self, picture: Picture) -> list[int]:
        """Pixels from weight to weight of each size of kernels that work in place."""
        return spreads(picture, self.depth)

    def pairs(self, rungs: tuple[Picture, ...]) -> list[tuple[Picture, Picture]]:
        """Planes before and after each block: the first of each size changes them."""
        changing = itertools.pairwise((rungs[0], *rungs))
        return [pair for a, b in changing for pair in [(a, b), *[(b, b)] * (self.blocks - 1)]]

    def block(self, before: int, after: int, told: int, gap: int = 1) -> ResidualBlock:
        """F with the skip around it."""
        return ResidualBlock(self, before, after, told, gap)

    def shrinking(self, inputs: Picture, outputs: int, told: int) -> Body:
        """Pooled between blocks."""
        return Shrinking(self, inputs, outputs, told)

    def growing(self, inputs: int, outputs: Picture, told: int) -> Body:
        """Repeated between blocks."""
        return Growing(self, inputs, outputs, told)

    def in_place(self, inputs: Picture, outputs: Picture, told: int) -> Body:
        """Dilated."""
        return InPlace(self, inputs, outputs, told)

    def units_shrinking(self, inputs: Picture) -> int:
        """Two convolutions a block, and the first."""
        rungs = self.rungs(inputs)
        return rungs[0].numbers + 2 * self.blocks * sum(rung.numbers for rung in rungs)

    def units_growing(self, inputs: int, outputs: Picture) -> int:
        """As many the other way."""
        return self.units_shrinking(outputs)

    def units_in_place(self, inputs: Picture) -> int:
        """The same for planes of the picture's own size."""
        return inputs.with_channels(self.channels).numbers * (1 + 2 * self.blocks * len(self.gaps(inputs)))

    def label(self) -> str:
        """``residual conv 32``."""
        return f"residual conv {self.channels}"
