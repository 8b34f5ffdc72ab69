"""What is told of a sample, c: its class or its caption, and how that enters a network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final

import torch
from torch import Tensor, nn

from models.architectures._network import Network
from models.data import Data
from models.data._captions import PADDING, Captions
from models.families._text import Reader, TextEncoder

UNTOLD: Final = -1
"""In the place of the number of a class, or of a caption: it is not told."""

TEXT: Final = 32
"""Numbers that a caption becomes."""


class Condition(ABC):
    """How c enters a network: as the last numbers of each row.

    What is told is a number, shape (N,), of a class or of one of the captions that are drawn from where none is told,
    ``UNTOLD`` for none; or, of captions, their words, shape (N, L), all empty for none.

    Attributes:
        word: what a model that is told this offers to the window; empty for nothing.
    """

    word: ClassVar[str] = ""

    def __bool__(self) -> bool:
        return self.kinds > 0

    @property
    @abstractmethod
    def kinds(self) -> int:
        """How many classes, or captions to draw from, there are; 0 where nothing is told."""

    @cached_property
    def shares(self) -> Tensor:
        """Mass of each, shape (kinds,), sums to 1; all alike unless a subclass knows more."""
        return torch.full((self.kinds,), 1 / max(1, self.kinds))

    @property
    @abstractmethod
    def columns(self) -> int:
        """How many numbers of a row tell c."""

    @property
    @abstractmethod
    def width(self) -> int:
        """How many numbers the network makes of them, or sees them as."""

    @abstractmethod
    def rows(self, told: Tensor | None, n: int) -> Tensor:
        """The columns of n samples, shape (n, columns) or (1, columns); where nothing is told, all 0."""

    @abstractmethod
    def mean(self) -> Tensor:
        """Columns that stand for no c in particular, shape (1, columns): of classes, their mean."""

    def encoder(self, generator: torch.Generator) -> nn.Module:
        """From columns to what a network sees, shape (N, columns) to (N, width): fresh weights, if it has any."""
        return nn.Identity()

    def before(self, network: Network, generator: torch.Generator) -> Network:
        """A network over rows that end with ``columns``, from one over rows that end with ``width`` numbers."""
        return network

    def withheld(self, told: Tensor, kept: Tensor) -> Tensor:
        """The same, but untold where not ``kept``, shape (N,)."""
        return torch.where(kept, told, UNTOLD)

    def decided(self, number: Tensor) -> Tensor:
        """The kind that a standard normal number decides, in proportion to the shares: shape (N,), int64."""
        place = torch.special.ndtr(number.contiguous())
        return torch.bucketize(place, self.shares.cumsum(0)[:-1].to(place), right=True)

    def number_of(self, index: int) -> Tensor:
        """The number in the middle of those that decide for this kind, shape (), float64."""
        end = self.shares.double().cumsum(0)[index]
        return torch.special.ndtri(end - self.shares[index].double() / 2)


class Nothing(Condition):
    """Nothing is told."""

    @property
    def kinds(self) -> int:
        """None."""
        return 0

    @property
    def columns(self) -> int:
        """None."""
        return 0

    @property
    def width(self) -> int:
        """None."""
        return 0

    def rows(self, told: Tensor | None, n: int) -> Tensor:
        """No columns."""
        return torch.zeros(1, 0)

    def mean(self) -> Tensor:
        """No columns."""
        return torch.zeros(1, 0)


@dataclass(frozen=True, eq=False)
class ByClass(Condition):
    """Each class has a column of its own, 1 where it is told.

    Attributes:
        data: with classes; they are counted before anything is read, and weighed when that is asked for.
    """

    word: ClassVar[str] = "classes"
    data: Data

    @property
    def kinds(self) -> int:
        """C."""
        return len(self.data.class_names)

    @property
    def columns(self) -> int:
        """C."""
        return self.kinds

    @property
    def width(self) -> int:
        """C."""
        return self.kinds

    @cached_property
    def shares(self) -> Tensor:
        """Those of the data."""
        return self.data.class_shares

    def rows(self, told: Tensor | None, n: int) -> Tensor:
        """One-hot."""
        if told is None:
            return torch.zeros(1, self.kinds)
        columns = torch.zeros(len(told), self.kinds, device=told.device)
        known = told >= 0
        columns[known, told[known]] = 1
        return columns

    def mean(self) -> Tensor:
        """Of what is affine in the columns, this gives the mean over the classes."""
        return self.shares[None]


@dataclass(frozen=True, eq=False)
class ByCaption(Condition):
    """The numbers of its words stand in a row, and an encoder that is trained with the network reads them.

    Attributes:
        captions: the vocabulary.
    """

    word: ClassVar[str] = "captions"
    captions: Captions

    @property
    def kinds(self) -> int:
        """How many captions there are to draw from."""
        return len(self.captions.examples)

    @property
    def columns(self) -> int:
        """L."""
        return self.captions.length

    @property
    def width(self) -> int:
        """Numbers of the encoding."""
        return TEXT

    def rows(self, told: Tensor | None, n: int) -> Tensor:
        """The words' numbers; where an example is told by its number, its words."""
        if told is None:
            return torch.zeros(1, self.columns)
        if told.ndim == 1:
            told = self.withheld(self.captions.examples.to(told.device)[told], told >= 0)
        return told.float()

    def mean(self) -> Tensor:
        """The empty caption."""
        return torch.zeros(1, self.columns)

    def encoder(self, generator: torch.Generator) -> nn.Module:
        """A small reader of captions."""
        return TextEncoder(len(self.captions.words), self.columns, TEXT, generator)

    def before(self, network: Network, generator: torch.Generator) -> Network:
        """The encoder, then the network."""
        return Network(Reader(network.module, self.encoder(generator), self.columns), units=network.units)

    def withheld(self, told: Tensor, kept: Tensor) -> Tensor:
        """The caption becomes empty."""
        return super().withheld(told, kept) if told.ndim == 1 else torch.where(kept[:, None], told, PADDING)


NOTHING: Final = Nothing()


def condition_of(data: Data) -> Condition:
    """What the data tell of their samples: captions, where there are any, or else classes."""
    captions = data.captions
    if captions is not None:
        return ByCaption(captions)
    return ByClass(data) if data.class_names else NOTHING
