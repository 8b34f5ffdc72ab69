"""``path=value`` settings applied to a recipe of plain values, without the mathematics that would check it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any


def with_settings(recipe: Mapping[str, Any], settings: Iterable[str]) -> dict[str, Any]:
    """A copy of a recipe with settings such as ``objective.r1=1.0`` applied in order.

    A value is read as TOML, or else taken as text. A new ``key`` clears the options of the member that it replaces.

    Raises:
        ValueError: a setting has no ``=``, or leads through something that has no options.
    """
    changed = deepcopy(dict(recipe))
    for setting in settings:
        path, separator, text = setting.partition("=")
        *parents, name = path.strip().split(".")
        if not separator or not name:
            raise ValueError(f"{setting!r} must be written path=value")
        table = _table(changed, parents)
        if name == "key":
            table.clear()
        table[name] = _value(text.strip())
    return changed


def _table(recipe: dict[str, Any], parents: Iterable[str]) -> dict[str, Any]:
    table: dict[str, Any] = recipe
    for parent in parents:
        inner: Any = table.setdefault(parent, {})
        if isinstance(inner, str):  # a member written as its key alone
            inner = table[parent] = {"key": inner}
        if not isinstance(inner, dict):
            raise ValueError(f"{parent!r} has no options of its own")
        table = inner
    return table


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
