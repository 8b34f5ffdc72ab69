"""``path=value`` settings of a recipe of plain values, and what is wrong with a recipe that cannot be used.

Nothing heavy is imported here: the window applies settings too, and knows no member of a recipe.
"""

from __future__ import annotations

import tomllib
from typing import Any


class RecipeError(ValueError):
    """A recipe that cannot be used: one line with the path of the field, its value and what is allowed.

    Attributes:
        path: of the field, dotted.
        problem: the value and what is allowed.
        settings: ``path=value`` settings that would make the recipe usable, where there is one plain way.
    """

    def __init__(self, path: str, problem: str, settings: tuple[str, ...] = ()) -> None:
        super().__init__(f"{path}: {problem}" if path else problem)
        self.path = path
        self.problem = problem
        self.settings = settings

    def __reduce__(self) -> tuple[type[RecipeError], tuple[str, str, tuple[str, ...]]]:
        """Keep all parts when the error crosses from one process to another."""
        return type(self), (self.path, self.problem, self.settings)


def assign(recipe: dict[str, Any], setting: str) -> None:
    """Apply one ``path=value`` setting to a recipe of plain values; a new ``key`` clears the options of the old one.

    A value is read as TOML, or else taken as text. A member that is written as its key alone gets options.

    Raises:
        RecipeError: the setting has no ``=``, or leads through something that is no table.
    """
    path, separator, text = setting.partition("=")
    *parents, name = path.strip().split(".")
    if not separator or not name:
        raise RecipeError(setting, "must be written path=value, such as data.modes=8")
    table: Any = recipe
    for parent in parents:
        if isinstance(table.get(parent), str):
            table[parent] = {"key": table[parent]}
        table = table.setdefault(parent, {})
        if not isinstance(table, dict):
            raise RecipeError(path, f"leads nowhere: {parent!r} has no options of its own")
    if name == "key":
        table.clear()
    table[name] = _value(text.strip())


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
