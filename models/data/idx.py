"""Pictures from a person's own IDX files."""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from models.data._base import DATA
from models.data._idx_file import read_bytes, read_header
from models.data._picture_file import PictureFile, existing
from models.data._pictures import Classes, held_out_share, resolution_option
from models.registry import RecipeError, option


@DATA.register
class Idx(PictureFile):
    """The pictures of an IDX file, the format of MNIST, plain or compressed by gzip, and their classes from another.

    Pictures are unsigned bytes of the axes n, rows, columns (magic number 00000803), or with 3 channels after them or
    before them (00000804); classes are n bytes (00000801).

    Source: LeCun, Cortes & Burges 1998, The MNIST Database, "File formats".
    """

    title: ClassVar[str] = "Pictures from an IDX file"
    source: ClassVar[str] = "the user's file"

    path: str = option("", label="pictures", help="The IDX file of the pictures, plain or .gz.")
    labels_path: str = option("", label="classes", help="The IDX file of the pictures' classes; empty for none.")
    resolution: int = resolution_option()
    held_out: float = held_out_share()

    @cached_property
    def _file(self) -> Path:
        return existing(self.path, "path", "an IDX file of pictures")

    @property
    def axes(self) -> tuple[int, ...]:
        """Sizes of the file's axes."""
        return read_header(self._file, "path").dims

    @property
    def array_title(self) -> str:
        """The file's name."""
        return self._file.name

    def levels_read(self) -> Tensor:
        """Mapped, or unpacked if the file is compressed."""
        return read_bytes(self._file, "path")

    def find_classes(self) -> Classes | None:
        """The numbers in the other file."""
        if not self.labels_path:
            return None
        file = existing(self.labels_path, "labels_path", "an IDX file of classes")
        dims = read_header(file, "labels_path").dims
        if len(dims) != 1:
            problem = f"{file.name}: has {len(dims)} axes; classes have one (magic number 00000801)"
            raise RecipeError("labels_path", problem)
        if dims[0] != self.count:
            problem = f"{file.name}: has {dims[0]:,} classes; {self._file.name} has {self.count:,} pictures"
            raise RecipeError("labels_path", problem)
        return classes_of(read_bytes(file, "labels_path"))


@lru_cache(maxsize=4)
def classes_of(numbers: Tensor) -> Classes:
    """The different numbers among those of a file, which is one tensor for as long as the file stays as it is."""
    found, labels = torch.unique(numbers, return_inverse=True)
    return Classes(labels, tuple(str(number) for number in found.tolist()))
