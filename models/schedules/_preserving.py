"""What schedules share in which α² + σ² = 1: data of variance 1 keep it."""

from __future__ import annotations

from torch import Tensor

from models.schedules._base import Level


def preserving(kept: Tensor, lost: Tensor, kept_slope: Tensor) -> Level:
    """The level from α², σ² = 1 − α² and the derivative of α².

    Both squares are asked for, for where one is near 1 the other has no digits left in a difference.
    """
    alpha, sigma = kept.sqrt(), lost.sqrt()
    return Level(alpha, sigma, kept_slope / (2 * alpha), -kept_slope / (2 * sigma))
