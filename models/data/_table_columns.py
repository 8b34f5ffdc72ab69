"""Which columns of a table are trained on, and which one holds the classes."""

from __future__ import annotations

from collections.abc import Sequence

from models.registry import RecipeError


def choose(file: str, names: Sequence[str], columns: str, label: str) -> tuple[list[int], int | None]:
    """Places of the columns to train on, and of the classes, from 0.

    Args:
        file: its name, for error texts.
        names: of all columns, in order.
        columns: names or numbers (from 1), separated by commas; empty for all but the classes.
        label: name or number of the column with the classes; empty for none.

    Raises:
        RecipeError: there is no such column, or one is asked for twice, or none is left.
    """
    classes = _place(file, names, label.strip(), "label") if label.strip() else None
    asked = [part.strip() for part in columns.split(",")] if columns.strip() else []
    kept = [_place(file, names, name, "columns") for name in asked] or [i for i in range(len(names)) if i != classes]
    if not kept:
        raise RecipeError("label", f"{file}: its only column cannot hold the classes")
    if len(set(kept)) < len(kept):
        raise RecipeError("columns", f"{columns!r} names a column twice")
    return kept, classes


def _place(file: str, names: Sequence[str], name: str, path: str) -> int:
    if name in names:
        return list(names).index(name)
    if name.isdecimal() and 1 <= int(name) <= len(names):
        return int(name) - 1
    raise RecipeError(path, f"{name!r} is not a column of {file}; it has {len(names)}: {', '.join(names[:20])}")
