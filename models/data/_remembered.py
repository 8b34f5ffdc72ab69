"""What is known of data whose files are gone: enough for a model of them, and nothing to train on."""

from __future__ import annotations

import math
from typing import ClassVar, NoReturn, Self

import torch
from pydantic import model_validator
from torch import Tensor

from models.data._base import Data
from models.data._picture import Picture
from models.data._units import Units
from models.registry import Declared, RecipeError


class Remembered(Data):
    """The shape of samples, their classes and their scale, as a run folder keeps them; no sample can be drawn."""

    title: ClassVar[str] = "Data that are gone"
    capabilities: ClassVar[frozenset[str]] = frozenset({"sample", "images"})

    kind: str = ""
    axes: tuple[int, ...] = ()
    count: int = 0
    level_count: int | None = None
    streamed: bool = False
    names: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    centre: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if len(self.axes) not in (1, len(Picture._fields)) or min(self.axes) < 1:
            raise RecipeError("axes", f"{list(self.axes)} is the shape of no sample")
        if self.level_count is not None and self.level_count < 2:
            raise RecipeError("level_count", f"{self.level_count} is not allowed; it must be at least 2")
        if len(self.shares) != len(self.names):
            raise RecipeError("shares", f"does not hold one number for each of {len(self.names)} classes")
        if self.scale and not len(self.scale) == len(self.centre) == math.prod(self.axes):
            raise RecipeError("scale", f"does not hold one number for each of {math.prod(self.axes)} of a sample")
        return self

    @property
    def dimension(self) -> int:
        """As it was."""
        return self.image_shape.numbers if self.image_shape else self.axes[0]

    @property
    def image_shape(self) -> Picture | None:
        """As it was."""
        return Picture(*self.axes) if len(self.axes) == len(Picture._fields) else None

    @property
    def size(self) -> int:
        """As many as there were."""
        return self.count

    @property
    def is_streamed(self) -> bool:
        """As it was."""
        return self.streamed

    @property
    def levels(self) -> int | None:
        """As many as there were."""
        return self.level_count

    @property
    def units(self) -> Units | None:
        """As they were."""
        return Units(torch.tensor(self.centre), torch.tensor(self.scale)) if self.scale else None

    @property
    def class_names(self) -> tuple[str, ...]:
        """As they were."""
        return self.names

    @property
    def class_shares(self) -> Tensor:
        """As they were."""
        return torch.tensor(self.shares)

    def draw(self, n: int, generator: torch.Generator) -> NoReturn:
        """There are none.

        Raises:
            RecipeError: always.
        """
        raise RecipeError("data.path", "the data of this run are gone")


def remembered(data: Data) -> Remembered:
    """What is to be known of data once their files are gone."""
    units = data.units
    return Remembered(
        kind=data.key,
        axes=tuple(data.image_shape or (data.dimension,)),
        count=data.size or 0,
        level_count=data.levels,
        streamed=data.is_streamed,
        names=data.class_names,
        shares=tuple(data.class_shares.tolist()),
        centre=tuple(units.centre.tolist()) if units else (),
        scale=tuple(units.scale.tolist()) if units else (),
    )


def is_of_files(data: Declared) -> bool:
    """Whether data are read from files of the user's, which may go away."""
    return bool(data.options().get("path"))
