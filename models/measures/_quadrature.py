"""Integrals over the line or the plane of two known densities, by cells as small as the narrowest part of them asks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.measures._base import LogDensity

NODES: Final = 4
"""Gauss–Legendre nodes a side of every cell: exact for polynomials of degree 7."""

MARGIN: Final = 0.5
"""Free space on each side of the points, as a share of the side that they fill."""

CROWD: Final = 8
"""Points that a cell may hold before it is divided without a look at the densities: none is missed between nodes."""

TOLERANCE: Final = 1e-7
"""Mass that the halves of a cell may differ in from the whole."""

DEEPEST: Final = 24
"""How often a cell is halved along each axis, at most."""

MOST_CELLS: Final = 10_000
"""Cells that are halved in one round, at most: of more, those with the greatest errors, as along a sharp edge."""

CHUNK: Final = 65_536
"""Nodes that a density is asked for at once."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Nodes of an integral, with both densities there.

    Attributes:
        weights: volume that each node stands for, shape (G,), (data units)ᵈ.
        log_p: log density of P_X at each node, nats, shape (G,), −∞ where there is none.
        log_q: the same of P_θ.
    """

    weights: Tensor
    log_p: Tensor
    log_q: Tensor

    def integral(self, values: Tensor) -> float:
        """∫ v(x) dx for values at the nodes, shape (G,)."""
        return float(self.weights @ values)


def grid_of(points: Tensor, log_p: LogDensity, log_q: LogDensity) -> Grid:
    """Cells and their nodes, fine enough for both densities.

    The box around all points, with a margin, is halved along each axis wherever a cell holds more than ``CROWD``
    points, so that a mode that samples fall into is not missed, however narrow, with cells of rising size around it.
    Then every cell is compared with its halves, and halved as long as the masses ∫p, ∫q or the overlap ∫√(pq) differ
    by more than ``TOLERANCE``.

    Args:
        points: samples of both laws, shape (N, d) with d ≤ 2.
        log_p: log density of P_X.
        log_q: log density of P_θ.
    """
    cells = _crowded_cells(points.detach().double().cpu().numpy())
    done: list[tuple[Tensor, Tensor, Tensor]] = []
    nodes = _evaluate(cells, points, log_p, log_q)
    for _ in range(DEEPEST):
        finer_cells = _halved(cells)
        finer = _evaluate(finer_cells, points, log_p, log_q)
        wrong = _masses(nodes).sub(_masses(finer).unflatten(0, (len(cells), -1)).sum(1)).abs().amax(dim=1)
        again = (wrong > TOLERANCE).numpy()
        again[np.argsort(-wrong.numpy())[MOST_CELLS:]] = False
        rest = np.repeat(~again, len(finer_cells) // len(cells))
        done.append(_chosen(finer, rest))
        if not again.any():
            break
        cells, nodes = finer_cells[~rest], _chosen_cells(finer, ~rest)
    else:
        done.append(_flat(nodes))
    return Grid(*(torch.cat(parts) for parts in zip(*done, strict=True)))


Floats = NDArray[np.float64]

Indices = NDArray[np.int64]
"""Cells of one level, counted along each axis, shape (C, d)."""

Evaluated = tuple[Tensor, Tensor, Tensor]
"""Weights, log p and log q at the nodes of each cell, shapes (C, G)."""


def _crowded_cells(points: Floats) -> Floats:
    """Lower corners and sides of cells, shape (C, 2 d), none next to one of less than half its size.

    The grading matters: the skirt of a narrow mode may reach into a cell in which there are no points.
    """
    d = points.shape[1]
    low, high = points.min(axis=0), points.max(axis=0)
    side = float((high - low).max()) or 1.0
    start, sides = low - MARGIN * side, high - low + 2 * MARGIN * side
    places = (points - start) / sides
    split = [_crowds((places * 2**level).astype(np.int64)) for level in range(DEEPEST)]
    split[0] = np.zeros((1, d), dtype=np.int64)
    for level in range(DEEPEST - 1, 0, -1):
        split[level - 1] = np.unique(np.concatenate([split[level - 1], _parents_around(split[level], level)]), axis=0)
    leaves = []
    for level, cells in enumerate(split, start=1):
        children = (2 * cells[:, None] + np.array(list(product((0, 1), repeat=d)))).reshape(-1, d)
        finer = split[level] if level < DEEPEST else cells[:0]
        width = sides / 2**level
        lower = start + _without(children, finer) * width
        leaves.append(np.concatenate([lower, np.broadcast_to(width, lower.shape)], axis=1))
    return np.concatenate(leaves)


def _crowds(cells: Indices) -> Indices:
    """Those cells that occur more than ``CROWD`` times, each once."""
    some, counts = np.unique(cells, axis=0, return_counts=True)
    return some[counts > CROWD]


def _parents_around(cells: Indices, level: int) -> Indices:
    """The cells of the level above that hold these cells of a level and all that touch them."""
    around = np.array(list(product((-1, 0, 1), repeat=cells.shape[1])))
    touched = np.clip(cells[:, None] + around, 0, 2**level - 1) // 2
    return touched.reshape(-1, cells.shape[1])


def _without(cells: Indices, others: Indices) -> Indices:
    """Those cells, all different, that are not among the others."""
    some, first, counts = np.unique(np.concatenate([others, cells]), axis=0, return_index=True, return_counts=True)
    return some[(counts == 1) & (first >= len(others))]


def _halved(cells: Floats) -> Floats:
    """Every cell in 2ᵈ parts, one cell's parts after another's: shape (C, 2 d) to (2ᵈ C, 2 d)."""
    d = cells.shape[1] // 2
    half = cells[:, d:] / 2
    corners = [np.concatenate([cells[:, :d] + half * corner, half], axis=1) for corner in product((0, 1), repeat=d)]
    return np.stack(corners, axis=1).reshape(-1, 2 * d)


def _evaluate(cells: Floats, like: Tensor, log_p: LogDensity, log_q: LogDensity) -> Evaluated:
    d = cells.shape[1] // 2
    at, weight = (part / 2 for part in np.polynomial.legendre.leggauss(NODES))
    offsets = np.array(list(product(at + 0.5, repeat=d)))
    shares = np.prod(list(product(weight, repeat=d)), axis=1)
    x = cells[:, None, :d] + offsets * cells[:, None, d:]
    places = torch.from_numpy(x.reshape(-1, d)).to(like)
    logs = [_at(places, density).view(len(cells), -1) for density in (log_p, log_q)]
    volumes = torch.from_numpy(np.prod(cells[:, d:], axis=1)[:, None] * shares)
    return volumes, logs[0], logs[1]


def _at(places: Tensor, log_density: LogDensity) -> Tensor:
    with torch.no_grad():
        return torch.cat([log_density(part) for part in places.split(CHUNK)]).double().cpu()


def _masses(nodes: Evaluated) -> Tensor:
    """∫p, ∫q and ∫√(pq) of every cell, shape (C, 3)."""
    weights, log_p, log_q = nodes
    return torch.stack([(weights * logs.exp()).sum(1) for logs in (log_p, log_q, (log_p + log_q) / 2)], dim=1)


def _chosen_cells(nodes: Evaluated, which: NDArray[np.bool_]) -> Evaluated:
    mask = torch.from_numpy(which)
    return nodes[0][mask], nodes[1][mask], nodes[2][mask]


def _chosen(nodes: Evaluated, which: NDArray[np.bool_]) -> Evaluated:
    return _flat(_chosen_cells(nodes, which))


def _flat(nodes: Evaluated) -> Evaluated:
    return nodes[0].flatten(), nodes[1].flatten(), nodes[2].flatten()
