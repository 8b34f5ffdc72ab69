"""Data with finitely many equally spaced values: between a value in [−1, 1] and its number 0 … L−1."""

from __future__ import annotations

from typing import Final

from torch import Tensor

from models.data import Data

LOW: Final = -1.0
HIGH: Final = 1.0


def index_of(u: Tensor, levels: int) -> Tensor:
    """The number of the nearest level, any shape, int64."""
    return ((u - LOW) * ((levels - 1) / (HIGH - LOW))).round().long().clamp(0, levels - 1)


def value_of(index: Tensor, levels: int) -> Tensor:
    """The value at a level's number, which may lie between two: any shape."""
    return LOW + index * ((HIGH - LOW) / (levels - 1))


def objection_to(data: Data, levels: int) -> str:
    """Why data are not of so many levels, as the end of a sentence; empty if they are."""
    if data.levels is None:
        return f"{data.title} has continuous values: only a density fits it"
    if data.levels != levels:
        return f"{data.title} has {data.levels} values a pixel, not {levels}"
    if data.image_range != (LOW, HIGH) or data.units is not None:
        return f"{data.title} does not run from {LOW:g} to {HIGH:g}"
    return ""
