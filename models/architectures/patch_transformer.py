"""The patch transformer: a picture as a set of patches, each of which looks at all others."""

from __future__ import annotations

from typing import ClassVar, Final

from torch import Tensor, nn

from models.architectures._attention import HEAD
from models.architectures._base import ARCHITECTURES
from models.architectures._blocks import Body, QuietLinear
from models.architectures._pictured import EitherWay
from models.architectures._tokens import Modulated, Patches, TransformerBlock, coarse_side
from models.data._picture import Picture
from models.registry import option

FEWEST: Final = 4
"""Patches that stand in a row of a small picture where their side is not chosen."""

MOST: Final = 8
"""Patches that stand in a row of a large one: attention is between all pairs of them."""

FINEST: Final = 4
"""Sides of so many pixels are small enough: with half of it a step takes four times as long."""

WIDENING: Final = 2
"""Hidden numbers of a block's two layers, over its width."""


class Trunk(nn.Module):
    """Places, what is told of each place, and all blocks.

    Scale, shift and gate act on all tokens alike: by them alone, that something belongs at the top left is learnt late,
    if at all. So the condition also adds numbers of its own to each token, at first none.
    """

    places: Tensor

    def __init__(self, spec: PatchTransformer, patches: Patches, told: int) -> None:
        super().__init__()
        self.register_buffer("places", patches.places(spec.width), persistent=False)
        self.told = QuietLinear(told, patches.count * spec.width) if told else None
        self.blocks = nn.ModuleList(TransformerBlock(spec.width, spec.heads, WIDENING, told) for _ in range(spec.depth))
        self.norm = Modulated(spec.width, told)

    def forward(self, h: Tensor, told: Tensor | None) -> Tensor:
        """Shape (N, T, width) to the same."""
        h = h + self.places
        if self.told is not None and told is not None:
            h = h + self.told(told).view_as(h)
        for block in self.blocks:
            h = block(h, told)
        return self.norm(h, told)[0]


class Shrinking(Body):
    """Patches in; the mean of all tokens, and one linear layer: critic and encoder."""

    def __init__(self, spec: PatchTransformer, inputs: Picture, outputs: int, told: int) -> None:
        super().__init__()
        self.patches = spec.patches(inputs)
        self.first = nn.Linear(self.patches.numbers, spec.width)
        self.trunk = Trunk(spec, self.patches, told)
        self.last = nn.Linear(spec.width, outputs)

    def forward(self, h: Tensor, told: Tensor | None) -> Tensor:
        """Shape (N, channels, rows, columns) to (N, outputs)."""
        return self.last(self.trunk(self.first(self.patches.cut(h)), told).mean(1))


class Growing(Body):
    """A vector as one token for each patch; patches out: generator and decoder."""

    def __init__(self, spec: PatchTransformer, inputs: int, outputs: Picture, told: int) -> None:
        super().__init__()
        self.patches = spec.patches(outputs)
        self.first = nn.Linear(inputs, self.patches.count * spec.width)
        self.trunk = Trunk(spec, self.patches, told)
        self.last = nn.Linear(spec.width, self.patches.numbers)

    def forward(self, h: Tensor, told: Tensor | None) -> Tensor:
        """Shape (N, k) to (N, channels, rows, columns)."""
        tokens = self.first(h).unflatten(1, (self.patches.count, -1))
        return self.patches.join(self.last(self.trunk(tokens, told)))


class InPlace(Body):
    """Patches in and patches out: denoiser."""

    def __init__(self, spec: PatchTransformer, inputs: Picture, outputs: Picture, told: int) -> None:
        super().__init__()
        self.seen, self.said = spec.patches(inputs), spec.patches(outputs)
        self.first = nn.Linear(self.seen.numbers, spec.width)
        self.trunk = Trunk(spec, self.seen, told)
        self.last = QuietLinear(spec.width, self.said.numbers)

    def forward(self, h: Tensor, told: Tensor | None) -> Tensor:
        """Shape (N, channels, rows, columns) to as many rows and columns."""
        return self.said.join(self.last(self.trunk(self.first(self.seen.cut(h)), told)))


@ARCHITECTURES.register
class PatchTransformer(EitherWay):
    """A picture as a set of patches, each of which takes from all others what it asks for.

    softmax(QKᵀ/√w) V between tokens, one for each square of pixels, then two layers on each. Nothing says that
    neighbours matter more than distant patches: where a patch is stands in sines and cosines, all else is learnt. So it
    needs more data and steps than convolutions, and shares less of their prejudice. Time, class and caption scale,
    shift and gate each block, the gates from 0 on; and since "at the top left" does not hold for all patches, each also
    gets numbers of its own from them. A generator makes of z a token for each patch, a critic takes the mean over all.

    Source: Peebles and Xie 2023, DiT, arXiv:2212.09748, section 3.2; patches: Dosovitskiy et al. 2021,
    arXiv:2010.11929, eq. 1-4; by place: van den Oord et al. 2016, arXiv:1606.05328, section 2.3.
    """

    title: ClassVar[str] = "Patch transformer"
    source: ClassVar[str] = "Peebles and Xie 2023, DiT, arXiv:2212.09748, section 3.2"
    formula: ClassVar[str] = r"h + \alpha(c)\, F\big((1 + \gamma(c))\, \mathrm{LN}(h) + \beta(c)\big)"

    patch: int = option(
        0, label="patch", low=0, high=64, unit="px",
        help="Side of a patch; 0 chooses: 4 patches in a row, and up to 8 in pictures of more than 16 pixels a side.",
    )  # fmt: skip
    heads: int = option(
        4, label="heads", low=1, high=32, help="How many attention heads a block has, each of 16 numbers."
    )
    depth: int = option(2, label="depth", low=1, high=12, help="How many blocks there are.")

    @property
    def width(self) -> int:
        """Numbers of a token."""
        return HEAD * self.heads

    @property
    def modulating(self) -> int:
        """As many as a token has."""
        return self.width

    def patches(self, picture: Picture) -> Patches:
        """How a picture is cut."""
        return Patches(picture, self.patch or coarse_side(picture, FEWEST, MOST, FINEST))

    def shrinking(self, inputs: Picture, outputs: int, told: int) -> Body:
        """The mean over tokens."""
        return Shrinking(self, inputs, outputs, told)

    def growing(self, inputs: int, outputs: Picture, told: int) -> Body:
        """A token for each patch."""
        return Growing(self, inputs, outputs, told)

    def in_place(self, inputs: Picture, outputs: Picture, told: int) -> Body:
        """Patch for patch."""
        return InPlace(self, inputs, outputs, told)

    def units_shrinking(self, inputs: Picture) -> int:
        """Tokens before and behind each layer, and all pairs that each head compares."""
        tokens = self.patches(inputs).count
        return tokens * (self.width + self.depth * (self.width * (5 + WIDENING) + self.heads * tokens))

    def units_growing(self, inputs: int, outputs: Picture) -> int:
        """As many the other way."""
        return self.units_shrinking(outputs)

    def units_in_place(self, inputs: Picture) -> int:
        """As many."""
        return self.units_shrinking(inputs)

    def label(self) -> str:
        """``transformer 2×64``."""
        return f"transformer {self.depth}×{self.width}"
