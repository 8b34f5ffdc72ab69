"""Pictures from a person's own arrays."""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.data._array_file import PICTURE_AXES, Stored, arrays_of, read_array, read_levels
from models.data._base import DATA
from models.data._picture_file import PictureFile, existing
from models.data._pictures import MOST_CLASSES, Classes, held_out_share, resolution_option
from models.registry import RecipeError, listing, option

WHOLE: Final = 2.0**53
"""Below it a floating-point number tells every whole number from the next."""


@DATA.register
class ImageArrays(PictureFile):
    """The pictures of an array in an NPZ or NPY file, and their classes from another array of it.

    Pictures have the axes (n, rows, columns), or with 1 or 3 channels after them or before them: bytes from 0 to 255,
    or floating-point numbers from 0 to 1, from −1 to 1, from 0 to 255 or from 0 to another white, which are
    rounded to 256 levels.

    Source: the user's file; its format is NumPy Enhancement Proposal 1, A Simple File Format for NumPy Arrays.
    """

    title: ClassVar[str] = "Pictures from an array"
    source: ClassVar[str] = "the user's file"

    path: str = option("", label="file", help="The NPZ or NPY file.")
    images: str = option(
        "", label="pictures", help="Name of the array of pictures in an NPZ file; empty where only one can be meant."
    )
    label: str = option(
        "", label="classes", help="Name of the array of an NPZ file that holds each picture's class; empty for none."
    )
    white: float = option(
        0.0, label="white", low=0.0,
        help="The number that is white, where a file holds floating-point numbers; 0 if their range tells: 1 or 255.",
    )  # fmt: skip
    resolution: int = resolution_option()
    held_out: float = held_out_share()

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
                    "images", f"{self.images!r} is not an array of {Path(self.path).name}; {self._listed(self.images)}"
                )
            return named[self.images]
        able = {name: stored for name, stored in named.items() if len(stored.dims) in PICTURE_AXES}
        found = able or named
        if len(found) != 1:
            file = Path(self.path).name
            raise RecipeError("images", f"is empty, but {file} has {len(found)} arrays; name one: {', '.join(found)}")
        return next(iter(found.values()))

    def _listed(self, name: str) -> str:
        return listing(name, [name for name in self._arrays if name])

    @property
    def axes(self) -> tuple[int, ...]:
        """Shape of the array."""
        return self._stored.dims

    @property
    def array_title(self) -> str:
        """The file's name and the array's."""
        return self._stored.title

    def levels_read(self) -> Tensor:
        """As bytes, whatever numbers the file holds."""
        return read_levels(self._stored, "path", self.white)

    def find_classes(self) -> Classes | None:
        """What is in the other array."""
        if not self.label:
            return None
        if self.label not in self._arrays:
            problem = f"{self.label!r} is not an array of {Path(self.path).name}; {self._listed(self.label)}"
            raise RecipeError("label", problem)
        stored = self._arrays[self.label]
        if stored.dims not in ((self.count,), (self.count, 1)) or stored.dtype.kind not in "iubfUS":
            wanted = f"a whole number or a text for each of {self.count:,} pictures is needed"
            raise RecipeError("label", f"{stored.title}: is {stored.dims} of {stored.dtype}; {wanted}")
        return classes_of(stored)


@lru_cache(maxsize=4)
def classes_of(stored: Stored) -> Classes:
    """The different values of an array that holds one for each picture."""
    found, labels = np.unique(_names(stored, read_array(stored, "label").reshape(-1)), return_inverse=True)
    if len(found) > MOST_CLASSES:
        problem = f"{stored.title}: holds {len(found):,} different values; at most {MOST_CLASSES:,} classes are allowed"
        raise RecipeError("label", problem, ("label=",))
    return Classes(torch.from_numpy(labels.reshape(-1).astype(np.int64)), tuple(str(name) for name in found))


def _names(stored: Stored, values: NDArray[Any]) -> NDArray[Any]:
    """Texts as texts, and whole numbers as such, however they are stored."""
    if values.dtype.kind == "S":
        return np.char.decode(values, "utf-8", "replace")
    if values.dtype.kind != "f":
        return values
    broken = ~(np.isfinite(values) & (values == np.round(values)) & (np.abs(values) < WHOLE))
    if broken.any():
        problem = f"{stored.title}: holds {values[broken][0]:g}; classes are whole numbers or texts"
        raise RecipeError("label", problem)
    return values.astype(np.int64)
