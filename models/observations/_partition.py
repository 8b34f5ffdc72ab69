"""Two samples as masses of cells that follow where they lie: what an f-divergence is worked out on.

The pooled sample is halved at its median along the axis on which it is widest, and each half again, so that every cell
holds as many points. Cells are small where there is much to tell apart, however narrow a mode is, and no frame cuts
anything off (Wang, Kulkarni and Verdú 2005, IEEE TIT 51, section III). To tell points apart by their cells only is a
channel, which lowers every f-divergence (Liese and Vajda 2006, IEEE TIT 52, theorem 14); counting noise raises it, the
Jensen–Shannon divergence of two samples of n and m points of one law over C cells to (C − 1)/8 · (1/n + 1/m).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

SOUNDED: Final = 8
"""One point in so many tells on which axis a cell is widest."""


def log_masses(x: Tensor, y: Tensor, halvings: int) -> tuple[Tensor, Tensor]:
    """Log share of each sample in each cell, shape (2^halvings, 1) each; a cell without any counts as having one.

    They stand in a column: these cells have no order, as those of a line have.

    Args:
        x: shape (N, d).
        y: shape (M, d); N + M points are thinned at their end to a multiple of the number of cells.
        halvings: how often the sample is halved.
    """
    sizes = [len(x), len(y)]
    side = np.repeat([False, True], sizes)
    points = torch.cat([x, y]).numpy()
    blocks = _balanced(sizes, 2**halvings)
    cells = blocks[None]
    for _ in range(halvings):
        cells = _halved(points, cells)
    of_y = side[cells].sum(1)
    counts = (cells.shape[1] - of_y, of_y)
    shares = [torch.from_numpy(np.maximum(count, 1) / max(count.sum(), 1)) for count in counts]
    return tuple((share / share.sum()).log()[:, None] for share in shares)  # type: ignore[return-value]


def _balanced(sizes: list[int], cells: int) -> NDArray[np.intp]:
    """Indices of as many points as the cells can share equally."""
    spare = sum(sizes) % cells
    kept = [np.arange(sizes[0] - spare // 2), sizes[0] + np.arange(sizes[1] - (spare - spare // 2))]
    return np.concatenate(kept)


def _halved(points: NDArray[np.float32], cells: NDArray[np.intp]) -> NDArray[np.intp]:
    """Indices of points by cell, shape (C, n), to (2 C, n / 2): each cell parted at its median on its widest axis."""
    axis = points[cells[:, ::SOUNDED]].std(1).argmax(1)
    along = points[cells, axis[:, None]]
    middle = cells.shape[1] // 2
    order = np.argpartition(along, middle, axis=1)
    return np.take_along_axis(cells, order, 1).reshape(2 * len(cells), middle)
