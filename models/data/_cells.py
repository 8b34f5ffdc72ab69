"""Cells of a clustering that is fixed from the data: what stands in for modes where a law names none.

Pictures are clustered by their principal components: distances between all their pixels would take long, and say less.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from models.data._lloyd import distances, lloyd, spread_seeds
from models.data._picture import Picture
from models.data._principal import Principal, principal_components, shrunk

QUALITY: Final = 1 - math.exp(-(3**2) / 2)
"""Share of the real samples that count as high quality: as many as lie within 3 σ of a Gaussian in the plane."""

DRAWN: Final = 4_096
"""Samples that the cells are made from."""

MOST: Final = 10
"""Cells: few enough to be told apart in a table, small enough that a part of the data that is lost empties one."""

COMPONENTS: Final = 16
"""Principal components that pictures are clustered by."""

SPANNED: Final = 1_024
"""Pictures that these come from, at most."""

LEAST_MEMBERS: Final = 50
"""Samples that a cell must be made from, on average: of few data only few cells can be told apart."""


@dataclass(frozen=True, eq=False)
class Cells:
    """The Voronoi cells of k-means centres, in the place of modes.

    Attributes:
        means: centre of each cell, shape (K, d), data units.
        weights: mass of each cell under P_X, shape (K,), sums to 1.
        radii: distance from the centre within which a sample is of high quality, shape (K,), data units.
        names: of the cells, K of them.
    """

    means: Tensor
    weights: Tensor
    radii: Tensor
    names: tuple[str, ...]

    def assign(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The cell that each sample is in, and whether it is as near to the centre as real samples are."""
        nearest, index = distances(x, self.means.to(x)).min(dim=1)
        return index, nearest <= self.radii.to(x)[index]


@dataclass(frozen=True, eq=False)
class PictureCells:
    """The cells of k-means centres among the first principal components of pictures.

    A picture is of high quality if it is as near to the centre as real ones are and no farther from all that the
    components can say than they are: noise, whose components are small, is not.

    Attributes:
        principal: from a picture to its components.
        cells: in them.
        means: mean picture of each cell, shape (K, d), data units.
        rest: what real pictures have at most besides their components, units of shrunk pictures.
    """

    principal: Principal
    cells: Cells
    means: Tensor
    rest: float

    @property
    def weights(self) -> Tensor:
        """Mass of each cell under P_X, shape (K,), sums to 1."""
        return self.cells.weights

    @property
    def radii(self) -> Tensor:
        """Distance of the components from the centre's within which a picture is of high quality, shape (K,)."""
        return self.cells.radii

    @property
    def names(self) -> tuple[str, ...]:
        """Of the cells, K of them."""
        return self.cells.names

    def assign(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The cell that each picture is in, and whether it is of high quality."""
        seen = self.principal.of(x)
        index, near = self.cells.assign(seen)
        return index, near & (self.principal.rest(x, seen) <= self.rest)


def picture_cells_of(x: Tensor, shape: Picture) -> PictureCells:
    """The cells of real pictures, shape (n, d), the same at every call."""
    principal = principal_components(shrunk(x[:SPANNED], shape), shape, COMPONENTS)
    seen = principal.of(x)
    cells = cells_of(seen)
    index, _ = cells.assign(seen)
    counts = torch.bincount(index, minlength=len(cells.weights))
    means = torch.zeros(len(counts), x.shape[1]).index_add(0, index, x) / counts[:, None]
    return PictureCells(principal, cells, means, float(principal.rest(x, seen).quantile(QUALITY)))


def cells_of(x: Tensor) -> Cells:
    """The cells of real samples, shape (n, d): k-means from seeds that lie far apart, the same at every call."""
    k = max(1, min(MOST, len(x) // LEAST_MEMBERS))
    means = lloyd(x, spread_seeds(x, k, torch.Generator().manual_seed(0), x[:1]))
    nearest, index = distances(x, means).min(dim=1)
    counts = torch.bincount(index, minlength=len(means))
    radii = torch.stack([nearest[index == cell].quantile(QUALITY) for cell in range(len(means))])
    return Cells(means, counts / counts.sum(), radii, tuple(str(cell + 1) for cell in range(len(means))))
