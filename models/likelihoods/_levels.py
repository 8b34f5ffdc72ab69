"""Data with finitely many equally spaced values: between a value in [−1, 1] and its number 0 … L−1."""

from __future__ import annotations

from typing import Final

from torch import Tensor

from models.data import Data
from models.likelihoods._base import Objection

LOW: Final = -1.0
HIGH: Final = 1.0


def index_of(u: Tensor, levels: int) -> Tensor:
    """The number of the nearest level, any shape, int64."""
    return ((u - LOW) * ((levels - 1) / (HIGH - LOW))).round().long().clamp(0, levels - 1)


def value_of(index: Tensor, levels: int) -> Tensor:
    """The value at a level's number, which may lie between two: any shape."""
    return LOW + index * ((HIGH - LOW) / (levels - 1))


def objection_to(data: Data, levels: int) -> Objection | None:
    """Why data are not of so many levels; None if they are."""
    if data.levels is None:
        return Objection(f"{data.title} has continuous values: only a density fits it", ("key=gaussian",))
    if data.image_range != (LOW, HIGH) or data.units is not None:
        return Objection(f"{data.title} does not run from {LOW:g} to {HIGH:g}", ("key=gaussian",))
    if data.levels != levels:
        problem = f"{data.title} has {data.levels} values a pixel, not {levels}"
        return Objection(problem, ("key=categorical", f"levels={data.levels}"))
    return None
