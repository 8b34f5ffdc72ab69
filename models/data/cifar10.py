"""Small colour photographs of ten kinds of things."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Final

import numpy as np
import torch
from torch import Tensor

from models.data._base import DATA
from models.data._fetch import Origin, Remote
from models.data._named_images import NamedImages
from models.data._picture import Picture
from models.registry import RecipeError

RECORD: Final = 1 + 3 * 32 * 32
"""Bytes of one picture: its class, then its red, green and blue plane, row by row."""

TRAIN: Final = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
TEST: Final = ("test_batch.bin",)

INNER: Final = "cifar-10-batches-bin"
"""The folder that the published archive unpacks to."""


@DATA.register
class Cifar10(NamedImages):
    """50,000 colour photographs of 32 × 32 pixels to train on, and 10,000 held out, in ten classes.

    The binary version is read, never the pickled one.

    Source: Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images, chapter 3.
    """

    title: ClassVar[str] = "CIFAR-10"
    source: ClassVar[str] = "Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images"
    picture: ClassVar[Picture] = Picture(3, 32, 32)
    counts: ClassVar[tuple[int, int]] = (50_000, 10_000)
    names: ClassVar[tuple[str, ...]] = (
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    )  # fmt: skip
    origin: ClassVar[Origin] = Origin(
        ("https://www.cs.toronto.edu/~kriz/", "https://cave.cs.toronto.edu/kriz/"),
        (
            Remote(
                "cifar-10-binary.tar.gz",
                170_052_171,
                "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                (*TRAIN, *TEST),
            ),
        ),
    )

    def count_split(self, *, is_test: bool) -> int:
        """From the lengths of the files."""
        return sum(self._records(name) for name in (TEST if is_test else TRAIN))

    def read_split(self, *, is_test: bool) -> tuple[Tensor, Tensor]:
        """All files of the split, one after the other."""
        records = np.concatenate([self._mapped(name) for name in (TEST if is_test else TRAIN)])
        if records[:, 0].max() >= len(self.names):
            number = int((records[:, 0] >= len(self.names)).argmax())
            raise RecipeError(
                "path", f"{self.folder}: picture {number + 1:,} has the class {records[number, 0]}, not 0 to 9"
            )
        return torch.from_numpy(records[:, 1:]), torch.from_numpy(records[:, 0])

    def _mapped(self, name: str) -> np.memmap[tuple[int, ...], np.dtype[np.uint8]]:
        return np.memmap(self._file(name), np.uint8, "r", 0, (self._records(name), RECORD))

    def _records(self, name: str) -> int:
        size = self._file(name).stat().st_size
        if not size or size % RECORD:
            raise RecipeError("path", f"{name}: has {size:,} bytes; whole pictures of {RECORD:,} bytes each are needed")
        return size // RECORD

    def _file(self, name: str) -> Path:
        for folder in (self.folder, self.folder / INNER):
            if (folder / name).is_file():
                return folder / name
        raise RecipeError("path", f"{self.folder}: holds no {name}, the binary version of CIFAR-10")
