"""Real handwritten digits, small enough to train on a laptop."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import ClassVar, Final, Literal

import torch
from torch import Tensor

from models.data._base import DATA
from models.data._dequantised import Bins
from models.data._modes import NamedModes
from models.data._picture import Picture
from models.data._rows import Rows, held_out_option
from models.registry import option

IMAGES: Final = 1_797
"""Known beforehand: checking a recipe must not wait for scikit-learn."""

TRAINING: Final = 1_000
VALIDATION: Final = 350
"""Rows of the public split: the first train, the next validate, all further ones are the test set."""

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
    split: Literal["random", "public"] = option(
        "random", label="split",
        help="Random: as large a share is held out as asked for. Public: the first 1,000 images train, the last 447 "
        "are held out, and the 350 between them are for choosing when to stop.",
    )  # fmt: skip
    dequantised: bool = option(
        default=False, label="dequantised",
        help="Adds uniform noise as wide as one level, fresh in every batch: the likelihood of a density then bounds "
        "that of the levels.",
    )  # fmt: skip

    @property
    def held_share(self) -> float:
        """As chosen."""
        return self.held_out

    @property
    def size(self) -> int:
        """How many images train: all but the share held out, or those of the public split."""
        return TRAINING if self.split == "public" else super().size

    def held_out_index(self) -> Tensor:
        """Those of a permutation, or the test set of the public split."""
        if self.split == "random":
            return super().held_out_index()
        return torch.arange(TRAINING + VALIDATION, IMAGES)

    def validation_sample(self, generator: torch.Generator) -> Tensor:
        """What the public split keeps for choosing, neither trained on nor held out, shape (350, 64)."""
        return self._noised(self.rows()[TRAINING : TRAINING + VALIDATION], generator)

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
    def levels(self) -> int | None:
        """Ink is counted from 0 to 16, or there is some or none; with noise on it, it takes any value."""
        return None if self.dequantised else self._levels

    @property
    def bins(self) -> Bins | None:
        """One for each level."""
        return Bins(-1.0, 2 / (self._levels - 1), self._levels) if self.dequantised else None

    @property
    def _levels(self) -> int:
        return 2 if self.binary else 17

    def _order(self) -> Tensor:
        return torch.arange(IMAGES) if self.split == "public" else super()._order()


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
