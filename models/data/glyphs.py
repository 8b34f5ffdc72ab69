"""Letters in the fonts of this machine."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final, Literal

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, avg_pool2d, grid_sample

from models.data._base import DATA
from models.data._drawn import AT_ONCE, Drawn
from models.data._fonts import letters
from models.data._picture import Picture
from models.registry import option

FINER: Final = 2
"""A letter is drawn with so many times as many pixels along each side as its picture has in the end."""

SHADES: Final = 256
"""Values that a pixel can take, as in a picture file."""

TURN, GROWTH, SHIFT = math.radians(15), 0.2, 0.1
"""Greatest turn, change of size and shift (as a share of the side) at the full variation."""

SETS: Final[Mapping[str, str]] = MappingProxyType(
    {"capitals": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "small": "abcdefghijklmnopqrstuvwxyz", "digits": "0123456789"}
)


@DATA.register
class Glyphs(Drawn):
    """Letters in the fonts that are found on this machine, white on black.

    Letter and font are drawn by chance, all alike; the letter is then turned, scaled and shifted a little, by chance as
    well, and its brightest pixel made white. The letter is the class. Symbol fonts and fonts without these letters are
    left out.

    Source: this project's own; after Bulatov 2011, notMNIST, yaroslavvb.blogspot.com/2011/09/notmnist-dataset.html.
    """

    title: ClassVar[str] = "Letters from fonts"
    source: ClassVar[str] = "this project's own, after Bulatov 2011, notMNIST"
    formula: ClassVar[str] = r"x = \mathrm{turned}(\mathrm{letter}_y^{\mathrm{font}})"
    capabilities: ClassVar[frozenset[str]] = frozenset({"sample", "images", "classes"})

    resolution: int = option(
        16, label="resolution", low=8, high=64, log=True, unit="px", help="Side of the square picture in pixels."
    )
    letters: Literal["capitals", "small", "digits"] = option(
        "capitals", label="letters", help="A to Z, a to z, or 0 to 9."
    )
    fonts: int = option(
        40, label="fonts", low=1, high=500, log=True,
        help="How many fonts are used at most: always the same choice, spread over all that are found.",
    )  # fmt: skip
    variation: float = option(
        0.3, label="variation", low=0.0, high=1.0,
        help="How much letters are turned (at 1 by up to 15°), scaled (by 20 %) and shifted (by a tenth of the side).",
    )  # fmt: skip
    folder: str = option("", label="folder", help="Where the font files are; empty for the fonts of this machine.")

    def short_title(self) -> str:
        """``Letters 16 × 16``."""
        return f"{'Digits' if self.letters == 'digits' else 'Letters'} {self.resolution} × {self.resolution}"

    @property
    def image_shape(self) -> Picture:
        """A square of grey pixels."""
        return Picture(1, self.resolution, self.resolution)

    @property
    def levels(self) -> int:
        """As many shades of grey as a byte has."""
        return SHADES

    @property
    def class_names(self) -> tuple[str, ...]:
        """The letters."""
        return tuple(SETS[self.letters])

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw fonts, letters and how they stand by chance, shape (n, d)."""
        return self.draw_told(n, generator)[0]

    def draw_told(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The same pictures, and the letter of each.

        Raises:
            RecipeError: there is no font with these letters.
        """
        drawn = letters(self.folder, SETS[self.letters], self.fonts, FINER * self.resolution)
        fonts, labels = (torch.randint(count, (n,), generator=generator) for count in drawn.shape[:2])
        ways = self._ways(2 * torch.rand(n, 4, generator=generator) - 1)
        x = torch.empty(n, self.dimension)
        for some in torch.arange(n).split(max(1, AT_ONCE // (FINER * self.resolution) ** 2)):
            x[some] = _moved(drawn[fonts[some], labels[some]], ways[some])
        return x, labels

    def _ways(self, chance: Tensor) -> Tensor:
        """The maps from places on the picture to places on the letter, shape (n, 2, 3), for chances in [−1, 1]."""
        turn, growth, shift = (self.variation * most for most in (TURN, GROWTH, SHIFT))
        angle, scale = turn * chance[:, 0], 1 + growth * chance[:, 1]
        cosine, sine = angle.cos() / scale, angle.sin() / scale
        turned = torch.stack([torch.stack([cosine, -sine], 1), torch.stack([sine, cosine], 1)], 1)
        return torch.cat([turned, 2 * shift * chance[:, 2:, None]], 2)  # the side of a picture is 2 long there


def _moved(pictures: Tensor, ways: Tensor) -> Tensor:
    """Letters, shape (N, side, side), uint8, under such maps: rows of numbers in [−1, 1], shape (N, d)."""
    planes = pictures[:, None].float()
    seen = grid_sample(planes, affine_grid(ways, list(planes.shape), align_corners=False), align_corners=False)
    ink = avg_pool2d(seen, FINER).flatten(1)
    # The strokes of a thin font are narrower than a pixel, and would hardly be seen.
    shades = (ink * ((SHADES - 1) / ink.amax(1, keepdim=True))).round_()
    return shades * (2 / (SHADES - 1)) - 1
