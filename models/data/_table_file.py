"""Reading a person's own table of numbers: CSV, NPY or NPZ, with errors that name the file and the row."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.data._table_columns import choose
from models.data._table_text import read_text
from models.data._units import Units
from models.registry import RecipeError

LARGEST: Final = float(np.finfo(np.float32).max)
"""Training runs in float32, which holds nothing beyond this."""


@dataclass(frozen=True, eq=False)
class Contents:
    """What a table holds for training.

    Attributes:
        x: the chosen columns, shape (n, d), float32.
        columns: their names, d of them.
        labels: class of each row, shape (n,), int64, or None.
        classes: what each class is called in the file.
        units: means and standard deviations of the columns, if they are to be standardised.
    """

    x: Tensor
    columns: tuple[str, ...]
    labels: Tensor | None
    classes: tuple[str, ...]
    units: Units | None = None


@dataclass(frozen=True, eq=False)
class Request:
    """What is asked of a file.

    Attributes:
        path: of the file, as the person gave it.
        columns: names or numbers (from 1) of the columns to train on, separated by commas; empty for all.
        label: name or number of the column with the classes; empty for none.
        standardise: whether networks are to see each column with mean 0 and standard deviation 1.
    """

    path: str
    columns: str = ""
    label: str = ""
    standardise: bool = False


def load_table(request: Request) -> Contents:
    """Read a table, or hand out the one read before if the file has not changed since.

    Raises:
        RecipeError: the file or what it holds cannot be used; its path is the option at fault.
    """
    if not request.path.strip():
        raise RecipeError("path", "is empty; it must name a CSV, NPY or NPZ file with a row for each sample")
    file = Path(request.path).expanduser()
    try:
        stat = file.stat()
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or "cannot be read"
        raise RecipeError("path", f"{request.path}: {problem}") from None
    if not file.is_file():
        raise RecipeError("path", f"{request.path}: is not a file")
    return _load(str(file), stat.st_mtime_ns, stat.st_size, request.columns, request.label, request.standardise)


@lru_cache(maxsize=4)
def _load(path: str, _changed: int, size: int, columns: str, label: str, standardise: bool) -> Contents:  # noqa: FBT001
    file = Path(path)
    reader = READERS.get(file.suffix.lower())
    if reader is None:
        raise RecipeError("path", f"{file.name}: {file.suffix or 'no ending'!r} is not one of {', '.join(READERS)}")
    if size == 0:
        raise RecipeError("path", f"{file.name}: is empty")
    try:
        values, names, classes = reader(file, columns, label)
    except OSError as error:
        raise RecipeError("path", f"{file.name}: {error.strerror or 'cannot be read'}") from None
    _check(file, values)
    units = _units(file, values, names) if standardise else None
    return Contents(torch.from_numpy(values.astype(np.float32)), names, *_numbered(classes), units)


def _numbered(classes: NDArray[Any] | None) -> tuple[Tensor | None, tuple[str, ...]]:
    if classes is None:
        return None, ()
    found, labels = np.unique(classes, return_inverse=True)
    return torch.from_numpy(labels.reshape(-1).astype(np.int64)), tuple(str(name) for name in found)


def _check(file: Path, values: NDArray[np.float64]) -> None:
    if len(values) < 2:
        raise RecipeError(
            "path", f"{file.name}: has {len(values)} row{'s' * (len(values) != 1)}; at least 2 are needed"
        )
    wrong = ~(np.abs(values) <= LARGEST)
    if wrong.any():
        row, column = (int(place) for place in np.argwhere(wrong)[0])
        problem = f"row {row + 1}, column {column + 1}: {values[row, column]:g} is not a finite float32 number"
        raise RecipeError("path", f"{file.name}: {problem}")


def _units(file: Path, values: NDArray[np.float64], names: tuple[str, ...]) -> Units:
    constant = np.flatnonzero(values.min(axis=0) == values.max(axis=0))
    if constant.size:
        problem = f"column {names[constant[0]]!r} is always {values[0, constant[0]]:g}, so it cannot be standardised"
        raise RecipeError("path", f"{file.name}: {problem}; leave it out, or turn standardise off")
    centre, scale = (torch.from_numpy(row.astype(np.float32)) for row in (values.mean(axis=0), values.std(axis=0)))
    return Units(centre, scale)


def _read_npy(file: Path, columns: str, label: str) -> tuple[NDArray[np.float64], tuple[str, ...], NDArray[Any] | None]:
    return _chosen(file, _opened(file), columns, label)


def _read_npz(file: Path, columns: str, label: str) -> tuple[NDArray[np.float64], tuple[str, ...], NDArray[Any] | None]:
    archive = _opened(file)
    if not isinstance(archive, np.lib.npyio.NpzFile):
        return _chosen(file, archive, columns, label)
    with archive:
        name = _main_array(file, archive, label)
        if label not in archive.files:
            return _chosen(file, _member(file, archive, name), columns, label)
        classes = _member(file, archive, label)
        values, names, _ = _chosen(file, _member(file, archive, name), columns, "")
    if classes.shape != (len(values),):
        raise RecipeError(
            "label", f"{file.name}: array {label!r} must hold one class for each of the {len(values)} rows"
        )
    return values, names, classes


def _main_array(file: Path, archive: Any, label: str) -> str:
    names = [name for name in archive.files if name != label]
    if len(names) == 1:
        return names[0]
    if "x" in names:
        return "x"
    raise RecipeError("path", f"{file.name}: holds {', '.join(names) or 'no arrays'}; call the one to train on 'x'")


def _opened(file: Path) -> Any:
    try:
        # From memory, because numpy leaves a damaged file open.
        return np.load(io.BytesIO(file.read_bytes()), allow_pickle=False)
    except (ValueError, EOFError, zipfile.BadZipFile):
        raise RecipeError("path", f"{file.name}: is not a {file.suffix[1:].upper()} file of plain numbers") from None


def _member(file: Path, archive: Any, name: str) -> Any:
    try:
        return archive[name]
    except (ValueError, EOFError, zipfile.BadZipFile):
        raise RecipeError("path", f"{file.name}: array {name!r} is damaged or holds no plain numbers") from None


def _chosen(
    file: Path, array: Any, columns: str, label: str
) -> tuple[NDArray[np.float64], tuple[str, ...], NDArray[Any] | None]:
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf":
        raise RecipeError("path", f"{file.name}: holds {getattr(array, 'dtype', 'no')} values; real numbers are needed")
    if array.ndim not in (1, 2) or 0 in array.shape[1:]:
        problem = f"has the shape {array.shape}; a table has one row for each sample: (n,) or (n, d)"
        raise RecipeError("path", f"{file.name}: {problem}")
    table = array[:, None] if array.ndim == 1 else array
    names = tuple(str(number + 1) for number in range(table.shape[1]))
    kept, classes = choose(file.name, names, columns, label)
    return (
        table[:, kept].astype(np.float64),
        tuple(names[i] for i in kept),
        None if classes is None else table[:, classes],
    )


READERS: Final[Mapping[str, Callable[[Path, str, str], Any]]] = {
    ".csv": read_text, ".tsv": read_text, ".txt": read_text, ".dat": read_text, ".npy": _read_npy, ".npz": _read_npz,
}  # fmt: skip
