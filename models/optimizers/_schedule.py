"""Learning rate schedules: what is left of the rate when a share t of the falling part is done."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final


def constant(t: float) -> float:
    """1 throughout."""
    return 1.0


def linear(t: float) -> float:
    """1 − t."""
    return 1.0 - t


def cosine(t: float) -> float:
    """(1 + cos πt) / 2 (Loshchilov and Hutter 2017, arXiv:1608.03983, eq. 5)."""
    return 0.5 * (1.0 + math.cos(math.pi * t))


SCHEDULES: Final[Mapping[str, Callable[[float], float]]] = MappingProxyType(
    {"constant": constant, "linear": linear, "cosine": cosine}
)
