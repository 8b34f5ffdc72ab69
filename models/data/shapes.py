"""Pictures drawn on the fly, of which everything is known."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar, Final, Literal

import torch
from torch import Tensor

from models.data._base import DATA
from models.data._captions import Captions
from models.data._drawn import Drawn
from models.data._factors import ANGLES, COLOURS, GREYS, ORDER, PLACES, SIZES, Grammar
from models.data._forms import FORMS, Figures
from models.data._picture import Picture
from models.registry import option

OFF_CENTRE: Final = 0.25
"""How far the outer places lie from the middle, as a share of the picture's side."""

JITTER: Final = 0.02
"""Greatest chance shift of a centre along each axis, as a share of the picture's side."""

SIZE_JITTER: Final = 0.06
"""Greatest chance change of a size, as a share of it."""

TURN_JITTER: Final = 0.1
"""Greatest chance turn, radians: six degrees."""


@DATA.register
class Shapes(Drawn):
    """One figure on a black ground, with a known form, size, angle, place and colour.

    Every value of a factor has the same chance, independently of the other factors; place, size and angle then vary a
    little. Round forms have no angle and count as upright; the others are tilted by half of what brings them back onto
    themselves. Each picture is told by a caption such as "a small red square at the top left", from which parts may be
    left out, or by the value of one factor as its class.

    Source: this project's own; after Matthey et al. 2017, dSprites, github.com/google-deepmind/dsprites-dataset.
    """

    title: ClassVar[str] = "Drawn shapes with captions"
    source: ClassVar[str] = "this project's own, after Matthey et al. 2017, dSprites"
    formula: ClassVar[str] = r"x = \mathrm{draw}(\mathrm{size,\ angle,\ colour,\ form,\ place})"
    capabilities: ClassVar[frozenset[str]] = frozenset({"sample", "images", "captions"})

    resolution: int = option(
        16, label="resolution", low=8, high=128, log=True, unit="px", help="Side of the square picture in pixels."
    )
    channels: Literal["colour", "grey"] = option(
        "colour",
        label="channels",
        help="Red, green and blue; or one grey level, with white, grey and dark for colours.",
    )
    tell: Literal["caption", "form", "colour", "size", "angle", "place"] = option(
        "caption", label="told by",
        help="What a conditional model is told of a picture: a caption, or one factor as its class.",
    )  # fmt: skip
    unsaid: float = option(
        0.25, label="left unsaid", low=0.0, high=0.9,
        help="Chance that a part of a caption is left out, so that the model also learns from captions that say less.",
    )  # fmt: skip
    forms: int = option(
        3, label="forms", low=1, high=len(FORMS), help="How many forms there are, of " + ", ".join(FORMS) + "."
    )
    colours: int = option(
        6, label="colours", low=1, high=len(COLOURS), help="How many colours there are, of " + ", ".join(COLOURS) + "."
    )
    sizes: int = option(2, label="sizes", low=1, high=2, help="Small figures alone, or large ones too.")
    angles: int = option(1, label="angles", low=1, high=2, help="Upright figures alone, or tilted ones too.")
    places: Literal["anywhere", "centre"] = option(
        "anywhere", label="places", help="Nine places, as on a noughts-and-crosses board, or the centre alone."
    )

    def short_title(self) -> str:
        """``Shapes 16 × 16``."""
        return f"Shapes {self.resolution} × {self.resolution}"

    @property
    def image_shape(self) -> Picture:
        """A square of one or of three channels."""
        return Picture(len(next(iter(self._palette.values()))), self.resolution, self.resolution)

    @property
    def factor_names(self) -> Mapping[str, tuple[str, ...]]:
        """The factors in the order in which captions tell them, and what each value of them is called."""
        return self._grammar.names

    @property
    def captions(self) -> Captions | None:
        """The vocabulary of the grammar, where pictures are told by captions."""
        return self._grammar.captions if self.tell == "caption" else None

    @property
    def class_names(self) -> tuple[str, ...]:
        """The values of the factor that is told; none with captions."""
        return self._grammar.names.get(self.tell, ())

    @property
    def class_shares(self) -> Tensor:
        """All equal but for angles: round forms are upright."""
        count = len(self.class_names)
        if self.tell != "angle" or count < 2:
            return super().class_shares
        turned = sum(FORMS[form].turn > 0 for form in self._grammar.names["form"]) / (2 * self.forms)
        return torch.tensor([1 - turned, turned])

    def asked(self, tokens: Tensor) -> Tensor:
        """What captions, shape (N, L), ask of each factor, shape (N, F), int64: a value's number, −1 for nothing."""
        return self._grammar.asked(tokens)

    def captions_of(self, asked: Tensor) -> Tensor:
        """What is asked of each factor, shape (N, F), −1 for nothing, as captions, shape (N, L), int64."""
        return self._grammar.worded(asked)

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw factors by chance, and pictures of them, shape (n, d)."""
        return self.draw_factors(n, generator)[0]

    def draw_told(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The same pictures, and the caption or the class of each."""
        x, factors = self.draw_factors(n, generator)
        if self.tell == "caption":
            return x, self._grammar.told(factors, generator)
        return x, factors[:, ORDER.index(self.tell)]

    def draw_factors(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The samples of ``draw``, shape (n, d), and the values of the factors of each, shape (n, F), int64."""
        factors = self._grammar.drawn(n, generator)
        return self.drawn_with(factors, generator), factors

    def labelled_sample(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """All factors are labels, whatever is told; one that is a class comes first."""
        x, factors = self.draw_factors(n, generator)
        first = ORDER.index(self.tell) if self.tell in ORDER else 0
        return x, factors.roll(-first, dims=1)

    def drawn_with(self, factors: Tensor, generator: torch.Generator) -> Tensor:
        """Pictures with given factors, shape (N, F), that vary a little by chance; shape (N, d)."""
        size, angle, colour, form, place = factors.unbind(1)
        shifts = 2 * torch.rand(len(factors), 4, generator=generator) - 1
        centres = self._centres[place] + JITTER * shifts[:, :2]
        sizes = torch.tensor(list(SIZES.values()))[size] * (1 + SIZE_JITTER * shifts[:, 2])
        turns = torch.tensor([kind.turn for kind in FORMS.values()])[form] * angle + TURN_JITTER * shifts[:, 3]
        covered = Figures(form, centres, sizes, turns).covered(self.resolution)
        inks = torch.tensor(list(self._palette.values()))[colour]
        return (2 * inks[:, :, None] * covered.flatten(1)[:, None] - 1).flatten(1)

    @property
    def _palette(self) -> Mapping[str, tuple[float, ...]]:
        return COLOURS if self.channels == "colour" else GREYS

    @cached_property
    def _centres(self) -> Tensor:
        names = self._grammar.names["place"]
        across = [("right" in name) - ("left" in name) for name in names]
        down = [("bottom" in name) - ("top" in name) for name in names]
        return 0.5 + OFF_CENTRE * torch.tensor([across, down], dtype=torch.float32).T

    @cached_property
    def _grammar(self) -> Grammar:
        places = {"anywhere": tuple(PLACES), "centre": ("centre",)}
        names = {
            "size": tuple(SIZES)[: self.sizes],
            "angle": ANGLES[: self.angles],
            "colour": tuple(self._palette)[: self.colours],
            "form": tuple(FORMS)[: self.forms],
            "place": places[self.places],
        }
        return Grammar(names, self.unsaid)
