"""Pictures from a person's own arrays."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import torch
from pydantic import model_validator
from torch import Tensor

from models.data._array_file import PICTURE_AXES, Stored, arrays_of, read_array, read_levels
from models.data._base import DATA
from models.data._idx_file import existing
from models.data._picture import Picture
from models.data._pictures import GROUP, Classes, Pictures, held_out_share, planes_of, resized, resolution_option, sized
from models.registry import RecipeError, listing, option


@DATA.register
class ImageArrays(Pictures):
    """The pictures of an array in an NPZ or NPY file, and their classes from another array of it.

    Pictures have the axes (n, rows, columns), or with 1 or 3 channels after them or before them: bytes from 0 to 255,
    or floating-point numbers from 0 to 1, from −1 to 1 or from 0 to 255, which are rounded to 256 levels.

    Source: the user's file; its format is NumPy Enhancement Proposal 1, A Simple File Format for NumPy Arrays.
    """

    group: ClassVar[str] = GROUP
    title: ClassVar[str] = "Pictures from an array"
    source: ClassVar[str] = "the user's file"

    path: str = option("", label="file", help="The NPZ or NPY file.")
    images: str = option(
        "", label="pictures", help="Name of the array of pictures in an NPZ file; empty where only one can be meant."
    )
    label: str = option(
        "", label="classes", help="Name of the array of an NPZ file that holds each picture's class; empty for none."
    )
    resolution: int = resolution_option()
    held_out: float = held_out_share()

    @model_validator(mode="after")
    def _headers_fit(self) -> Self:
        self.image_shape  # noqa: B018  so that a bad file is refused with the recipe, before training
        if self.label:
            self._check_labels()
        return self

    def short_title(self) -> str:
        """The file's name."""
        return Path(self.path).name

    @cached_property
    def _arrays(self) -> dict[str, Stored]:
        return arrays_of(existing(self.path, "path", "an NPZ or NPY file of pictures"), "path")

    @cached_property
    def _stored(self) -> Stored:
        stored = self._chosen()
        if stored.dtype != np.uint8 and stored.dtype.kind != "f":
            raise RecipeError("path", f"{stored.title}: holds {stored.dtype} values; uint8 or float are allowed")
        return stored

    def _chosen(self) -> Stored:
        named = {name: stored for name, stored in self._arrays.items() if not name or name != self.label}
        if self.images:
            if self.images not in named:
                raise RecipeError(
                    "images", f"{self.images!r} is not an array of {Path(self.path).name}; {self._listed()}"
                )
            return named[self.images]
        able = {name: stored for name, stored in named.items() if len(stored.dims) in PICTURE_AXES}
        found = able or named
        if len(found) != 1:
            file = Path(self.path).name
            raise RecipeError("images", f"is empty, but {file} has {len(found)} arrays; name one: {', '.join(found)}")
        return next(iter(found.values()))

    def _listed(self) -> str:
        return listing(self.images, [name for name in self._arrays if name])

    @property
    def _planes(self) -> tuple[Picture, bool]:
        return planes_of(self._stored.dims, self._stored.title, "path")

    @property
    def count(self) -> int:
        """The length of the array."""
        return self._stored.dims[0]

    @property
    def held_count(self) -> int:
        """As chosen."""
        return int(self.held_out * self.count)

    @property
    def image_shape(self) -> Picture:
        """As the array's header says, or as asked."""
        return sized(self._planes[0], self.resolution, self._stored.file.name)

    def read(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """Each picture is there."""
        shape, is_last = self._planes
        taken = read_levels(self._stored, "path")[index]
        planes = taken.movedim(3, 1) if is_last else taken
        return resized(planes.flatten(1), shape, self.resolution), index

    @cached_property
    def _classes(self) -> Classes:
        classes = read_array(self._arrays[self.label], "label").reshape(-1)
        found, labels = np.unique(classes, return_inverse=True)
        return Classes(torch.from_numpy(labels.reshape(-1).astype(np.int64)), tuple(str(name) for name in found))

    def picture_labels(self) -> Tensor | None:
        """As the other array says."""
        return self._classes.labels if self.label else None

    @property
    def class_names(self) -> tuple[str, ...]:
        """What is in the other array, sorted."""
        return self._classes.names if self.label else ()

    def _check_labels(self) -> None:
        file = Path(self.path).name
        if self.label not in self._arrays:
            names = listing(self.label, [name for name in self._arrays if name])
            raise RecipeError("label", f"{self.label!r} is not an array of {file}; {names}")
        stored = self._arrays[self.label]
        if stored.dims not in ((self.count,), (self.count, 1)) or stored.dtype.kind not in "iubUS":
            found = f"{stored.dims} of {stored.dtype}"
            raise RecipeError("label", f"{stored.title}: is {found}; one class for each of {self.count:,} is needed")
