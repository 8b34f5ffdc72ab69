"""The handwritten digits that scikit-learn ships, and the rule that tells whose class a picture of one plane is of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

IMAGES: Final = 1_797
"""Known beforehand: checking a recipe must not wait for scikit-learn."""

SIDE: Final = 8
"""Pixels along each side."""

DIGITS: Final = tuple("0123456789")

AT_ONCE: Final = 512
"""Samples that are held against all real ones at once: their products stay in the processor's cache."""

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
        real = self.x.to(x)
        # ‖x − y‖² = ‖x‖² − 2 (xᵀy − ‖y‖²/2): one product finds the nearest, and no root of all pairs is taken.
        offset = real.square().sum(1) / -2
        index = torch.cat([torch.addmm(offset, part, real.T).argmax(1) for part in x.split(AT_ONCE)])
        return self.y.to(x.device)[index], (x - real[index]).norm(dim=1) <= self.reach


def _table() -> NDArray[np.float64]:
    """A row an image: its pixels, 0 … 16, and its digit, shape (1797, 65)."""
    spec = find_spec("sklearn")  # found, and not imported: that takes a second, and the first picture waits for it
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).with_name("datasets") / "data" / "digits.csv.gz"
        if path.is_file():
            return np.loadtxt(path, delimiter=",")
    from sklearn.datasets import load_digits  # a release that keeps them elsewhere

    pixels, labels = load_digits(return_X_y=True)
    return np.column_stack([pixels, labels])


@lru_cache(maxsize=2)
def handwritten(*, is_binary: bool) -> Classes:
    """All 1,797 images, values in [−1, 1], and the digit on each; or only black and white, white from 8 of 16 up."""
    table = _table()
    pixels, labels = table[:, :-1], table[:, -1]
    ink = (pixels >= 8) * 16.0 if is_binary else pixels
    x, y = torch.from_numpy(ink).float() / 8 - 1, torch.from_numpy(labels).long()
    counts = torch.bincount(y)
    means = torch.zeros(len(DIGITS), SIDE**2).index_add(0, y, x) / counts[:, None]
    return Classes(x, y, means, counts / len(y), DIGITS)
