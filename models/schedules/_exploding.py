"""What schedules share in which the data stay as they are while noise grows far beyond them."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor

from models.registry import option
from models.schedules._base import Level, Schedule


def least_option(default: float) -> Any:
    """The option of that name, with a default of the schedule's own."""
    return option(
        default, label="least σ", symbol="σ_min", low=0.0001, high=1.0, log=True,
        help="Noise at t = 0, in standard deviations of the data.",
    )  # fmt: skip


def most_option(default: float) -> Any:
    """The option of that name, with a default of the schedule's own."""
    return option(
        default, label="most σ", symbol="σ_max", low=1.0, high=1000.0, log=True,
        help="Noise at t = 1, in standard deviations of the data.",
    )  # fmt: skip


class Exploding(Schedule):
    """α = 1, and σ from σ_min to σ_max over all of [0, 1]."""

    capabilities: ClassVar[frozenset[str]] = frozenset({"score", "exploding"})
    span: ClassVar[tuple[float, float]] = (0.0, 1.0)

    least: float = least_option(0.005)
    most: float = most_option(10.0)


def exploding(sigma: Tensor, slope: Tensor) -> Level:
    """The level of σ and dσ/ds, any shape."""
    return Level(torch.ones_like(sigma), sigma, torch.zeros_like(sigma), slope)
