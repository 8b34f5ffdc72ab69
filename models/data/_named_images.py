"""Published sets of pictures, fetched on request: their split, and where they are on this machine."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

import torch
from pydantic import model_validator
from torch import Tensor

from models.data._cache import cache_directory
from models.data._fetch import Lack, NotHere, Origin, Tell, fetch, megabytes
from models.data._picture import Picture
from models.data._pictures import Pictures, Split
from models.registry import RecipeError, option


@dataclass(frozen=True, eq=False)
class Files:
    """What the files hold.

    Attributes:
        train: levels of the training split, uint8, shape (n, d).
        test: levels of the test split, uint8, shape (m, d).
        labels: class of each picture, the training split first, shape (n + m,), int64.
    """

    train: Tensor
    test: Tensor
    labels: Tensor


class NamedImages(Pictures):
    """The published training split trains, and the published test split is held out.

    Shape, classes and counts are known before the files are here; they are looked for in the user's cache directory,
    or in the folder that ``path`` names.
    """

    capabilities: ClassVar[frozenset[str]] = frozenset({"sample", "images", "labels", "classes"})

    origin: ClassVar[Origin]
    picture: ClassVar[Picture]
    counts: ClassVar[tuple[int, int]]
    """Pictures of the training split and of the test split."""

    names: ClassVar[tuple[str, ...]]

    path: str = option("", label="folder", help="A folder that holds its files; empty to fetch them on request.")

    @model_validator(mode="after")
    def _local_copy_fits(self) -> Self:
        if self.path:
            self._counts  # noqa: B018  so that a bad folder is refused with the recipe, before training
        return self

    @property
    def folder(self) -> Path:
        """Where its files are, or will be."""
        return Path(self.path).expanduser() if self.path else cache_directory() / "data" / self.key

    @property
    def is_here(self) -> bool:
        """Whether its files need not be fetched."""
        return bool(self.path) or self.origin.is_in(self.folder)

    @abstractmethod
    def count_split(self, *, is_test: bool) -> int:
        """How many pictures a split has in the files of ``folder``.

        Raises:
            RecipeError: they cannot be used.
        """

    @abstractmethod
    def read_split(self, *, is_test: bool) -> tuple[Tensor, Tensor]:
        """A split from the files of ``folder``, mapped and not read where that can be.

        Returns:
            Levels, uint8, shape (n, d), and classes, shape (n,), uint8.
        """

    @cached_property
    def _counts(self) -> tuple[int, int]:
        if not self.path:
            return self.counts
        if not self.folder.is_dir():
            raise RecipeError("path", f"{self.path}: is not a folder; it must hold the files of {self.title}")
        return self.count_split(is_test=False), self.count_split(is_test=True)

    @cached_property
    def _files(self) -> Files:
        if not self.is_here:
            raise self._not_here()
        (first, labels), (second, others) = self.read_split(is_test=False), self.read_split(is_test=True)
        return Files(first, second, torch.cat([labels, others]).long())

    def _not_here(self) -> NotHere:
        size = megabytes(self.origin.bytes)
        ways = f"fetch it ({size}) with 'pushforward fetch {self.key}', or name a folder that holds its files"
        problem = f"the data set {self.title} is not on this machine; {ways}"
        return NotHere("path", problem, Lack(self.key, self.title, self.origin.bytes, self.origin.host))

    @property
    def count(self) -> int:
        """Both splits."""
        return sum(self._counts)

    @property
    def held_count(self) -> int:
        """The test split."""
        return self._counts[1]

    @property
    def image_shape(self) -> Picture:
        """As published."""
        return self.picture

    @property
    def class_names(self) -> tuple[str, ...]:
        """As published."""
        return self.names

    def read(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """From the training split, and beyond it from the test split."""
        first, second = self._files.train, self._files.test
        taken = torch.empty(len(index), self.dimension, dtype=torch.uint8)
        is_test = index >= len(first)
        taken[~is_test] = first[index[~is_test]]
        taken[is_test] = second[index[is_test] - len(first)]
        return taken, index

    def picture_labels(self) -> Tensor:
        """Of both splits."""
        return self._files.labels

    @cached_property
    def split(self) -> Split:
        """As published."""
        train, test = self._counts
        order = torch.randperm(test, generator=torch.Generator().manual_seed(0))
        return Split(torch.arange(train), train + order)


def fetch_images(data: type[NamedImages], tell: Tell, source: str = "") -> Path:
    """Fetch a published set into the user's cache directory; at once where it is there.

    Args:
        data: which.
        tell: told of progress in bytes.
        source: a folder or an address to take the files from instead of where they are published.

    Returns:
        The folder that holds the files.

    Raises:
        NotFetched: why not, in one line.
    """
    folder = data().folder
    fetch(data.origin, folder, tell, source)
    return folder
