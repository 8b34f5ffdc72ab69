"""Settings applied to a recipe of plain values, without the mathematics that would check the result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any


def with_settings(recipe: Mapping[str, Any], settings: Iterable[str]) -> dict[str, Any]:
    """A copy of a recipe with settings such as ``objective.r1=1.0`` applied in order.

    Raises:
        RecipeError: a setting has no ``=``, or leads through something that has no options.
    """
    from models.settings import assign  # a window that opens brings nothing of the mathematics

    changed = deepcopy(dict(recipe))
    for setting in settings:
        assign(changed, setting)
    return changed
