"""Real handwritten digits, small enough to train on a laptop."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import ClassVar, Final

import torch
from torch import Tensor

from models.data._base import DATA
from models.data._modes import NamedModes
from models.data._picture import Picture
from models.data._rows import Rows, held_out_option
from models.registry import option

IMAGES: Final = 1_797
"""Known beforehand: checking a recipe must not wait for scikit-learn."""

NAMES: Final = tuple("0123456789")

QUALITY_QUANTILE: Final = 0.99
"""A sample is of high quality if it is as near to a real image as this share of the real images are to another one."""


@dataclass(frozen=True, eq=False)
class Classes:
    """Classes of real samples as named modes: a sample belongs to the class of its nearest real one.

    Attributes:
        x: the real samples, shape (n, d), data units.
        y: class of each, 0 … K−1, shape (n,), int64.
        means: mean of each class, shape (K, d), data units.
        weights: share of each class, shape (K,).
        names: of the classes, K of them.
    """

    x: Tensor
    y: Tensor
    means: Tensor
    weights: Tensor
    names: tuple[str, ...]

    @cached_property
    def reach(self) -> float:
        """Distance within which a sample counts as high quality, data units."""
        distances = torch.cdist(self.x, self.x, compute_mode="donot_use_mm_for_euclid_dist")
        return float(distances.fill_diagonal_(torch.inf).amin(dim=1).quantile(QUALITY_QUANTILE))

    @property
    def radii(self) -> Tensor:
        """The reach, the same around every class, shape (K,), data units."""
        return torch.full((len(self.names),), self.reach)

    def assign(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The class of the nearest real sample, and whether that is within reach."""
        nearest, index = torch.cat([self._nearest(part) for part in x.split(1024)], dim=1)
        return self.y[index.long()], nearest <= self.reach

    def _nearest(self, x: Tensor) -> Tensor:
        nearest, index = torch.cdist(x, self.x.to(x)).min(dim=1)
        return torch.stack([nearest, index.to(nearest)])


@DATA.register
class Digits(Rows):
    """The 1,797 handwritten digits of 8 × 8 pixels that scikit-learn ships, with values scaled to [−1, 1].

    Batches are drawn from them with replacement. The ten classes are the named modes: a sample counts for the class
    of the nearest real image, and is of high quality if that is nearer than the 99th percentile of the distances
    between real images and their nearest neighbours.

    Source: Alpaydin & Kaynak 1998, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository,
    doi:10.24432/C50P49 (its test set, as in scikit-learn's ``load_digits``).
    """

    group: ClassVar[str] = "Images"
    title: ClassVar[str] = "Handwritten digits, 8 × 8"
    source: ClassVar[str] = "Alpaydin & Kaynak 1998, UCI, doi:10.24432/C50P49"
    formula: ClassVar[str] = r"\frac{1}{n}\sum_{i=1}^{1797} \delta_{x_i}"
    capabilities: ClassVar[frozenset[str]] = frozenset({"sample", "modes", "images", "labels", "classes"})

    binary: bool = option(
        default=False, label="binary", help="Makes every pixel white or black: white from 8 of 16 levels of ink up."
    )
    held_out: float = held_out_option()

    @property
    def held_share(self) -> float:
        """As chosen."""
        return self.held_out

    @property
    def dimension(self) -> int:
        """64 pixels, row by row from the top."""
        return 64

    @property
    def count(self) -> int:
        """All 1,797 images."""
        return IMAGES

    @cached_property
    def _classes(self) -> Classes:
        return _load(is_binary=self.binary)

    def rows(self) -> Tensor:
        """Every image once, shape (1797, 64)."""
        return self._classes.x

    def named_modes(self) -> NamedModes:
        """The ten digits."""
        return self._classes

    @property
    def class_names(self) -> tuple[str, ...]:
        """The ten digits."""
        return NAMES

    def row_labels(self) -> Tensor:
        """The digit on each image, shape (1797,), int64."""
        return self._classes.y

    @property
    def image_shape(self) -> Picture:
        """Eight rows of eight grey pixels."""
        return Picture(1, 8, 8)

    @property
    def levels(self) -> int:
        """Ink is counted from 0 to 16, or there is some or none."""
        return 2 if self.binary else 17


@lru_cache(maxsize=2)
def _load(*, is_binary: bool) -> Classes:
    # scikit-learn takes a second to import, which only the recipes with these images should pay.
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    ink = (pixels >= 8) * 16.0 if is_binary else pixels
    x, y = torch.from_numpy(ink).float() / 8 - 1, torch.from_numpy(labels).long()
    counts = torch.bincount(y)
    means = torch.zeros(10, 64).index_add(0, y, x) / counts[:, None]
    return Classes(x, y, means, counts / len(y), NAMES)
