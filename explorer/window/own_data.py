"""What a file or a folder of a person's own is as data: a table or pictures, told by its header and its name.

Headers are read here as well as by the data sets: those need torch, which this process does without, and they refuse
what does not fit, where here a file is only to be recognised.
"""

from __future__ import annotations

import gzip
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Final

TABLE_ENDINGS: Final = (".csv", ".tsv", ".txt")
ARRAY_ENDINGS: Final = (".npy", ".npz")
DATA_ENDINGS: Final = (*TABLE_ENDINGS, *ARRAY_ENDINGS)
PICTURE_ENDINGS: Final = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp")

IDX_SIGN: Final = "ubyte"
"""Part of the names of IDX files, which have no ending of their own."""

ZIPPED: Final = b"\x1f\x8b"
BYTES: Final = b"\x00\x00\x08"
"""What an IDX file of unsigned bytes begins with."""

PAIRED: Final = (("images", "labels"), ("idx3", "idx1"), ("idx4", "idx1"))
"""What tells the name of an IDX file of pictures from that of their classes."""

FIRST: Final = "train"
"""Of several arrays of pictures, those to train on have this in their name."""

DAMAGED: Final = (OSError, ValueError, EOFError, KeyError, NotImplementedError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True)
class OwnData:
    """What is to be learnt.

    Attributes:
        part: the data of a recipe: key and options.
        told: what had to be chosen for the person, whole sentences; empty if nothing.
    """

    part: Mapping[str, Any]
    told: str = ""


@dataclass(frozen=True)
class Array:
    """The header of an array.

    Attributes:
        name: in an NPZ file; empty in an NPY file.
        dims: its shape.
        kind: numpy's letter for the kind of its numbers.
    """

    name: str
    dims: tuple[int, ...]
    kind: str

    @property
    def is_pictures(self) -> bool:
        """Whether it has rows and columns, and perhaps channels before or behind them."""
        has_channels = len(self.dims) == 4 and (self.dims[1] in (1, 3) or self.dims[3] in (1, 3))
        return self.kind in "uif" and (len(self.dims) == 3 or has_channels)

    def are_classes(self, n: int) -> bool:
        """Whether it holds one number or text for each of n pictures."""
        return self.dims in ((n,), (n, 1)) and self.kind in "iubUS"


def own_data(path: Path, key: str = "") -> OwnData | None:
    """The data that a path leads to.

    Args:
        path: of a file or a folder.
        key: of the data set that it is meant for; empty for the one that its header and name tell.

    Returns:
        None where it is nothing that can be learnt.
    """
    kind = key or _key_of(path)
    return READERS.get(kind, _plain(kind))(path.absolute()) if kind else None


def _key_of(path: Path) -> str:
    if path.is_dir():
        return "image_folder"
    if path.suffix.lower() in TABLE_ENDINGS:
        return "table"
    if path.suffix.lower() in ARRAY_ENDINGS:
        return "image_arrays" if any(array.is_pictures for array in arrays_in(path)) else "table"
    return "idx" if IDX_SIGN in path.name or idx_dims(path) else ""


def _plain(key: str) -> Callable[[Path], OwnData]:
    return lambda path: OwnData({"key": key, "path": str(path)})


def _idx(path: Path) -> OwnData:
    """An IDX file, and the one beside it whose name tells that it holds the classes, or the pictures."""
    dims = idx_dims(path)
    pictures, classes = (_beside(path, swap=True), path) if len(dims) == 1 else (path, _beside(path))
    if pictures is None or classes is None or idx_dims(classes) != idx_dims(pictures)[:1]:
        return OwnData({"key": "idx", "path": str(path)})
    return OwnData({"key": "idx", "path": str(pictures), "labels_path": str(classes)})


def _beside(path: Path, *, swap: bool = False) -> Path | None:
    name = path.name.removesuffix(".gz")
    pairs = [(new, old) if swap else (old, new) for old, new in PAIRED]
    names = {_renamed(name, chosen) for chosen in (pairs[:2], pairs[::2])} - {name}
    places = (path.with_name(name + ending) for name in sorted(names) for ending in ("", ".gz"))
    return next((place for place in places if place.is_file()), None)


