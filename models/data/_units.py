"""Between the units of a data set and those in which networks train."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, eq=False)
class Units:
    """An affine map of each coordinate: x = centre + scale · u, with x in data units and u as networks see it.

    Attributes:
        centre: shape (d,), float32.
        scale: shape (d,), float32, greater than 0.
    """

    centre: Tensor
    scale: Tensor

    def inward(self, x: Tensor) -> Tensor:
        """From data units to those of training, shape (N, d)."""
        return (x - self.centre.to(x.device)) / self.scale.to(x.device)

    def outward(self, u: Tensor) -> Tensor:
        """From the units of training to data units, shape (N, d)."""
        return self.centre.to(u.device) + self.scale.to(u.device) * u
