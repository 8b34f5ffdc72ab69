"""A person's own pictures."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import ClassVar, Final, Literal, Self

import torch
from pydantic import model_validator
from torch import Tensor

from models.data._base import DATA
from models.data._photograph import Fit, Size
from models.data._photographs import Photographs, photographs
from models.data._picture import Picture
from models.data._pictures import GROUP, LARGEST, Pictures, held_out_share
from models.registry import option

AT_ONCE: Final = 512
"""Pictures that are read at once: a few seconds of a processor."""

LOOKED_AT: Final = 256
"""Pictures that are read for looking at the data."""


@DATA.register
class ImageFolder(Pictures):
    """All pictures under a folder, each brought to a square of the same size: PNG, JPEG, GIF, BMP, TIFF and WebP files.

    They are read when they are first drawn, and kept in memory up to 256 MB: a folder of more than 512 pictures, or of
    more than 16 million numbers, is streamed. If all of them are in subfolders, the subfolders are their classes. A
    file that cannot be read is named and left out; the next one stands in for it.

    Source: the user's folder; for the empirical law, van der Vaart 1998, Asymptotic Statistics, section 19.1.
    """

    group: ClassVar[str] = GROUP
    title: ClassVar[str] = "Pictures from a folder"
    source: ClassVar[str] = "the user's folder"

    path: str = option("", label="folder", help="The folder of pictures; those in its subfolders count, too.")
    resolution: int = option(
        32, label="resolution", low=4, high=LARGEST, log=True, unit="px", help="Rows and columns of each picture."
    )
    colour: Literal["colour", "grey"] = option(
        "colour", label="colour", help="Three numbers a pixel, red, green and blue, or one grey level."
    )
    fit: Fit = option(
        "crop", label="fit", help="Cuts out the middle of a picture that is no square, or squeezes the whole into one."
    )
    held_out: float = held_out_share()

    @model_validator(mode="after")
    def _can_be_listed(self) -> Self:
        self._photographs  # noqa: B018  so that a bad folder is refused with the recipe, before training
        return self

    @cached_property
    def _photographs(self) -> Photographs:
        return photographs(self.path, Size(self.resolution, self.colour == "grey", self.fit))

    def short_title(self) -> str:
        """The folder's name."""
        return Path(self.path).name or self.path

    @property
    def count(self) -> int:
        """As many as there are names of picture files."""
        return len(self._photographs)

    @property
    def held_count(self) -> int:
        """As chosen."""
        return int(self.held_out * self.count)

    @property
    def image_shape(self) -> Picture:
        """A square of the resolution."""
        return Picture(1 if self.colour == "grey" else 3, self.resolution, self.resolution)

    @property
    def is_streamed(self) -> bool:
        """Where reading them all would take long, or much memory."""
        return self.size > AT_ONCE or super().is_streamed

    @property
    def remark(self) -> str:
        """Which files cannot be read, as far as is known."""
        return self._photographs.remark

    def specimens(self, most: int, generator: torch.Generator) -> Tensor:
        """Only so many that reading them takes a few seconds at most."""
        return super().specimens(min(most, LOOKED_AT), generator)

    def read(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """From memory or from their files."""
        return self._photographs.read(index)

    def picture_labels(self) -> Tensor | None:
        """The subfolder of each."""
        return self._photographs.labels

    @property
    def class_names(self) -> tuple[str, ...]:
        """The subfolders, if all pictures are in one and there are two or more, but not over a thousand."""
        return self._photographs.classes
