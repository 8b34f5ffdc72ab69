"""Convolutional nets: the same small kernel at every place of a picture, coarser and coarser, or finer and finer."""

from __future__ import annotations

import itertools
from typing import ClassVar, Final

from torch import Tensor, nn

from models.architectures._base import ARCHITECTURES
from models.architectures._blocks import Body, Normalised, overwriting, planes_of
from models.architectures._pictured import Convolved, EitherWay
from models.architectures._planes import growing, ladder, shrinking, spreads
from models.data._picture import Picture
from models.registry import option

LEAST: Final = 3
"""Sides of so many pixels are halved no further."""


class Shrinking(Body):
    """Strided convolutions from a picture to its coarsest planes, then one linear layer: critic and encoder."""

    def __init__(self, spec: Convolutional, inputs: Picture, outputs: int, told: int) -> None:
        super().__init__()
        rungs = spec.rungs(inputs)
        self.layers = nn.ModuleList(shrinking(a, b) for a, b in itertools.pairwise((inputs, *rungs)))
        self.norms = nn.ModuleList(spec.normalised(rung, told, first=i == 0) for i, rung in enumerate(rungs))
        self.activation = overwriting(spec.activation)
        self.last = nn.Linear(rungs[-1].numbers, outputs)

    def forward(self, h: Tensor, told: Tensor | None) -> Tensor:
        """Shape (N, channels, rows, columns) to (N, outputs)."""
        for layer, norm in zip(self.layers, self.norms, strict=True):
            h = self.activation(norm(layer(h), told))
        return self.last(h.flatten(1))


class Growing(Body):
    """A linear layer to the coarsest planes, then transposed convolutions up to a picture: generator and decoder."""

    def __init__(self, spec: Convolutional, inputs: int, outputs: Picture, told: int) -> None:
        super().__init__()
        rungs = spec.rungs(outputs)[::-1]
        self.first = nn.Linear(inputs, rungs[0].numbers)
        self.norms = nn.ModuleList(spec.normalised(rung, told) for rung in rungs)
        self.layers = nn.ModuleList(growing(a, b) for a, b in itertools.pairwise((*rungs, outputs)))
        self.activation = overwriting(spec.activation)
        self.bound = nn.Tanh() if spec.bounded else nn.Identity()
        self._coarsest = rungs[0]

    def forward(self, h: Tensor, told: Tensor | None) -> Tensor:
        """Shape (N, k) to (N, channels, rows, columns)."""
        h = planes_of(self.first(h), self._coarsest)
        for layer, norm in zip(self.layers, self.norms, strict=True):
            h = layer(self.activation(norm(h, told)))
        return self.bound(h)


class InPlace(Body):
    """Kernels with ever more pixels between their weights, none of them strided: picture to picture."""

    def __init__(self, spec: Convolutional, inputs: Picture, outputs: Picture, told: int) -> None:
        super().__init__()
        gaps = spec.gaps(inputs)
        planes = [inputs.channels, *[spec.channels] * len(gaps)]
        self.layers = nn.ModuleList(
            nn.Conv2d(a, b, 3, padding=gap, dilation=gap)
            for (a, b), gap in zip(itertools.pairwise(planes), gaps, strict=True)
        )
        hidden = inputs.with_channels(spec.channels)
        self.norms = nn.ModuleList(spec.normalised(hidden, told, first=i == 0) for i in range(len(gaps)))
        self.activation = overwriting(spec.activation)
        self.last = nn.Conv2d(spec.channels, outputs.channels, 3, padding=1)

    def forward(self, h: Tensor, told: Tensor | None) -> Tensor:
        """Shape (N, channels, rows, columns) to as many rows and columns."""
        for layer, norm in zip(self.layers, self.norms, strict=True):
            h = self.activation(norm(layer(h), told))
        return self.last(h)


@ARCHITECTURES.register
class Convolutional(Convolved, EitherWay):
    """The same small kernel at every place: what is learnt of a stroke in one corner holds in all others.

    hᵢ₊₁ = φ(Kᵢ ∗ hᵢ + bᵢ), K a kernel of a few pixels. A pixel acts on its neighbours first, and on distant ones only
    through coarser planes: few weights, and a shifted picture gives shifted planes. What is told scales and shifts all
    places alike. A critic or an encoder halves the picture with strided convolutions, a generator or a decoder doubles
    it with transposed ones, and between pictures of the same size nothing is strided, but kernels reach further and
    further. Sizes need not be powers of two.

    Source: Radford et al. 2016, DCGAN, arXiv:1511.06434, section 3; LeCun et al. 1989, Neural Computation 1, 541.
    """

    title: ClassVar[str] = "Convolutional net"
    source: ClassVar[str] = "Radford et al. 2016, DCGAN, arXiv:1511.06434, section 3"
    formula: ClassVar[str] = r"h_{i+1} = \varphi(K_i * h_i + b_i)"
    depth: int = option(
        0, label="depth", low=0, high=8,
        help="How often a picture is halved; from picture to picture, how many layers it passes in full size. "
        "0 chooses: until 3 pixels a side are left, or until the kernels span the picture.",
    )  # fmt: skip
    bounded: bool = option(
        default=False, label="bounded", help="A generator ends in tanh, for pictures of values between −1 and 1."
    )

    def rungs(self, picture: Picture) -> tuple[Picture, ...]:
        """Hidden planes of a net that halves, finest first."""
        return ladder(picture, self.channels, self.depth, LEAST)

    def gaps(self, picture: Picture) -> list[int]:
        """Pixels between the weights of each kernel of a net that works in place."""
        return spreads(picture, self.depth)

    def normalised(self, planes: Picture, told: int, *, first: bool = False) -> Normalised:
        """What follows a convolution; the first one of a critic is never standardised (Radford et al., section 3)."""
        return Normalised("none" if first else self.normalisation, planes.channels, told)

    def shrinking(self, inputs: Picture, outputs: int, told: int) -> Body:
        """Strided convolutions."""
        return Shrinking(self, inputs, outputs, told)

    def growing(self, inputs: int, outputs: Picture, told: int) -> Body:
        """Transposed convolutions."""
        return Growing(self, inputs, outputs, told)

    def in_place(self, inputs: Picture, outputs: Picture, told: int) -> Body:
        """Dilated convolutions."""
        return InPlace(self, inputs, outputs, told)

    def units_shrinking(self, inputs: Picture) -> int:
        """All halved planes."""
        return sum(rung.numbers for rung in self.rungs(inputs))

    def units_growing(self, inputs: int, outputs: Picture) -> int:
        """All planes before they are doubled."""
        return sum(rung.numbers for rung in self.rungs(outputs))

    def units_in_place(self, inputs: Picture) -> int:
        """All planes of the picture's own size."""
        return inputs.with_channels(self.channels).numbers * len(self.gaps(inputs))

    def label(self) -> str:
        """``conv 32``."""
        return f"conv {self.channels}"
