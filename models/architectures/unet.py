"""The U-Net: down to coarse planes, where everything sees everything, and up again past what was seen on the way."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final, cast

import torch
from torch import Tensor, nn

from models.architectures._attention import PlaneAttention
from models.architectures._base import ARCHITECTURES
from models.architectures._blocks import (
    STANDARDISES,
    ActivationName,
    Body,
    NormalisationName,
    Normalised,
    QuietConv2d,
    QuietLinear,
    activation,
    planes_of,
)
from models.architectures._pictured import Convolved
from models.architectures._planes import growing, ladder, shrinking
from models.architectures._residual import ResidualBlock, resized
from models.data._picture import Picture, Shape
from models.registry import option

LEAST: Final = 4
"""Sides of so many pixels are halved no further."""

PLACES: Final = 8
"""What is told differs between at most so many places along a side."""


class Stage(nn.Module):
    """Residual blocks at one level, then attention where the level has it."""

    def __init__(self, spec: UNet, before: int, after: int, told: int, *, attends: bool) -> None:
        super().__init__()
        pairs = [(before, after), *[(after, after)] * (spec.blocks - 1)]
        self.blocks = nn.ModuleList(ResidualBlock(spec, a, b, told) for a, b in pairs)
        self.attention = PlaneAttention(spec.normalisation, after) if attends else None

    def forward(self, h: Tensor, told: Tensor | None) -> Tensor:
        """Shape (N, before, rows, columns) to (N, after, rows, columns)."""
        for block in self.blocks:
            h = block(h, told)
        return h if self.attention is None else self.attention(h)


class UNetBody(Body):
    """Stages down, stages up; each one up also sees the planes that the one down made at its level.

    Scale and shift act on all pixels alike: by them alone, that something belongs at the top left is learnt late, if at
    all. So the condition also adds numbers of its own to each place of the coarsest planes, at first none.
    """

    def __init__(self, spec: UNet, inputs: Picture, outputs: Picture, told: int) -> None:
        super().__init__()
        levels = spec.levels(inputs)
        *finer, bottom = [(level.channels, i in spec.attended(levels)) for i, level in enumerate(levels)]
        pairs = list(itertools.pairwise(levels))
        self.first = nn.Conv2d(inputs.channels, spec.channels, 3, padding=1)
        self.down = nn.ModuleList(Stage(spec, c, c, told, attends=attends) for c, attends in finer)
        self.shrink = nn.ModuleList(shrinking(fine, coarse) for fine, coarse in pairs)
        self._places = spec.places(levels[-1])
        self.told = QuietLinear(told, self._places.numbers) if told else None
        self.bottom = Stage(spec, bottom[0], bottom[0], told, attends=bottom[1])
        self.grow = nn.ModuleList(growing(coarse, fine) for fine, coarse in reversed(pairs))
        self.up = nn.ModuleList(Stage(spec, 2 * c, c, told, attends=attends) for c, attends in reversed(finer))
        self.norm = Normalised(spec.normalisation, spec.channels, told)
        self.activation = activation(spec.activation)
        self.last = QuietConv2d(spec.channels, outputs.channels, 3, padding=1)

    def forward(self, h: Tensor, told: Tensor | None) -> Tensor:
        """Shape (N, channels, rows, columns) to as many rows and columns."""
        h, seen = self.first(h), []
        for stage, shrink in zip(self.down, self.shrink, strict=True):
            seen.append(stage(h, told))
            h = shrink(seen[-1])
        if self.told is not None and told is not None:
            h = h + resized(planes_of(self.told(told), self._places), (h.shape[2], h.shape[3]))
        h = self.bottom(h, told)
        for grow, stage in zip(self.grow, self.up, strict=True):
            h = stage(torch.cat([grow(h), seen.pop()], 1), told)
        return self.last(self.activation(self.norm(h, told)))


@ARCHITECTURES.register
class UNet(Convolved):
    """Answers a picture in place: coarse planes say what it shows, finer ones, handed across, where exactly.

    Down by strided convolutions, up by transposed ones; at each level the planes from the way down stand beside those
    that come up, so that no detail need pass through the coarsest. There, and at as many levels as asked for, each
    pixel attends to all others, which convolutions reach only step by step. Time, class and caption scale and shift the
    normalised planes of every block, everywhere alike; and since "at the top left" does not hold everywhere, each
    place of the coarsest planes also gets numbers of its own from them. The net of most diffusion models of pictures.

    Source: Ronneberger et al. 2015, arXiv:1505.04597, figure 1; with attention: Ho et al. 2020, arXiv:2006.11239,
    appendix B; modulated: Dhariwal and Nichol 2021, arXiv:2105.05233, section 3.1; by place: van den Oord et al. 2016,
    arXiv:1606.05328, section 2.3.
    """

    title: ClassVar[str] = "U-Net"
    source: ClassVar[str] = "Ronneberger et al. 2015, arXiv:1505.04597, figure 1; Ho et al. 2020, appendix B"
    formula: ClassVar[str] = r"h_i \to h_{i+1} \to \ldots,\quad h'_i = F_i([\mathrm{up}(h'_{i+1}),\, h_i])"

    requires: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType(
        {"data": frozenset({"images"}), "family": frozenset({"process"})}
    )

    channels: int = option(
        16, label="channels", low=1, high=256, log=True, help="Planes at the picture's own size; twice as many below."
    )
    activation: ActivationName = option(
        "silu", label="activation", symbol="φ", help="The nonlinearity before each convolution."
    )
    normalisation: NormalisationName = option(
        "group",
        label="normalisation",
        help=STANDARDISES,
    )
    blocks: int = option(1, label="blocks", low=1, high=4, help="Residual blocks at each level, down and up.")
    depth: int = option(
        0, label="depth", low=0, high=8,
        help="How often the picture is halved; 0 chooses: until 4 pixels a side are left.",
    )  # fmt: skip
    attention: int = option(
        1, label="attention", low=0, high=4, help="At how many levels pixels attend to one another, coarsest first."
    )

    def objection(self, inputs: Shape, outputs: Shape) -> str:
        """Pictures of one size at both ends."""
        general = super().objection(inputs, outputs)
        if general or (isinstance(inputs, Picture) and isinstance(outputs, Picture)):
            return general
        return (
            "U-Net answers a picture with a picture, as denoising models need it; where a vector goes in or comes out, "
            "what fits: convolutional, residual_convolutional, patch_transformer or mlp"
        )

    def levels(self, picture: Picture) -> tuple[Picture, ...]:
        """Planes at each level, finest first."""
        coarser = ladder(picture, 2 * self.channels, self.depth, LEAST)
        return (picture.with_channels(self.channels), *(rung.with_channels(2 * self.channels) for rung in coarser))

    def places(self, coarsest: Picture) -> Picture:
        """Planes that what is told is added as, repeated where the coarsest ones have more pixels."""
        return Picture(coarsest.channels, min(coarsest.rows, PLACES), min(coarsest.columns, PLACES))

    def attended(self, levels: tuple[Picture, ...]) -> range:
        """Which levels have attention."""
        return range(max(0, len(levels) - self.attention), len(levels))

    def body(self, inputs: Shape, outputs: Shape, told: int) -> Body:
        """Pictures at both ends."""
        return UNetBody(self, cast(Picture, inputs), cast(Picture, outputs), told)

    def units(self, inputs: Shape, outputs: Shape) -> int:
        """Two convolutions a block, those between levels, and all pairs of pixels that attend."""
        if not isinstance(inputs, Picture):
            return 0
        levels = self.levels(inputs)
        *finer, bottom = [self._units_at(level, attends=i in self.attended(levels)) for i, level in enumerate(levels)]
        return bottom + 2 * sum(finer)

    def _units_at(self, level: Picture, *, attends: bool) -> int:
        pixels = level.rows * level.columns
        return level.numbers * (1 + 2 * self.blocks) + attends * (3 * level.numbers + pixels**2)

    def label(self) -> str:
        """``U-Net 16``."""
        return f"U-Net {self.channels}"
