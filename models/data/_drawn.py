"""Pictures that are drawn on the fly, as many as are wanted."""

from __future__ import annotations

from typing import ClassVar, Final, Self

from pydantic import model_validator

from models.data._base import Law
from models.data._picture import Picture
from models.registry import RecipeError

LARGEST_SAMPLE: Final = 2**28
"""Most numbers of a finite training sample: a gigabyte."""

AT_ONCE: Final = 2**22
"""Points at which a drawing is worked out at once: tens of megabytes."""


class Drawn(Law):
    """A law of pictures of which a finite sample is small enough to be held."""

    group: ClassVar[str] = "Images"

    @model_validator(mode="after")
    def _can_be_held(self) -> Self:
        most = LARGEST_SAMPLE // self.dimension
        if self.n > most:
            raise RecipeError("n", f"{self.n} pictures of {self.dimension} numbers are not held; at most {most}, or 0")
        return self

    @property
    def dimension(self) -> int:
        """All pixels in all channels."""
        return self.image_shape.numbers

    @property
    def image_shape(self) -> Picture:
        """What one drawing is."""
        raise NotImplementedError
