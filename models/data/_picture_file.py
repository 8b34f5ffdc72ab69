"""A person's own pictures in one file, which may tell a class of each: what IDX files and arrays have in common."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import model_validator
from torch import Tensor

from models.data._picture import Picture
from models.data._pictures import GROUP, Classes, Pictures, planes_of, resized, sized
from models.registry import RecipeError


class PictureFile(Pictures):
    """The header tells how many pictures there are and of what size, and the classes alone tell what they are called.

    So a recipe is checked, and a network told classes is counted, before any picture is read.
    """

    group: ClassVar[str] = GROUP

    if TYPE_CHECKING:  # every member declares them, each in its place among its own options
        path: str
        resolution: int
        held_out: float

    @model_validator(mode="after")
    def _fits(self) -> Self:
        # So that a bad file is refused with the recipe, before training.
        _ = self.image_shape, self._classes
        return self

    @property
    @abstractmethod
    def axes(self) -> tuple[int, ...]:
        """Shape of the array of pictures, as its header tells."""

    @property
    @abstractmethod
    def array_title(self) -> str:
        """What the array of pictures is called in error texts."""

    @abstractmethod
    def levels_read(self) -> Tensor:
        """The array of pictures, uint8, shape ``axes``."""

    @abstractmethod
    def find_classes(self) -> Classes | None:
        """Class of each picture, known without reading any; None where none are named.

        Raises:
            RecipeError: they are damaged, or not those of the pictures.
        """

    def short_title(self) -> str:
        """The file's name."""
        return Path(self.path).name

    @property
    def count(self) -> int:
        """As the header says."""
        return self.axes[0]

    @property
    def held_count(self) -> int:
        """As chosen."""
        return int(self.held_out * self.count)

    @property
    def image_shape(self) -> Picture:
        """As the header says, or as asked."""
        return sized(self._stored_shape[0], self.resolution, Path(self.path).name)

    def read(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """Each picture is there."""
        shape, is_last = self._stored_shape
        taken = self.levels_read()[index]
        planes = taken.movedim(3, 1) if is_last else taken
        return resized(planes.flatten(1), shape, self.resolution), index

    def picture_labels(self) -> Tensor | None:
        """As the file says."""
        return self._classes.labels if self._classes else None

    @property
    def class_names(self) -> tuple[str, ...]:
        """What stands for the classes in the file, sorted."""
        return self._classes.names if self._classes else ()

    @cached_property
    def _classes(self) -> Classes | None:
        return self.find_classes()

    @property
    def _stored_shape(self) -> tuple[Picture, bool]:
        return planes_of(self.axes, self.array_title, "path")


def existing(text: str, path: str, wanted: str) -> Path:
    """A file that a person named.

    Args:
        text: as it was given.
        path: of the option.
        wanted: what the file must be, for the error's text.

    Raises:
        RecipeError: it is not named, not there or no file.
    """
    if not text.strip():
        raise RecipeError(path, f"is empty; it must name {wanted}")
    file = Path(text).expanduser()
    try:
        file.stat()
    except (OSError, ValueError) as error:
        raise RecipeError(path, f"{text}: {getattr(error, 'strerror', None) or 'cannot be read'}") from None
    if not file.is_file():
        raise RecipeError(path, f"{text}: is not a file; it must be {wanted}")
    return file
