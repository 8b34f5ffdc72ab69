"""The factors that drawn pictures are made from, and the small grammar that captions tell them in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor

from models.data._captions import PADDING, Captions
from models.data._forms import FORMS

UNSAID: Final = -1
"""What a caption asks of a factor that it leaves out."""

ORDER: Final = ("size", "angle", "colour", "form", "place")
"""The factors, as they follow one another in a caption."""

ANGLE: Final = ORDER.index("angle")

FORM: Final = ORDER.index("form")

EXAMPLES: Final = 512
"""Captions that stand for the law of captions."""

SIZES: Final[Mapping[str, float]] = MappingProxyType({"small": 0.13, "large": 0.21})
"""r as a share of the picture's side."""

ANGLES: Final = ("upright", "tilted")

COLOURS: Final[Mapping[str, tuple[float, float, float]]] = MappingProxyType(
    {
        "red": (1.0, 0.12, 0.12),
        "green": (0.1, 0.75, 0.15),
        "blue": (0.15, 0.35, 1.0),
        "yellow": (1.0, 0.9, 0.0),
        "purple": (0.8, 0.2, 1.0),
        "white": (1.0, 1.0, 1.0),
        "turquoise": (0.0, 0.85, 0.85),
    }
)
"""Red, green and blue from 0 to 1, far from one another and from the black ground."""

GREYS: Final[Mapping[str, tuple[float, ...]]] = MappingProxyType({"white": (1.0,), "grey": (0.65,), "dark": (0.35,)})
"""What stands for colours where pictures have one channel."""

PLACES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "top left": "at the top left", "top": "at the top", "top right": "at the top right",
        "left": "on the left", "centre": "in the centre", "right": "on the right",
        "bottom left": "at the bottom left", "bottom": "at the bottom", "bottom right": "at the bottom right",
    }
)  # fmt: skip
"""Row by row, and how a caption puts it."""

PLACE_WORDS: Final = ("top", "bottom", "left", "right", "centre")

ANY_FORM: Final = "shape"
"""What a caption calls a form that it leaves out."""

SYNONYMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "an": "a", "one": "a", "big": "large", "little": "small", "tiny": "small", "turned": "tilted",
        "straight": "upright", "disc": "circle", "disk": "circle", "box": "square", "plus": "cross", "figure": "shape",
        "cyan": "turquoise", "violet": "purple", "gray": "grey", "upper": "top", "lower": "bottom",
        "center": "centre", "middle": "centre",
    }
)  # fmt: skip
"""Other ways to write the words of the grammar."""


@dataclass(frozen=True, eq=False)
class Grammar:
    """Captions "a [size] [angle] [colour] form [place]", any part of which may be left out.

    Attributes:
        names: the values of each factor, in the order of ``ORDER``.
        unsaid: chance of each part to be left out, in [0, 1).
    """

    names: Mapping[str, tuple[str, ...]]
    unsaid: float

    @cached_property
    def captions(self) -> Captions:
        """The vocabulary, with captions as the law tells them for examples."""
        chance = torch.Generator().manual_seed(0)
        return replace(self._vocabulary, examples=self.told(self.drawn(EXAMPLES, chance), chance))

    def drawn(self, n: int, generator: torch.Generator) -> Tensor:
        """Values of the factors, each by the same chance, shape (n, 5), int64; round forms count as upright."""
        chances = torch.rand(n, len(ORDER), generator=generator)
        counts = torch.tensor([len(self.names[factor]) for factor in ORDER])
        factors = (chances * counts).long()
        factors[:, ANGLE].masked_fill_(self._is_round[factors[:, FORM]], 0)
        return factors

    def told(self, factors: Tensor, generator: torch.Generator) -> Tensor:
        """Captions of pictures with such factors, shape (N, 5), some parts left out by chance; shape (N, L), int64."""
        left_out = torch.rand(factors.shape, generator=generator) < self.unsaid
        asked = factors.masked_fill(left_out, UNSAID)
        asked[:, ANGLE].masked_fill_(self._is_round[asked[:, FORM]], UNSAID)
        return self.worded(asked)

    def worded(self, asked: Tensor) -> Tensor:
        """What is asked of each factor, shape (N, 5), −1 for nothing, in words: captions, shape (N, L), int64."""
        # Captions repeat: each is put into words once.
        distinct, index = asked.unique(dim=0, return_inverse=True)
        return torch.stack([self._caption(row) for row in distinct.tolist()])[index]

    def asked(self, tokens: Tensor) -> Tensor:
        """What captions, shape (N, L), ask of each factor, shape (N, 5), int64; −1 for nothing.

        Words count wherever they stand; of two that contradict one another, the earlier value of the factor.
        """
        count = len(self._vocabulary.words)
        told = torch.zeros(len(tokens), count, dtype=torch.int64).scatter_(1, tokens, 1).bool()
        told[:, PADDING] = False  # which stands for words that the vocabulary lacks
        asked = [_first(torch.stack([self._says(told, name) for name in self.names[factor]], 1)) for factor in ORDER]
        return torch.stack(asked, 1)

    def _says(self, told: Tensor, name: str) -> Tensor:
        """Whether captions have all words of a value, and of a place no more than that, shape (N,)."""
        numbers = self._vocabulary.numbers
        words = name.split()
        others = [word for word in PLACE_WORDS if word in numbers and word not in words] if name in PLACES else []
        says = told[:, [numbers.get(word, PADDING) for word in words]].all(1)
        return says & ~told[:, [numbers[word] for word in others]].any(1)

    @cached_property
    def _vocabulary(self) -> Captions:
        told = [names for factor, names in self.names.items() if factor == "form" or len(names) > 1]
        values = [word for names in told for name in names for word in name.split()]
        frame = [word for name in values for word in PLACES.get(name, "").split()]
        words = tuple(dict.fromkeys(["", "a", ANY_FORM, *values, *frame]))
        # The article and the form, the words of the longest place, and one for each other part.
        length = len(ORDER) + max(len(PLACES[place].split()) for place in self.names["place"])
        return Captions(words, length, torch.zeros(0, length, dtype=torch.int64), SYNONYMS)

    @cached_property
    def _is_round(self) -> Tensor:
        # The last is what −1 picks: of a form that is left out, the angle is not told either, for it may be round.
        return torch.tensor([FORMS[form].turn == 0 for form in self.names["form"]] + [True])

    def _caption(self, asked: Sequence[int]) -> Tensor:
        numbers = self._vocabulary.numbers
        return self._vocabulary.padded(numbers[word] for part in self._parts(asked) for word in part.split())

    def _parts(self, asked: Sequence[int]) -> Iterator[str]:
        yield "a"
        for factor, value in zip(ORDER, asked, strict=True):
            names = self.names[factor]
            if factor == "form":
                yield ANY_FORM if value == UNSAID else names[value]
            elif value != UNSAID and len(names) > 1:
                yield PLACES[names[value]] if factor == "place" else names[value]


def _first(says: Tensor) -> Tensor:
    """The first of several that holds, shape (N, K) to (N,), int64; −1 where none does."""
    return torch.where(says.any(1), says.int().argmax(1), UNSAID)
