"""Three digits at once, one in each colour plane: a thousand modes that can be counted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final

import torch
from torch import Tensor

from models.data._base import DATA, Law
from models.data._handwritten import DIGITS, SIDE, Classes, handwritten
from models.data._modes import NamedModes
from models.data._picture import Picture

PLANES: Final = 3

BASE: Final = len(DIGITS)

PLACES: Final = torch.tensor([BASE**place for place in reversed(range(PLANES))])
"""What the digit of each plane counts for in the number that names the mode."""


@dataclass(frozen=True, eq=False)
class Stacks:
    """Every combination of one class a plane as a mode, numbered as it is read: 407 is a 4, a 0 and a 7.

    Attributes:
        planes: the classes of one plane.
        means: the means of the digits' classes side by side, shape (1000, 192), data units.
        weights: products of the digits' shares, for the planes are independent, shape (1000,).
        names: ``000`` … ``999``.
    """

    planes: Classes
    means: Tensor
    weights: Tensor
    names: tuple[str, ...]

    @classmethod
    def of(cls, planes: Classes) -> Stacks:
        """All combinations of the classes of one plane."""
        digits = torch.cartesian_prod(*[torch.arange(BASE)] * PLANES)
        names = tuple(f"{number:0{PLANES}}" for number in range(BASE**PLANES))
        return cls(planes, planes.means[digits].flatten(1), planes.weights[digits].prod(1), names)

    @property
    def radii(self) -> Tensor:
        """Of planes that are all just within reach, shape (1000,), data units."""
        return torch.full((BASE**PLANES,), self.planes.reach * PLANES**0.5)

    def assign(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The number that the digits of the nearest real planes make, and whether every plane is within reach of it."""
        digits, good = self.planes.assign(x.reshape(-1, SIDE**2))
        return (digits.view(-1, PLANES) * PLACES.to(digits)).sum(1), good.view(-1, PLANES).all(1)


@DATA.register
class StackedDigits(Law):
    """Red, green and blue are three handwritten digits of 8 × 8 pixels, drawn independently: 1,000 modes, 000 to 999.

    Which mode a sample is at is decided plane by plane, by the digit on the nearest of scikit-learn's 1,797 images; it
    is of high quality if every plane is as near to one as 99 % of these images are to another. In the literature's sets
    of this kind the planes are digits of MNIST, 28 × 28, and a trained classifier decides.

    Source: Metz et al. 2017, Unrolled GANs, arXiv:1611.02163, section 3.3; Srivastava et al. 2017, VEEGAN,
    arXiv:1705.07761; the digits: Alpaydin & Kaynak 1998, UCI, doi:10.24432/C50P49.
    """

    group: ClassVar[str] = "Images"
    title: ClassVar[str] = "Stacked digits, 8 × 8 × 3"
    source: ClassVar[str] = "Srivastava et al. 2017, VEEGAN, arXiv:1705.07761; the digits: doi:10.24432/C50P49"
    formula: ClassVar[str] = r"P_{\text{digits}} \otimes P_{\text{digits}} \otimes P_{\text{digits}}"
    capabilities: ClassVar[frozenset[str]] = frozenset({"sample", "modes", "images"})

    @property
    def dimension(self) -> int:
        """64 pixels of each plane, red first."""
        return self.image_shape.numbers

    @property
    def image_shape(self) -> Picture:
        """Red, green and blue."""
        return Picture(PLANES, SIDE, SIDE)

    @property
    def levels(self) -> int:
        """Ink of each colour is counted from 0 to 16."""
        return 17

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Three images for each sample, independently and with replacement, shape (n, 192)."""
        return self._images.x[self._draw_index(n, generator)].flatten(1)

    def labelled_sample(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The samples of ``draw``, and the digit of each plane, shape (n, 3), int64."""
        index = self._draw_index(n, generator)
        return self._images.x[index].flatten(1), self._images.y[index]

    def named_modes(self) -> NamedModes:
        """The thousand numbers."""
        return self._stacks

    @cached_property
    def _stacks(self) -> Stacks:
        return Stacks.of(self._images)

    @property
    def _images(self) -> Classes:
        return handwritten(is_binary=False)

    def _draw_index(self, n: int, generator: torch.Generator) -> Tensor:
        return torch.randint(len(self._images.y), (n, PLANES), generator=generator)
