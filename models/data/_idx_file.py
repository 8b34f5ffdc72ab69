"""Reading IDX files: a magic number, the sizes of the axes, then bytes. Their header tells all but the pictures.

    00 00 08 D      two zero bytes, the type (08: unsigned bytes), the number of axes D
    n₁ … n_D        the size of each axis, four bytes each, the most significant first
    bytes           n₁ · … · n_D of them, the last axis fastest

Source: LeCun, Cortes & Burges 1998, The MNIST Database, "File formats".
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import torch
from torch import Tensor

from models.registry import RecipeError

TYPES: Final = {
    0x08: "unsigned bytes", 0x09: "signed bytes", 0x0B: "16-bit integers", 0x0C: "32-bit integers",
    0x0D: "float32 numbers", 0x0E: "float64 numbers",
}  # fmt: skip
BYTES: Final = 0x08
ZIPPED: Final = b"\x1f\x8b"


@dataclass(frozen=True)
class Header:
    """What stands before the bytes.

    Attributes:
        dims: sizes of the axes.
        is_zipped: whether the file is compressed by gzip.
    """

    dims: tuple[int, ...]
    is_zipped: bool

    @property
    def length(self) -> int:
        """Bytes of the header."""
        return 4 + 4 * len(self.dims)

    @property
    def numbers(self) -> int:
        """Bytes after the header."""
        return math.prod(self.dims)


def read_header(file: Path, path: str) -> Header:
    """The header of an IDX file, and whether as many bytes follow as it says.

    Raises:
        RecipeError: it is no IDX file of bytes, or it is cut off.
    """
    stat = file.stat()
    return _header(str(file), stat.st_mtime_ns, stat.st_size, path)


@lru_cache(maxsize=32)
def _header(name: str, _changed: int, size: int, path: str) -> Header:
    file = Path(name)
    if size == 0:
        raise RecipeError(path, f"{file.name}: is empty")
    try:
        with file.open("rb") as raw:
            is_zipped = raw.read(2) == ZIPPED
            raw.seek(0)
            header = Header(_dims(gzip.open(raw) if is_zipped else raw, file.name, path), is_zipped)  # noqa: SIM115
    except (OSError, EOFError, zlib.error) as error:
        raise RecipeError(path, f"{file.name}: {getattr(error, 'strerror', None) or 'is damaged'}") from None
    _check_length(header, size - header.length if not is_zipped else None, file.name, path)
    return header


def read_bytes(file: Path, path: str) -> Tensor:
    """The whole array, uint8, of the header's shape; a file that is not compressed is mapped and not read.

    Raises:
        RecipeError: it is no IDX file of bytes, or it is damaged.
    """
    header = read_header(file, path)
    stat = file.stat()
    return _bytes(str(file), stat.st_mtime_ns, stat.st_size, header, path)


@lru_cache(maxsize=8)
def _bytes(name: str, _changed: int, _size: int, header: Header, path: str) -> Tensor:
    file = Path(name)
    if not header.is_zipped:
        # Copied on writing, which nobody does: torch has no other way to be told that memory is not to be written.
        mapped = np.memmap(file, np.uint8, "c", header.length, header.dims)
        return torch.from_numpy(np.asarray(mapped))
    try:
        content = gzip.decompress(file.read_bytes())[header.length :]
    except (OSError, EOFError, zlib.error):
        raise RecipeError(path, f"{file.name}: is damaged or cut off: its end cannot be unpacked") from None
    _check_length(header, len(content), file.name, path)
    return torch.frombuffer(bytearray(content), dtype=torch.uint8).view(header.dims)


def _dims(stream: BinaryIO | gzip.GzipFile, name: str, path: str) -> tuple[int, ...]:
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\x00\x00" or magic[2] not in TYPES or not magic[3]:
        begins = magic.hex(" ") or "nothing"
        raise RecipeError(
            path, f"{name}: is not an IDX file: it begins with {begins}, not with a magic number 00 00 08 …"
        )
    if magic[2] != BYTES:
        raise RecipeError(path, f"{name}: holds {TYPES[magic[2]]}; only {TYPES[BYTES]} (type 08) are allowed")
    sizes = stream.read(4 * magic[3])
    if len(sizes) < 4 * magic[3]:
        raise RecipeError(path, f"{name}: is cut off in its header")
    return struct.unpack(f">{magic[3]}I", sizes)


def _check_length(header: Header, length: int | None, name: str, path: str) -> None:
    if length is None or length == header.numbers:
        return
    dims = " × ".join(str(size) for size in header.dims)
    wrong = "is cut off" if length < header.numbers else "is too long"
    raise RecipeError(path, f"{name}: {wrong}: {length:,} bytes follow the header, {dims} = {header.numbers:,} must")
