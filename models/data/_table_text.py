"""Reading a table from text. The fast way knows only that something is wrong; a second look then finds the row."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.data._table_columns import choose
from models.registry import RecipeError

DELIMITERS: Final = ("\t", ";", ",")
"""Tried in this order on the first row; if none of them is there, cells are separated by blanks."""


@dataclass(frozen=True)
class Layout:
    """How a text file is laid out.

    Attributes:
        delimiter: between cells; None for any run of blanks.
        names: of the columns: from the header row, or their numbers from 1.
        skip: how many lines come before the first row of numbers.
    """

    delimiter: str | None
    names: tuple[str, ...]
    skip: int

    def cells(self, line: str) -> list[str]:
        """The cells of one line."""
        return _cells(line, self.delimiter)


def read_text(file: Path, columns: str, label: str) -> tuple[NDArray[np.float64], tuple[str, ...], NDArray[Any] | None]:
    """Read a text table: its numbers, shape (n, d); the names of their columns; and the classes, shape (n,), or None.

    Raises:
        RecipeError: naming the row and the column, both from 1, rows as a text editor counts them.
    """
    try:
        layout = _layout(file)
        kept, classes = choose(file.name, layout.names, columns, label)
        try:
            values, found = _fast(file, layout, kept, classes)
        except ValueError as error:
            raise _diagnosis(file, layout, kept) or RecipeError("path", f"{file.name}: {error}") from None
    except UnicodeDecodeError:
        raise RecipeError("path", f"{file.name}: is not UTF-8 text") from None
    if not np.isfinite(values).all():
        raise _diagnosis(file, layout, kept) or RecipeError("path", f"{file.name}: holds numbers that are not finite")
    return values, tuple(layout.names[i] for i in kept), found


def _fast(
    file: Path, layout: Layout, kept: Sequence[int], classes: int | None
) -> tuple[NDArray[np.float64], NDArray[Any] | None]:
    rules: dict[str, Any] = {
        "delimiter": layout.delimiter, "skiprows": layout.skip, "ndmin": 2, "quotechar": '"', "encoding": "utf-8-sig",
    }  # fmt: skip
    if list(kept) == list(range(len(layout.names))):
        return _full_width(np.loadtxt(file, **rules), layout), None
    # Text is allowed in columns that are not trained on.
    cells = _full_width(np.loadtxt(file, dtype=str, **rules), layout)
    return cells[:, kept].astype(np.float64), None if classes is None else np.char.strip(cells[:, classes])


def _full_width(table: NDArray[Any], layout: Layout) -> NDArray[Any]:
    if table.shape[1] != len(layout.names):
        raise ValueError(f"the header has {len(layout.names)} columns, the rows have {table.shape[1]}")
    return table


def _layout(file: Path) -> Layout:
    rows = _rows(file)
    number, first = next(rows, (0, ""))
    if not first:
        raise RecipeError("path", f"{file.name}: holds no rows")
    delimiter = next((mark for mark in DELIMITERS if mark in first), None)
    cells = _cells(first, delimiter)
    if any(_is_number(cell) for cell in cells):
        return Layout(delimiter, tuple(str(place + 1) for place in range(len(cells))), number - 1)
    if next(rows, None) is None:
        raise RecipeError("path", f"{file.name}: holds no rows of numbers, only {first.strip()!r}")
    return Layout(delimiter, tuple(cells), number)


def _rows(file: Path) -> Iterator[tuple[int, str]]:
    """Number, from 1, and text of each line that is not blank and no comment."""
    with file.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            row = line.split("#", 1)[0]
            if row.strip():
                yield number, row


def _diagnosis(file: Path, layout: Layout, kept: Sequence[int]) -> RecipeError | None:
    """The first thing that is wrong in the file, looking at every cell."""
    width = len(layout.names)
    for number, line in _rows(file):
        if number <= layout.skip:
            continue
        cells = layout.cells(line)
        if len(cells) != width:
            problem = f"row {number} has {len(cells)} column{'s' * (len(cells) != 1)}, the first row has {width}"
            return RecipeError("path", f"{file.name}: {problem}")
        for place in kept:
            problem = _fault(cells[place])
            if problem:
                return RecipeError("path", f"{file.name}: row {number}, column {place + 1}: {problem}")
    return None


def _fault(cell: str) -> str:
    if not cell:
        return "is empty"
    if not _is_number(cell):
        return f"{cell!r} is not a number"
    return "" if math.isfinite(float(cell)) else f"{cell!r} is not a finite number"


def _cells(line: str, delimiter: str | None) -> list[str]:
    if delimiter is None:
        return line.split()
    if '"' not in line:
        return [cell.strip() for cell in line.split(delimiter)]
    return [cell.strip() for cell in next(csv.reader([line.strip("\r\n")], delimiter=delimiter))]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
