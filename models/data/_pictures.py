"""Data that is a finite set of pictures of 256 levels: which train, which are held out, and how they are read."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final

import torch
from torch import Tensor
from torch.nn import functional

from models.data._base import HELD, Data, few_of
from models.data._picture import Picture
from models.registry import RecipeError, join, option

LARGEST: Final = 400
"""Rows and columns of the largest pictures: with three colours, d = 480,000."""

GROUP: Final = "Your own data"

MOST_CLASSES: Final = 1_024
"""More different values than this number pictures rather than name classes of them."""


@dataclass(frozen=True, eq=False)
class Split:
    """Which pictures train, rising, and which are held out, in the order in which they are asked for, both int64."""

    training: Tensor
    held_out: Tensor


@dataclass(frozen=True, eq=False)
class Classes:
    """Class of each picture, shape (n,), int64, and what each class is called."""

    labels: Tensor
    names: tuple[str, ...]


class Pictures(Data):
    """The empirical law of the pictures that train, with values scaled from 0 … 255 to [−1, 1].

    Batches are drawn from them with replacement. They stay bytes until they are drawn: a set of more than 16 million
    numbers is streamed. Which pictures are held out is the same for every run.
    """

    group: ClassVar[str] = "Images"
    formula: ClassVar[str] = r"\frac{1}{n}\sum_{i=1}^{n} \delta_{x_i}"
    capabilities: ClassVar[frozenset[str]] = frozenset({"sample", "images"})

    @property
    @abstractmethod
    def count(self) -> int:
        """How many pictures there are in all; known without reading them."""

    @property
    @abstractmethod
    def held_count(self) -> int:
        """How many of them are held out; known without reading them."""

    @abstractmethod
    def read(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """Read pictures.

        Args:
            index: which, shape (N,), int64, each in [0, count).

        Returns:
            Their levels, uint8, shape (N, d), and which pictures they are: where one cannot be read another stands in.

        Raises:
            RecipeError: they cannot be read; its path is the option at fault.
        """

    @property
    @abstractmethod
    def image_shape(self) -> Picture:
        """Channels, rows and columns; known without reading the pictures."""

    def picture_labels(self) -> Tensor | None:
        """Class of each picture, shape (count,), int64; None where they have none."""
        return None

    @property
    def dimension(self) -> int:
        """Plane by plane, row by row."""
        return self.image_shape.numbers

    @property
    def levels(self) -> int:
        """Bytes."""
        return 256

    @property
    def size(self) -> int:
        """How many pictures train."""
        return self.count - self.held_count

    @property
    def is_streamed(self) -> bool:
        """Where their numbers would take more than 64 MB."""
        return self.size * self.dimension > HELD

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw from the pictures that train, with replacement, shape (n, d)."""
        return self._values(self._drawn(n, generator))

    def draw_told(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The same pictures, and the class of each."""
        if not self.class_names:
            return super().draw_told(n, generator)
        return self._told(self._drawn(n, generator))

    def specimens(self, most: int, generator: torch.Generator) -> Tensor:
        """The first ones in one order of the pictures that train: all different, and the same at every call."""
        order = torch.randperm(self.size, generator=torch.Generator().manual_seed(0))
        return self._values(self.split.training[order[: few_of(self.dimension, most)]])

    def training_set(self, generator: torch.Generator) -> Tensor | None:
        """Every picture that trains once, in order, shape (size, d); None where they are streamed."""
        return None if self.is_streamed else self._values(self.split.training)

    def told_training_set(self, generator: torch.Generator) -> tuple[Tensor, Tensor] | None:
        """The same, and the class of each."""
        if not self.class_names or self.is_streamed:
            return super().told_training_set(generator)
        return self._told(self.split.training)

    def labels(self) -> Tensor | None:
        """Class of each picture that trains, shape (size,), int64; None where they have none."""
        labels = self.picture_labels()
        return None if labels is None else labels[self.split.training]

    @property
    def class_shares(self) -> Tensor:
        """Share of the pictures that train which each class has."""
        labels = self.labels()
        if labels is None:
            return super().class_shares
        return torch.bincount(labels, minlength=len(self.class_names)) / self.size

    def held_out_sample(self, n: int, generator: torch.Generator) -> Tensor | None:
        """The first n of the held-out pictures; None if there are none."""
        index = self.split.held_out
        return self._values(index[:n]) if len(index) else None

    def told_held_out_sample(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor] | None:
        """The same, and the class of each."""
        index = self.split.held_out
        return self._told(index[:n]) if len(index) and self.class_names else None

    @cached_property
    def split(self) -> Split:
        """Which pictures train: chosen by a permutation that is the same for every run."""
        order = torch.randperm(self.count, generator=torch.Generator().manual_seed(0))
        return Split(order[: self.size].sort().values, order[self.size :])

    def _drawn(self, n: int, generator: torch.Generator) -> Tensor:
        return self.split.training[torch.randint(self.size, (n,), generator=generator)]

    def _values(self, index: Tensor) -> Tensor:
        return values_of(self._read(index)[0])

    def _read(self, index: Tensor) -> tuple[Tensor, Tensor]:
        try:
            return self.read(index)
        except RecipeError as error:  # long after the recipe was checked, when nobody else knows where this stands
            error.settings = tuple(join("data", setting) for setting in error.settings)
            error.path = join("data", error.path)
            error.args = (f"{error.path}: {error.problem}",)
            raise

    def _told(self, index: Tensor) -> tuple[Tensor, Tensor]:
        labels = self.picture_labels()
        assert labels is not None, "only pictures with classes are told"
        levels, found = self._read(index)
        return values_of(levels), labels[found]


def values_of(levels: Tensor) -> Tensor:
    """Bytes as float32 in [−1, 1], any shape."""
    return levels.float().div_(127.5).sub_(1)


def resized(levels: Tensor, shape: Picture, side: int) -> Tensor:
    """Pictures squeezed or stretched to side × side, uint8, shape (N, d) to (N, channels · side²)."""
    if (shape.rows, shape.columns) == (side, side) or not side:
        return levels
    planes = functional.interpolate(shape.view(levels).float(), (side, side), mode="bilinear", antialias=True)
    return planes.round().clamp_(0, 255).to(torch.uint8).flatten(1)


def resolution_option() -> int:
    """The option of every member whose files have a size of their own."""
    return option(
        0, label="resolution", low=0, high=LARGEST, unit="px",
        help="Rows and columns that pictures are squeezed to; 0 leaves them as they are.",
    )  # fmt: skip


def held_out_share() -> float:
    """The option of every member whose pictures come in one set."""
    return option(
        0.0, label="held out", low=0.0, high=0.9,
        help="Share of the pictures that training never sees; on them overfitting shows.",
    )  # fmt: skip


def sized(shape: Picture, side: int, name: str) -> Picture:
    """The shape that pictures have once they are resized.

    Args:
        shape: as they are in the file.
        side: what is asked for; 0 for as they are.
        name: of the file, for the error's text.

    Raises:
        RecipeError: they are too large as they are.
    """
    if side:
        return shape._replace(rows=side, columns=side)
    if max(shape.rows, shape.columns) > LARGEST:
        size = f"{shape.rows} × {shape.columns} pixels"
        problem = f"0 leaves the pictures of {name} as they are, {size}; at most {LARGEST} × {LARGEST} are allowed"
        raise RecipeError("resolution", problem, ("resolution=64",))
    return shape


def planes_of(dims: tuple[int, ...], name: str, path: str) -> tuple[Picture, bool]:
    """What the axes of an array of pictures mean.

    Args:
        dims: its shape: (n, rows, columns), or with an axis of 1 or 3 channels after them or before them.
        name: of the file or array, for the error's text.
        path: of the option at fault.

    Returns:
        The shape of one picture, and whether its channels come last.

    Raises:
        RecipeError: they are no pictures.
    """
    if len(dims) == 3 and 0 not in dims:
        return Picture(1, *dims[1:]), False
    if len(dims) == 4 and 0 not in dims and dims[3] in (1, 3):
        return Picture(dims[3], dims[1], dims[2]), True
    if len(dims) == 4 and 0 not in dims and dims[1] in (1, 3):
        return Picture(*dims[1:]), False
    allowed = "(n, rows, columns), (n, rows, columns, c) or (n, c, rows, columns) with c = 1 or 3 channels"
    raise RecipeError(path, f"{name}: has the shape {dims}; pictures have {allowed}")
