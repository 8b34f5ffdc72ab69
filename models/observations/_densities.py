"""P_X and P_θ on one grid, smoothed alike: what can be known of the ratio p/q from samples, and where.

A ratio of two estimates means something only if both are blurred by the same kernel: p exact over q smoothed would
show a ring around every narrow mode of a perfect model. So both are masses of cells, smoothed by one Gaussian of one
cell; where the law is known exactly its cell masses are sums over the density, else counts of samples. What is shown
of modes narrower than two cells is therefore the ratio of their blurred masses, which is nearer to 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import torch
from torch import Tensor

from models.data import Data
from models.observations._kde import cell_shares, smooth

NODES: Final = {1: 256, 2: 128}
"""Nodes along an axis of the grid that is drawn, by dimension."""

STRIDE: Final = 2
"""From one of them to the next, in cells."""

PAD: Final = 3
"""Cells around the frame, so that smoothing loses nothing there."""

PUSHED: Final = 100_000
"""Samples from which q is estimated: a tenth of a second of work."""

DRAWN: Final = 400_000
"""Samples from which p is estimated, once a run; a closed density is worked out only where they lie."""

ENOUGH: Final = 50.0
"""So many effective samples of one of the laws under the kernel show the sign of log p/q for certain."""

FINER: Final = {1: 8, 2: 2}
"""Points along an axis in each cell over which an exact density is summed."""

NORMALISED: Final = 0.01
"""A density whose sum over the grid is more than this above 1 is too narrow for the grid."""


@dataclass(frozen=True)
class Frame:
    """A regular grid of cells whose middles are points of a line or a square.

    Attributes:
        low: first node on each axis, data units, d numbers.
        high: last node on each axis.
        stride: cells from one node that is drawn to the next; the kernel is as wide as a cell.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    stride: int = STRIDE

    @classmethod
    def of(cls, bounds: tuple[float, float, float, float], dimension: int, stride: int = STRIDE) -> Frame:
        """The frame of a picture's bounds (left, bottom, right, top)."""
        return cls(bounds[:2][:dimension], bounds[2:][:dimension], stride)

    @property
    def dimension(self) -> int:
        """1 or 2."""
        return len(self.low)

    @property
    def side(self) -> int:
        """Cells along an axis, without the padding."""
        return (NODES[self.dimension] - 1) * self.stride + 1

    def drawn(self, grid: Tensor) -> Tensor:
        """The values of padded cells at the nodes that are drawn."""
        return inner(grid)[(slice(None, None, self.stride),) * self.dimension]

    @property
    def padded(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top of the outermost padded cells' outer edges."""
        ends = []
        for sign, edges in ((-1, self.low), (1, self.high)):
            reach = [
                (PAD + 0.5) * (high - low) / (self.side - 1) for low, high in zip(self.low, self.high, strict=True)
            ]
            ends.append([edge + sign * by for edge, by in zip(edges, reach, strict=True)] + [0.0])
        return (ends[0][0], ends[0][1], ends[1][0], ends[1][1])

    def counted(self, x: Tensor) -> Tensor:
        """Share of samples, shape (N, d), in each padded cell, smoothed: shape (side + 2 PAD,) * d."""
        return cell_shares(x, self.padded, self.side + 2 * PAD)

    def summed(self, data: Data, near: Tensor) -> Tensor:
        """An exact law's mass in each padded cell, smoothed; a midpoint rule of several points a cell.

        Args:
            data: with a closed density.
            near: where it is worth the work, bool, the padded cells' shape; elsewhere there is no mass.
        """
        d, bounds, finer = self.dimension, self.padded, FINER[self.dimension]
        side = self.side + 2 * PAD
        sizes = torch.tensor([(bounds[2 + axis] - bounds[axis]) / side for axis in range(d)])
        corners = torch.nonzero(near).flip(1) * sizes + torch.tensor(bounds[:d])
        within = torch.cartesian_prod(*[(torch.arange(finer) + 0.5) / finer] * d).view(-1, d) * sizes
        points = (corners[:, None] + within).reshape(-1, d)
        density = torch.cat([data.log_prob(part).exp() for part in points.split(1 << 16)])
        mass = torch.zeros(near.shape)
        mass[near] = density.float().view(len(corners), -1).mean(1) * sizes.prod()
        return smooth(mass)


@dataclass(frozen=True, eq=False)
class Law:
    """A law as masses of cells.

    Attributes:
        mass: of each padded cell, smoothed; what lies outside is missing from the sum.
        n: samples that it was estimated from, infinite for an exact density.
    """

    mass: Tensor
    n: float

    @classmethod
    def of_data(cls, data: Data, frame: Frame, chance: torch.Generator) -> Law:
        """From a closed density where there is one for which the grid is fine enough, else from samples."""
        counted = cls.of_samples(data.draw(DRAWN, chance), frame)
        if "log_prob" not in data.capabilities:
            return counted
        mass = frame.summed(data, counted.mass > 0)
        total = float(mass.sum())
        return counted if total > 1 + NORMALISED else cls(mass / max(total, 1.0), math.inf)

    @classmethod
    def of_samples(cls, x: Tensor, frame: Frame) -> Law:
        """From samples, shape (N, d), data units."""
        return cls(frame.counted(x), len(x))


@dataclass(frozen=True, eq=False)
class Pair:
    """P_X and P_θ on one grid.

    Attributes:
        p: the data's law.
        q: the model's.
    """

    p: Law
    q: Law

    @property
    def limit(self) -> tuple[float, float]:
        """The mass of a cell that one effective sample would make, for p and for q; exact laws have the other's."""
        spread = 1 / _kernel_cells(self.q.mass.ndim)
        least = min(self.p.n, self.q.n)
        return tuple(spread / (law.n if math.isfinite(law.n) else least) for law in (self.p, self.q))  # type: ignore[return-value]

    @cached_property
    def reliable(self) -> Tensor:
        """Where at least one law puts ``ENOUGH`` effective samples under the kernel: bool, the padded cells' shape.

        There the sign of log p/q is certain; where both have so many its standard error is below 0.2.
        """
        p, q = (law.mass / least for law, least in zip((self.p, self.q), self.limit, strict=True))
        return torch.maximum(p, q) >= ENOUGH

    @cached_property
    def log_ratio(self) -> Tensor:
        """Log p/q of the padded cells; a law with less than one effective sample counts as having one.

        Ratios beyond ``ENOUGH`` are therefore limits: at least so large, or at most so small.
        """
        p, q = (law.mass.clamp_min(least) for law, least in zip((self.p, self.q), self.limit, strict=True))
        return p.log() - q.log()


def inner(grid: Tensor) -> Tensor:
    """The cells inside the frame."""
    return grid[(slice(PAD, -PAD),) * grid.ndim]


def _kernel_cells(dimension: int) -> float:
    """How many cells the smoothing kernel is wide: a count's variance falls by this factor."""
    side = 4 * PAD + 1
    spike = torch.zeros([side] * dimension)
    spike[(2 * PAD,) * dimension] = 1.0
    return 1 / float(smooth(spike).square().sum())
