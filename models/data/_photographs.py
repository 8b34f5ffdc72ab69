"""A folder of picture files: which there are, and a bounded memory of those that were read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.data._photograph import ENDINGS, Size, Unreadable, read_photograph
from models.data._pictures import MOST_CLASSES
from models.registry import RecipeError

KEPT_BYTES: Final = 256 * 2**20
"""Memory for pictures that were read; those beyond it are read again each time."""

NAMED: Final = 3
"""Files that cannot be read and are named; of more, their number is told."""


@dataclass(eq=False)
class Photographs:
    """The picture files under a folder, in the order of their names, each read when it is first asked for.

    Attributes:
        folder: where they are.
        names: their paths in it.
        size: what each is brought to.
        limit: bytes of pictures that are kept.
        broken: number of a file that cannot be read, to why.
    """

    folder: Path
    names: tuple[str, ...]
    size: Size
    limit: int = KEPT_BYTES
    broken: dict[int, str] = field(default_factory=dict)
    _kept: dict[int, NDArray[np.uint8]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.names)

    def read(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """Levels, uint8, shape (N, d), and which files they are of: the next readable one stands in for a broken one.

        Raises:
            RecipeError: more than half of the files cannot be read.
        """
        found = [self._readable(number) for number in index.tolist()]
        levels = np.stack([levels for _, levels in found])
        return torch.from_numpy(levels), torch.tensor([number for number, _ in found])

    @property
    def remark(self) -> str:
        """Which files cannot be read, one sentence; empty if none is known."""
        if not self.broken:
            return ""
        named = ", ".join(f"{self.names[number]} {reason}" for number, reason in list(self.broken.items())[:NAMED])
        more = len(self.broken) - NAMED
        tail = f" and {more:,} more" if more > 0 else ""
        return f"Left out, because they cannot be read, {len(self.broken):,} of {len(self):,} pictures: {named}{tail}."

    @property
    def classes(self) -> tuple[str, ...]:
        """The subfolders, where each file is in one and there are two or more, but not over a thousand; else none."""
        return self._classes[0]

    @property
    def labels(self) -> Tensor | None:
        """Class of each file, shape (n,), int64; None where there are no classes."""
        return self._classes[1]

    @cached_property
    def _classes(self) -> tuple[tuple[str, ...], Tensor | None]:
        above = [Path(name).parts[0] if len(Path(name).parts) > 1 else "" for name in self.names]
        found = sorted(set(above))
        if "" in found or not 2 <= len(found) <= MOST_CLASSES:
            return (), None
        places = {name: place for place, name in enumerate(found)}
        return tuple(found), torch.tensor([places[name] for name in above])

    def _readable(self, number: int) -> tuple[int, NDArray[np.uint8]]:
        while True:
            levels = self._one(number)
            if levels is not None:
                return number, levels
            if 2 * len(self.broken) > len(self):
                told = self.remark
                self.broken.clear()  # they are tried again when the folder is back, or mended
                raise RecipeError("path", f"{self.folder}: more than half of it cannot be read. {told}")
            number = (number + 1) % len(self)

    def _one(self, number: int) -> NDArray[np.uint8] | None:
        levels = self._kept.get(number)
        if levels is not None or number in self.broken:
            return levels
        try:
            levels = read_photograph(self.folder / self.names[number], self.size)
        except Unreadable as error:
            self.broken[number] = str(error)
            return None
        if (len(self._kept) + 1) * levels.nbytes <= self.limit:
            self._kept[number] = levels
        return levels


def photographs(path: str, size: Size) -> Photographs:
    """The pictures under a folder; the ones found before, and read, if the folder is as it was.

    Raises:
        RecipeError: there is no such folder, it cannot be read, or there are no pictures in it.
    """
    if not path.strip():
        raise RecipeError("path", "is empty; it must name a folder of pictures")
    folder = Path(path).expanduser()
    try:
        changed = folder.stat().st_mtime_ns
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "cannot be read"
        raise RecipeError("path", f"{path}: {reason}; it must be a folder of pictures") from None
    if not folder.is_dir():
        raise RecipeError("path", f"{path}: is not a folder; it must be a folder of pictures")
    return _opened(str(folder.absolute()), size, names_in(str(folder.absolute()), changed))


@lru_cache(maxsize=2)
def _opened(folder: str, size: Size, names: tuple[str, ...]) -> Photographs:
    return Photographs(Path(folder), names, size)


@lru_cache(maxsize=4)
def names_in(folder: str, _changed: int) -> tuple[str, ...]:
    """Paths of the picture files under a folder, sorted; hidden ones are left out.

    Raises:
        RecipeError: the folder cannot be listed, or there are none.
    """
    names = tuple(sorted(_walk(folder)))
    if not names:
        raise RecipeError("path", f"{folder}: holds no pictures; looked for: {', '.join(ENDINGS)}")
    return names


def _walk(folder: str) -> Iterator[str]:
    for place, below, files in os.walk(folder, onerror=_refuse, followlinks=False):
        below[:] = [name for name in below if not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and name.lower().endswith(ENDINGS):
                yield os.path.relpath(os.path.join(place, name), folder)


def _refuse(error: OSError) -> None:
    raise RecipeError("path", f"{error.filename}: {error.strerror or 'cannot be listed'}") from None
