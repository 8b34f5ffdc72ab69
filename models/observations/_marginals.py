"""Densities of noised data on a grid at the times of the frames, worked out once for a run and a sampler."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from models.data import Data
from models.observations._base import Subject
from models.observations._frames import frames, process_model
from models.observations._kde import cell_shares
from models.observations._pairs import MOST, pairing, paths, unlearnable, width_of
from models.observations._picture_units import PictureUnits, process_bounds

SIDES: Final = {1: 128, 2: 72}
"""Places along an axis of a picture, by dimension."""

FINER: Final = {1: 8, 2: 4}
"""Cells along an axis to each of these, into which samples are counted before noise blurs them."""

DRAWN: Final = 200_000
"""Samples that are counted."""

FEW_BLUR: Final = 1.5
"""The same where the paths of 10,000 pairs are counted; of fewer, more, as their sixth root: Silverman's rule."""

LEAST_BLUR: Final = 0.5
"""Standard deviation by which every density is blurred at least, in places: a narrower one would fall between them."""


@dataclass(frozen=True, eq=False)
class Plane:
    """Places at which a density is looked at: the middles of cells that fill a part of data space.

    Attributes:
        axes: along each axis, d of shape (S,), data units.
        cell: lengths of a cell, shape (d,).
    """

    axes: list[Tensor]
    cell: Tensor

    @classmethod
    def over(cls, bounds: tuple[float, float, float, float], dimension: int, side: int) -> Plane:
        """The middles of side^d cells."""
        low, high = torch.tensor(bounds[:2][:dimension]), torch.tensor(bounds[2:][:dimension])
        share = (torch.arange(side) + 0.5) / side
        return cls([a + (b - a) * share for a, b in zip(low, high, strict=True)], (high - low) / side)

    @property
    def points(self) -> Tensor:
        """All places, shape (S^d, d), bottom row first."""
        return torch.stack([axis.reshape(-1) for axis in torch.meshgrid(*self.axes, indexing="xy")], 1)

    @property
    def shape(self) -> list[int]:
        """Of a picture: rows of y and columns of x."""
        return [len(axis) for axis in self.axes]


@dataclass(frozen=True)
class Moment:
    """One time as a map of data x to a picture: m + a (x − m) with noise around it.

    Attributes:
        centre: m, shape (d,), data units.
        a: α/c.
        std: of the noise, sσ/c, shape (d,), data units.
    """

    centre: Tensor
    a: float
    std: Tensor

    def least(self, cell: Tensor) -> Moment:
        """The same with a noise that places as far apart as this, shape (d,), can show."""
        return Moment(self.centre, self.a, torch.maximum(self.std, LEAST_BLUR * cell))


def marginals(subject: Subject) -> tuple[Tensor, Tensor]:
    """Densities at the frames' times, shape (F, S, S) or (F, S), data units, and whether each is exact, shape (F,)."""
    bounds, units = process_bounds(subject), PictureUnits.of(process_model(subject))
    key = (bounds, units.key, frames(subject).time.tolist(), *pairing(subject))
    plane = Plane.over(bounds, subject.dimension, SIDES[subject.dimension])
    return subject.once_for("marginals", key, lambda: _marginals(subject, units, plane))


def _marginals(subject: Subject, units: PictureUnits, plane: Plane) -> tuple[Tensor, Tensor]:
    found = frames(subject)
    blur = torch.hypot(found.sigma, torch.tensor(width_of(subject)))
    a, std = found.alpha / found.scale, (blur / found.scale)[:, None] * units.scale
    moments = [Moment(units.centre, float(one), noise) for one, noise in zip(a, std, strict=True)]
    exact = torch.zeros(len(moments), dtype=torch.bool)
    if unlearnable(subject):
        return _of_pairs(subject, units, plane), exact
    if "noised" not in subject.experiment.data.capabilities or not units.is_even:
        return _of_counts(subject, moments, plane), exact
    seen = [moment.least(plane.cell) for moment in moments]
    density = torch.stack([_closed(subject.experiment.data, moment, plane) for moment in seen])
    return density, torch.tensor([bool((s.std == m.std).all()) for s, m in zip(seen, moments, strict=True)])


def _closed(data: Data, moment: Moment, plane: Plane) -> Tensor:
    law = data.noised(moment.a, float(moment.std[0]))
    return law.log_prob(plane.points - (1 - moment.a) * moment.centre).exp().view(plane.shape)


def _of_counts(subject: Subject, moments: list[Moment], plane: Plane) -> Tensor:
    """Samples in fine cells, each cell blurred by the noise of every time, which is a product over the axes."""
    fine = Plane.over(subject.bounds, subject.dimension, FINER[subject.dimension] * SIDES[subject.dimension])
    x = subject.experiment.data.draw(DRAWN, torch.Generator().manual_seed(0))
    mass = cell_shares(x, subject.bounds, len(fine.axes[0]))
    return torch.stack([_blurred(mass, fine, moment.least(plane.cell), plane) for moment in moments])


def _blurred(mass: Tensor, fine: Plane, moment: Moment, plane: Plane) -> Tensor:
    kernels = [
        _kernel(to, centre + moment.a * (places - centre), float(std))
        for to, places, centre, std in zip(plane.axes, fine.axes, moment.centre, moment.std, strict=True)
    ]
    return kernels[0] @ mass if len(kernels) == 1 else kernels[1] @ mass @ kernels[0].T


def _kernel(to: Tensor, places: Tensor, std: float) -> Tensor:
    """Density at some numbers, shape (S,), of normal laws around others, shape (B,): (S, B)."""
    apart = (to[:, None] - places) / std
    return (-0.5 * apart.square()).exp() / (std * math.sqrt(2 * math.pi))


def _of_pairs(subject: Subject, units: PictureUnits, plane: Plane) -> Tensor:
    """Points on the paths that training lays, each blurred as few points need it, and by the path's own noise."""
    found, ways, bounds = frames(subject), paths(subject), process_bounds(subject)
    fine = Plane.over(bounds, subject.dimension, FINER[subject.dimension] * SIDES[subject.dimension])
    few = FEW_BLUR * (MOST / len(ways.data)) ** (1 / 6)

    def at(t: float, alpha: float, sigma: float, c: float) -> Tensor:
        mass = cell_shares(units.outward(alpha * ways.data + sigma * ways.source, c), bounds, len(fine.axes[0]))
        std = torch.hypot(few * plane.cell, units.scale * (ways.blur(t) / c))
        return _blurred(mass, fine, Moment(torch.zeros(subject.dimension), 1.0, std), plane)

    levels = [one.tolist() for one in (found.time, found.alpha, found.sigma, found.scale)]
    return torch.stack([at(*level) for level in zip(*levels, strict=True)])
