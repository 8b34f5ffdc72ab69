"""Arrays of pictures in NPY and NPZ files: their headers tell all but the pictures, and nothing is unpickled."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import torch
from numpy.lib import format as npy
from numpy.typing import NDArray
from torch import Tensor

from models.registry import RecipeError

ENDINGS: Final = (".npz", ".npy")

DAMAGED: Final = (ValueError, EOFError, KeyError, NotImplementedError, zipfile.BadZipFile, zlib.error)
"""What numpy and zipfile raise of files that are no arrays, or damaged ones."""

MEMBER: Final = ".npy"
"""Ending of the files in an NPZ file, one for each array."""

PICTURE_AXES: Final = (3, 4)

DIM: Final = 127
"""Floating-point pictures no brighter than this, and brighter than 1, would be dark from 0 to 255: it is asked."""


@dataclass(frozen=True)
class Stored:
    """An array in a file, as its header tells.

    Attributes:
        file: which.
        name: of the array in an NPZ file; empty for an NPY file.
        dims: its shape.
        dtype: its type.
        changed: when the file was changed last, nanoseconds, and its bytes.
    """

    file: Path
    name: str
    dims: tuple[int, ...]
    dtype: np.dtype[Any]
    changed: tuple[int, int]

    @property
    def member(self) -> str:
        """The file in an NPZ file that holds it."""
        return self.name + MEMBER

    @property
    def title(self) -> str:
        """File and array, for people."""
        return f"{self.file.name}: array {self.name!r}" if self.name else self.file.name


def arrays_of(file: Path, path: str) -> dict[str, Stored]:
    """The arrays in an NPZ file by name, or the one of an NPY file under the empty name.

    Raises:
        RecipeError: it is no such file, or it is damaged.
    """
    if file.suffix.lower() not in ENDINGS:
        raise RecipeError(path, f"{file.name}: {file.suffix or 'no ending'!r} is not one of {', '.join(ENDINGS)}")
    stat = file.stat()
    if stat.st_size == 0:
        raise RecipeError(path, f"{file.name}: is empty")
    return _arrays(str(file), (stat.st_mtime_ns, stat.st_size), path)


@lru_cache(maxsize=8)
def _arrays(name: str, changed: tuple[int, int], path: str) -> dict[str, Stored]:
    file = Path(name)
    with _told(file, path):
        if not zipfile.is_zipfile(file):
            with file.open("rb") as stream:
                return {"": _stored(file, "", stream, changed)}
        with zipfile.ZipFile(file) as archive:
            found = {}
            for array in (name.removesuffix(MEMBER) for name in archive.namelist() if name.endswith(MEMBER)):
                with archive.open(array + MEMBER) as stream:
                    found[array] = _stored(file, array, stream, changed)
            if not found:
                raise ValueError(f"no {MEMBER} files")
            return found


def read_array(stored: Stored, path: str) -> NDArray[Any]:
    """The array itself, of the shape and type that its header tells.

    Raises:
        RecipeError: it is damaged, or holds no plain numbers.
    """
    with _told(stored.file, path):
        if not stored.name:
            with stored.file.open("rb") as stream:
                return npy.read_array(stream, allow_pickle=False)
        with zipfile.ZipFile(stored.file) as archive, archive.open(stored.member) as stream:
            return npy.read_array(stream, allow_pickle=False)


def read_levels(stored: Stored, path: str, white: float = 0.0) -> Tensor:
    """The array as levels from 0 to 255, uint8, of its shape; the last one that was read is kept.

    Args:
        stored: which.
        path: of the option that named the file.
        white: the floating-point number that becomes level 255; 0 where the least and the greatest number tell
            whether they run from 0 to 1, from −1 to 1 or from 0 to 255. They are rounded to the nearest level.

    Raises:
        RecipeError: numbers are outside those ranges, and the text names the first picture that has one; or nothing
            tells which number is white.
    """
    return _levels(stored, path, white)


@lru_cache(maxsize=2)
def _levels(stored: Stored, path: str, white: float) -> Tensor:
    array = read_array(stored, path)
    if array.dtype == np.uint8:
        return torch.from_numpy(np.ascontiguousarray(array))
    values = array.astype(np.float32)
    low, high = float(values.min()), float(values.max())
    least, most = (0.0, white) if white else (0.0 if high > 1 else -1.0, 255.0)
    wrong = ~((values >= least) & (values <= most))
    if wrong.any():
        place = np.unravel_index(int(wrong.argmax()), values.shape)
        allowed = f"0 to {white:g}" if white else "0 to 1, −1 to 1 or 0 to 255"
        raise RecipeError(
            path, f"{stored.title}: picture {place[0] + 1} holds {values[place]:g}; allowed are {allowed}"
        )
    if 1 < high <= DIM and not white:
        told = f"{stored.title} runs from {low:g} to {high:g}; the number that is white must be told: {high:g} or 255?"
        raise RecipeError("white", told, (f"white={high:g}",))
    scaled = (values + 1) * 127.5 if low < 0 else values * (255 / (white or (1 if high <= 1 else 255)))
    return torch.from_numpy(np.round(scaled).astype(np.uint8))


def _stored(file: Path, name: str, stream: BinaryIO | Any, changed: tuple[int, int]) -> Stored:
    version = npy.read_magic(stream)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    dims, _, dtype = read(stream)
    return Stored(file, name, dims, dtype, changed)


@contextmanager
def _told(file: Path, path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RecipeError(path, f"{file.name}: {error.strerror or 'cannot be read'}") from None
    except RecipeError:
        raise
    except MemoryError:
        raise RecipeError(path, f"{file.name}: holds more than there is memory for") from None
    except DAMAGED:
        kind = file.suffix[1:].upper()
        raise RecipeError(path, f"{file.name}: is damaged, or no {kind} file of plain numbers") from None
