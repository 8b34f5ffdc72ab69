"""What every data set offers: the law P_X that a model is to learn, known by samples and, where possible, exactly."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import ClassVar, Final

import torch
from torch import Tensor

from models.data._captions import Captions
from models.data._cells import DRAWN, cells_of, picture_cells_of
from models.data._dequantised import Bins
from models.data._modes import NamedModes
from models.data._noised import NoisedLaw
from models.data._picture import Picture, Shape
from models.data._units import Units
from models.registry import Member, Registry, option

Bounds = tuple[float, float, float, float]
"""Left, bottom, right, top of a picture, data units."""

MARGIN: Final = 0.15
"""Free space on each side of a picture, as a share of the side that the data fills."""


HELD: Final = 2**24
"""Numbers of real samples that are held at once for looking at them."""


class Data(Member):
    """A law P_X over ℝᵈ.

    Capabilities: ``sample`` (fresh exact draws), ``log_prob`` (exact log density), ``everywhere`` (that density is
    positive on all of ℝᵈ, and its logarithm has a gradient), ``modes`` (named modes), ``images`` (a sample is a
    picture), ``labels`` (each training sample has a class), ``classes`` (``draw_told``: any sample has one),
    ``captions`` (``draw_told``: any sample is told by a caption), ``noised`` (the exact law of noised samples).
    """

    def short_title(self) -> str:
        """The law in a few words, with what tells it from others of its kind."""
        return self.title

    @property
    @abstractmethod
    def dimension(self) -> int:
        """How many numbers one sample has, d."""

    @abstractmethod
    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw samples of P_X.

        Args:
            n: how many.
            generator: the only source of chance.

        Returns:
            Samples, shape (n, d), float32, data units.
        """

    def specimens(self, most: int, generator: torch.Generator) -> Tensor:
        """Samples of P_X to look at and to measure with, as many as can be held, shape (m, d) with m ≤ most.

        Args:
            most: how many at most.
            generator: the only source of chance, where they are drawn afresh.
        """
        return self.draw(few_of(self.dimension, most), generator)

    @property
    def remark(self) -> str:
        """What a person must be told of the samples that were read so far, one sentence; empty if nothing."""
        return ""

    @property
    def size(self) -> int | None:
        """How many training samples there are; None when every batch is drawn afresh."""
        return None

    def training_set(self, generator: torch.Generator) -> Tensor | None:
        """The finite training sample, shape (size, d), or None when every batch is drawn, or read, afresh."""
        return None if self.size is None or self.is_streamed else self.draw(self.size, generator)

    def held_out_sample(self, n: int, generator: torch.Generator) -> Tensor | None:
        """At most n samples that training never sees, shape (m, d); None where there are none.

        Args:
            n: how many at most.
            generator: the only source of chance, where they are drawn afresh.
        """
        return None

    def told_held_out_sample(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor] | None:
        """The same, and what is told of each sample, as ``draw_told`` does; None where that is, or nothing is told."""
        return None

    @property
    def units(self) -> Units | None:
        """How networks see a sample; None where they see it as it is. All else is in data units."""
        return None

    def log_prob(self, x: Tensor) -> Tensor:
        """Exact log density in nats: shape (N, d) to (N,). Only with the capability ``log_prob``."""
        raise NotImplementedError(f"{self.title} has no closed density")

    def noised(self, alpha: float, std: float, label: int | None = None) -> NoisedLaw:
        """The exact law of αx + σε with ε ~ N(0, I), data units. Only with the capability ``noised``.

        Args:
            alpha: α ≥ 0.
            std: σ ≥ 0, data units.
            label: the class whose samples alone are meant; None for all.
        """
        raise NotImplementedError(f"{self.title} has no closed form under noise")

    def named_modes(self) -> NamedModes | None:
        """The named modes, or None. Only with the capability ``modes``."""
        return None

    @property
    def parts(self) -> NamedModes:
        """What a model of this law can lose: the named modes, or else cells of a clustering fixed from the data."""
        return self.named_modes() or self._cells

    @property
    def class_names(self) -> tuple[str, ...]:
        """What a person calls each class of samples, C of them; none where samples have no class.

        With the capability ``classes`` there are some.
        """
        return ()

    @property
    def class_shares(self) -> Tensor:
        """Mass of each class under P_X, shape (C,), sums to 1."""
        return torch.full((len(self.class_names),), 1 / max(1, len(self.class_names)))

    @property
    def captions(self) -> Captions | None:
        """The vocabulary of what samples are told by, or None. Only with the capability ``captions``."""
        return None

    def draw_told(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The samples of ``draw``, shape (n, d), and what is told of each, int64: with ``classes`` or ``captions``.

        A class is a number, shape (n,); captions of L words are rows of the words' numbers, shape (n, L).
        """
        raise NotImplementedError(f"samples of {self.title} have no class")

    def told_training_set(self, generator: torch.Generator) -> tuple[Tensor, Tensor] | None:
        """The same as ``training_set``, and what is told of each sample, as ``draw_told`` does; None where that is."""
        return None if self.size is None or self.is_streamed else self.draw_told(self.size, generator)

    def labelled_sample(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor] | None:
        """At most n samples in random order and all that is known of each: what a classifier of them can learn.

        Args:
            n: how many at most; of a sample that is held no row is given twice.
            generator: the only source of chance.

        Returns:
            Samples, shape (m, d), and L labels of each, shape (m, L), int64, each counted from 0; None where nothing
            is known. A sample's class, if it has one, comes first.
        """
        if not (self.class_names or self.captions):
            return None
        x, told = self.told_training_set(generator) or self.draw_told(n, generator)
        order = torch.randperm(len(x), generator=generator)[:n]
        return x[order], told[order].reshape(len(order), -1)

    def labels(self) -> Tensor | None:
        """Class of each training sample, shape (size,), int64, or None. Only with the capability ``labels``."""
        return None

    @property
    def image_shape(self) -> Picture | None:
        """Channels, rows and columns of one sample as a picture, or None."""
        return None

    @property
    def shape(self) -> Shape:
        """What the numbers of one sample are: a picture's, or d of a plain vector."""
        return self.image_shape or self.dimension

    @property
    def is_streamed(self) -> bool:
        """Whether its finite sample is too large to be held at once: then ``training_set`` is None, each batch read."""
        return False

    @property
    def image_range(self) -> tuple[float, float]:
        """Values of black and of white in such pictures."""
        return (-1.0, 1.0)

    @property
    def levels(self) -> int | None:
        """How many equally spaced values a number of a sample can take, over ``image_range``; None where any can."""
        return None

    @property
    def bins(self) -> Bins | None:
        """The intervals that uniform noise, fresh in every batch, has made of levels; None without such noise.

        Only of data that networks see as it is, without ``units``.
        """
        return None

    @property
    def cells(self) -> Bins | None:
        """The intervals around the levels, with noise on them or without; None where numbers take any value."""
        if self.bins is not None or self.levels is None:
            return self.bins
        low, high = self.image_range
        return Bins(low, (high - low) / (self.levels - 1), self.levels)

    def bounds(self) -> Bounds:
        """The part of data space to show: it holds nearly everything, with a margin, data units.

        In the plane it is a square, so that circles are round. In one dimension only left and right count. Above two
        dimensions it frames the first two coordinates; for pictures it is the unit square.
        """
        return self._bounds

    @cached_property
    def _cells(self) -> NamedModes:
        # As the frame: the same for the same law, whatever the run's seed.
        some = self.specimens(DRAWN, torch.Generator().manual_seed(0))
        return picture_cells_of(some, self.image_shape) if self.image_shape else cells_of(some)

    @cached_property
    def _bounds(self) -> Bounds:
        if self.image_shape:
            return (0.0, 0.0, 1.0, 1.0)
        # The frame is needed before anything else is drawn, and is the same for the same recipe: a seed of its own.
        return frame(self.draw(4096, torch.Generator().manual_seed(0)))


class Law(Data):
    """A law with an exact sampler: trained on fresh draws, or on a finite sample of it.

    With n > 0 the training set is one sample of n points, drawn once from the run's seed.
    """

    capabilities: ClassVar[frozenset[str]] = frozenset({"sample"})

    n: int = option(
        0, label="sample size n", symbol="n", low=0, high=1_000_000, log=True,
        help="How many training samples there are; 0 draws fresh ones for every batch.",
    )  # fmt: skip

    @property
    def size(self) -> int | None:
        """n, or None for fresh draws."""
        return self.n or None

    def held_out_sample(self, n: int, generator: torch.Generator) -> Tensor:
        """Fresh draws: nothing is withheld from training for them."""
        return self.draw(n, generator)

    def told_held_out_sample(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor] | None:
        """Fresh draws, and what is told of them."""
        return self.draw_told(n, generator) if self.class_names or self.captions else None


class Planar(Law):
    """A law in the plane."""

    group: ClassVar[str] = "Shapes in the plane"

    @property
    def dimension(self) -> int:
        """Two: the plane."""
        return 2


def frame(x: Tensor) -> Bounds:
    """What holds all but stray points of the first two coordinates of a sample, shape (N, d), with a margin."""
    low, high = x[:, :2].quantile(torch.tensor([0.002, 0.998]), dim=0)
    centre, half = (low + high) / 2, float((high - low).max()) * (0.5 + MARGIN)
    half = half or 1.0  # all points are one
    left, right = float(centre[0]) - half, float(centre[0]) + half
    if x.shape[1] == 1:
        return (left, 0.0, right, 1.0)
    return (left, float(centre[1]) - half, right, float(centre[1]) + half)


def few_of(dimension: int, most: int) -> int:
    """How many samples of so many numbers each can be held for looking at them, at most as many as asked for."""
    return max(1, min(most, HELD // dimension))


DATA: Final[Registry[Data]] = Registry("data", Data)
