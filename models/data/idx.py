"""Pictures from a person's own IDX files."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

import torch
from pydantic import model_validator
from torch import Tensor

from models.data._base import DATA
from models.data._idx_file import existing, read_bytes, read_header
from models.data._picture import Picture
from models.data._pictures import GROUP, Classes, Pictures, held_out_share, planes_of, resized, resolution_option, sized
from models.registry import RecipeError, option


@DATA.register
class Idx(Pictures):
    """The pictures of an IDX file, the format of MNIST, plain or compressed by gzip, and their classes from another.

    Pictures are unsigned bytes of the axes n, rows, columns (magic number 00000803), or with 3 channels after them or
    before them (00000804); classes are n bytes (00000801).

    Source: LeCun, Cortes & Burges 1998, The MNIST Database, "File formats".
    """

    group: ClassVar[str] = GROUP
    title: ClassVar[str] = "Pictures from an IDX file"
    source: ClassVar[str] = "the user's file"

    path: str = option("", label="pictures", help="The IDX file of the pictures, plain or .gz.")
    labels_path: str = option("", label="classes", help="The IDX file of the pictures' classes; empty for none.")
    resolution: int = resolution_option()
    held_out: float = held_out_share()

    @model_validator(mode="after")
    def _headers_fit(self) -> Self:
        self.image_shape  # noqa: B018  so that a bad file is refused with the recipe, before training
        if self.labels_path:
            self._check_labels()
        return self

    def short_title(self) -> str:
        """The file's name."""
        return Path(self.path).name

    @cached_property
    def _file(self) -> Path:
        return existing(self.path, "path", "an IDX file of pictures")

    @cached_property
    def _labels_file(self) -> Path:
        return existing(self.labels_path, "labels_path", "an IDX file of classes")

    @property
    def count(self) -> int:
        """As the header says."""
        return read_header(self._file, "path").dims[0]

    @property
    def held_count(self) -> int:
        """As chosen."""
        return int(self.held_out * self.count)

    @property
    def _stored(self) -> tuple[Picture, bool]:
        return planes_of(read_header(self._file, "path").dims, self._file.name, "path")

    @property
    def image_shape(self) -> Picture:
        """As the header says, or as asked."""
        return sized(self._stored[0], self.resolution, self._file.name)

    def read(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """Each picture is there."""
        shape, is_last = self._stored
        taken = read_bytes(self._file, "path")[index]
        planes = taken.movedim(3, 1) if is_last else taken
        return resized(planes.flatten(1), shape, self.resolution), index

    @cached_property
    def _classes(self) -> Classes:
        found, labels = torch.unique(read_bytes(self._labels_file, "labels_path"), return_inverse=True)
        return Classes(labels, tuple(str(int(label)) for label in found))

    def picture_labels(self) -> Tensor | None:
        """As the other file says."""
        return self._classes.labels if self.labels_path else None

    @property
    def class_names(self) -> tuple[str, ...]:
        """The numbers in the other file."""
        return self._classes.names if self.labels_path else ()

    def _check_labels(self) -> None:
        dims = read_header(self._labels_file, "labels_path").dims
        name = self._labels_file.name
        if len(dims) != 1:
            raise RecipeError("labels_path", f"{name}: has {len(dims)} axes; classes have one (magic number 00000801)")
        if dims[0] != self.count:
            raise RecipeError(
                "labels_path", f"{name}: has {dims[0]:,} classes; {self._file.name} has {self.count:,} pictures"
            )
