"""Real handwritten digits, small enough to train on a laptop."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar, Final, Literal

import torch
from torch import Tensor

from models.data._base import DATA
from models.data._dequantised import Bins
from models.data._handwritten import DIGITS, IMAGES, SIDE, Classes, handwritten
from models.data._modes import NamedModes
from models.data._picture import Picture
from models.data._rows import Rows, held_out_option
from models.registry import option

TRAINING: Final = 1_000
VALIDATION: Final = 350
"""Rows of the public split: the first train, the next validate, all further ones are the test set."""


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
        return handwritten(is_binary=self.binary)

    def rows(self) -> Tensor:
        """Every image once, shape (1797, 64)."""
        return self._classes.x

    def named_modes(self) -> NamedModes:
        """The ten digits."""
        return self._classes

    @property
    def class_names(self) -> tuple[str, ...]:
        """The ten digits."""
        return DIGITS

    def row_labels(self) -> Tensor:
        """The digit on each image, shape (1797,), int64."""
        return self._classes.y

    @property
    def image_shape(self) -> Picture:
        """Eight rows of eight grey pixels."""
        return Picture(1, SIDE, SIDE)

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
