"""What a law's named modes offer, whether they are Gaussians, squares of a board or classes of real pictures."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor


class NamedModes(Protocol):
    """The parts of a law that a model can lose: each with a name, a place, a mass, and a rule for what is in it."""

    @property
    def means(self) -> Tensor:
        """Centre of each mode, shape (K, d), data units."""
        ...

    @property
    def weights(self) -> Tensor:
        """Mass of each mode under P_X, shape (K,), sums to 1."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """What a person calls each mode, K of them."""
        ...

    @property
    def radii(self) -> Tensor:
        """Radius of the ball around each centre that holds what counts as high quality, shape (K,), data units."""
        ...

    def assign(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Nearest mode of every sample, and whether the sample is of high quality.

        Args:
            x: samples, shape (N, d).

        Returns:
            The index of the mode, shape (N,), int64; and whether the sample is of high quality, shape (N,), bool.
        """
        ...
