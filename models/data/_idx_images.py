"""Published pictures that come as four IDX files, as MNIST does."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from torch import Tensor

from models.data._fetch import Remote
from models.data._idx_file import read_bytes, read_header
from models.data._named_images import NamedImages
from models.data._picture import Picture
from models.registry import RecipeError

IMAGES = ("train-images-idx3-ubyte", "t10k-images-idx3-ubyte")
LABELS = ("train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte")


def idx_files(sizes: tuple[int, int, int, int], hashes: tuple[str, str, str, str]) -> tuple[Remote, ...]:
    """The four files.

    Args:
        sizes: bytes of the training pictures, the training labels, the test pictures and the test labels.
        hashes: their SHA-256 hashes, in the same order.
    """
    names = (IMAGES[0], LABELS[0], IMAGES[1], LABELS[1])
    return tuple(
        Remote(f"{name}.gz", size, digest, (name,)) for name, size, digest in zip(names, sizes, hashes, strict=True)
    )


class IdxImages(NamedImages):
    """70,000 grey pictures of 28 × 28 pixels in ten classes."""

    picture: ClassVar[Picture] = Picture(1, 28, 28)
    counts: ClassVar[tuple[int, int]] = (60_000, 10_000)

    def count_split(self, *, is_test: bool) -> int:
        """As the header says."""
        images, labels = (self._file(names[is_test]) for names in (IMAGES, LABELS))
        dims, classes = read_header(images, "path").dims, read_header(labels, "path").dims
        if dims[1:] != self.picture[1:]:
            raise RecipeError("path", f"{images.name}: has the axes {dims}; {self.title} has (n, 28, 28)")
        if classes != dims[:1]:
            raise RecipeError(
                "path", f"{labels.name}: has the axes {classes}; one class for each of {dims[0]:,} is needed"
            )
        return dims[0]

    def read_split(self, *, is_test: bool) -> tuple[Tensor, Tensor]:
        """Plain files are mapped, compressed ones are read."""
        labels = read_bytes(self._file(LABELS[is_test]), "path")
        if len(labels) and int(labels.max()) >= len(self.names):
            problem = f"holds the class {int(labels.max())}; {self.title} has 0 to {len(self.names) - 1}"
            raise RecipeError("path", f"{LABELS[is_test]}: {problem}")
        return read_bytes(self._file(IMAGES[is_test]), "path").flatten(1), labels

    def _file(self, name: str) -> Path:
        """The plain file, or else the compressed one."""
        for ending in ("", ".gz"):
            if (self.folder / f"{name}{ending}").is_file():
                return self.folder / f"{name}{ending}"
        raise RecipeError("path", f"{self.folder}: holds no {name}, with .gz or without")