def _renamed(name: str, pairs: Iterable[tuple[str, str]]) -> str:
    for old, new in pairs:
        name = name.replace(old, new)
    return name


def idx_dims(path: Path) -> tuple[int, ...]:
    """Sizes of the axes of an IDX file of bytes, plain or compressed; none where it is no such file."""
    with suppress(*DAMAGED, struct.error), path.open("rb") as raw:
        is_zipped = raw.read(2) == ZIPPED
        raw.seek(0)
        stream: BinaryIO | gzip.GzipFile = gzip.open(raw) if is_zipped else raw  # noqa: SIM115
        magic = stream.read(4)
        if magic[:3] == BYTES and magic[3:]:
            return struct.unpack(f">{magic[3]}I", stream.read(4 * magic[3]))
    return ()


def _arrays(path: Path) -> OwnData:
    """Pictures in an NPZ or NPY file: those that are named as the ones to train on, or else the most, and classes."""
    arrays = list(arrays_in(path))
    pictures = [array for array in arrays if array.is_pictures]
    if not pictures:
        return OwnData({"key": "image_arrays", "path": str(path)})
    chosen = max(pictures, key=lambda array: (FIRST in array.name, array.dims[0]))
    choice = Choice(arrays, pictures, chosen)
    part = {"key": "image_arrays", "path": str(path), **choice.options()}
    return OwnData(part, " ".join(choice.sentences(path.name)))


@dataclass(frozen=True)
class Choice:
    """Which arrays of a file are taken.

    Attributes:
        arrays: all.
        pictures: those that are pictures.
        chosen: the one of them that is to be learnt.
    """

    arrays: list[Array]
    pictures: list[Array]
    chosen: Array

    @cached_property
    def classes(self) -> list[Array]:
        """Those that could be its classes."""
        able = [array for array in self.arrays if array.are_classes(self.chosen.dims[0])]
        first = [array for array in able if FIRST in array.name] if FIRST in self.chosen.name else []
        return first or able

    def options(self) -> dict[str, str]:
        """The names that the recipe must say."""
        names = {"images": self.chosen.name} if len(self.pictures) > 1 else {}
        return names | ({"label": self.classes[0].name} if len(self.classes) == 1 else {})

    def sentences(self, file: str) -> Iterator[str]:
        """What else could have been meant."""
        if len(self.pictures) > 1:
            names = ", ".join(array.name for array in self.pictures)
            yield f"{file} holds more than one array of pictures: {names}. This run learns {self.chosen.name}."
        if len(self.classes) > 1:
            names = ", ".join(array.name for array in self.classes)
            yield f"Each of {names} could be the classes: name one under “classes” in the card Data."
        tables = [array.name for array in self.arrays if len(array.dims) == 2 and array.kind in "uif"]
        tables = [name for name in tables if name not in {array.name for array in self.classes}]
        if tables:
            yield f"It holds numbers in rows, too ({', '.join(tables)}): “Table from a file” learns those."


def arrays_in(path: Path) -> Iterator[Array]:
    """The headers of the arrays in an NPZ or NPY file, as far as they can be read."""
    with suppress(*DAMAGED):
        if not zipfile.is_zipfile(path):
            with path.open("rb") as stream:
                yield _header("", stream)
            return
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                with suppress(*DAMAGED), archive.open(name) as member:
                    yield _header(name.removesuffix(".npy"), member)


def _header(name: str, stream: Any) -> Array:
    import numpy as np  # the window is shown before numpy is imported
    from numpy.lib import format as npy

    read = npy.read_array_header_1_0 if npy.read_magic(stream) == (1, 0) else npy.read_array_header_2_0
    dims, _, dtype = read(stream)
    return Array(name, dims, np.dtype(dtype).kind)


READERS: Final[Mapping[str, Callable[[Path], OwnData]]] = {"idx": _idx, "image_arrays": _arrays}
"""Key of a data set to how the rest of its options is told by its file; of others the path is all."""
