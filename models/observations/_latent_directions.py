"""Directions of latent space, in the order of how much they change a picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from models.data._principal import principal_components
from models.families import Model
from models.families._variational import VariationalModel
from models.observations._base import Array, Subject, plain
from models.observations._display import displayed, picture_shape
from models.observations._latent_ways import affordable, pushed
from models.observations._usage import usage

STEP: Final = 0.1
"""By how much z is moved to see how the picture changes."""

FEWEST: Final = 32
"""Directions that are tried however slow a push is: so many pushes …"""

TRIED: Final = 4
"""… or so many times as many as there is time for pictures: they are seldom put in a new order."""

SPANNED: Final = 16
"""Directions of noise that stands where the data do, in the span of which the best are sought if there are too many."""

LOOKED_AT: Final = 256
"""Data from which the principal ones of these come."""

AT_ONCE: Final = 16
"""Pictures that are pushed at once while directions are tried: large ones would fill the memory."""

ENCODED: Final = 128
"""Data over which the rate of each dimension is averaged."""

TRIED_SIDE: Final = 32
"""Pixels of the longer side of pictures whose change is worked out."""


@dataclass(frozen=True, eq=False)
class Span:
    """Candidates of which directions are sums: unit vectors, at right angles to one another.

    Attributes:
        rows: shape (r, k); None for the coordinates themselves, r = k.
        dimension: k.
    """

    rows: Tensor | None
    dimension: int

    @property
    def size(self) -> int:
        """How many candidates there are, r."""
        return self.dimension if self.rows is None else len(self.rows)

    def directions(self, mix: Tensor) -> Tensor:
        """The directions with these shares of each candidate, shape (J, r) to (J, k)."""
        return mix if self.rows is None else mix @ self.rows

    @classmethod
    def of(cls, subject: Subject) -> Span:
        """All coordinates, where so many pushes are not too slow; else few directions, the same throughout the run."""
        k = subject.latent_dimension
        if k <= max(FEWEST, TRIED * affordable(subject)):
            return cls(None, k)
        return subject.once(f"directions among {k}", lambda: cls(_few(subject, k), k))


def _few(subject: Subject, k: int) -> Tensor:
    """The data's principal components, where noise turns into data in place; else directions at random."""
    if k == subject.dimension:
        few = subject.real[:LOOKED_AT]
        rows = principal_components(few, subject.dimension, SPANNED).axes.T
    else:
        rows = torch.linalg.qr(torch.randn(k, FEWEST, generator=torch.Generator().manual_seed(0))).Q.T
    return rows.contiguous()


@dataclass(frozen=True, eq=False)
class Ranked:
    """Directions, those first that change the picture most.

    Attributes:
        mix: shares of the candidates, shape (J, r).
        axis: which coordinate each is, shape (J,); −1 for none.
        rate: KL(q(zⱼ|x) ‖ p(zⱼ)) in nats, the mean over data, shape (J,); NaN where nothing is inferred.
        used: whether the encoder uses it, shape (J,).
    """

    mix: Tensor
    axis: Tensor
    rate: Tensor
    used: Tensor

    def arrays(self) -> dict[str, Array]:
        """All of it by name."""
        return {
            "mix": plain(self.mix),
            "axis": plain(self.axis),
            "rate": plain(self.rate),
            "used": plain(self.used.long()),
        }


def slopes(model: Model, noise: Tensor, span: Span, subject: Subject) -> Tensor:
    """How the picture of one z changes along each candidate, per unit of z: shape (K,) to (r, pixels), data units.

    By a forward difference, for not every way from z to a picture can be differentiated.
    """
    z = noise[None, : span.dimension]
    base = _small(subject, pushed(model, z, noise))
    every = torch.eye(span.size)
    moved = (_small(subject, pushed(model, z + STEP * span.directions(part), noise)) for part in every.split(AT_ONCE))
    return torch.cat([(each - base) / STEP for each in moved])


def _small(subject: Subject, x: Tensor) -> Tensor:
    return displayed(x, picture_shape(subject), TRIED_SIDE)


def ranked(subject: Subject, noise: Tensor, count: int, *, axes: bool) -> Ranked:
    """The directions through the z of this noise, shape (K,), that tell most: coordinates, or sums of them.

    Coordinates of a model that infers z are in the order of their rate; others by ‖∂x/∂zⱼ‖ there. Sums of them are the
    right singular vectors of J = ∂x/∂z, those of the largest singular values first.

    Source: Ramesh, Choi and LeCun 2018, arXiv:1812.01161 (singular vectors of a generator's Jacobian); of rates Burda,
    Grosse and Salakhutdinov 2016, arXiv:1509.00519, section 5.
    """
    span = Span.of(subject)
    axes = axes and span.rows is None
    if axes and (told := _by_rate(subject, count)) is not None:
        return told
    jacobian = slopes(subject.game.model, noise, span, subject)
    return _coordinates(jacobian, count) if axes else _singular(jacobian, count)


def _coordinates(jacobian: Tensor, count: int) -> Ranked:
    order = jacobian.norm(dim=1).nan_to_num(0.0).argsort(descending=True, stable=True)[:count]
    return _of_axes(order, len(jacobian))


def _singular(jacobian: Tensor, count: int) -> Ranked:
    finite = jacobian.nan_to_num(0.0, 0.0, 0.0).double()
    vectors = torch.linalg.svd(finite, full_matrices=False).U.T[:count].float()
    # A singular vector has no sense of its own: the one in which most of the picture becomes lighter is taken.
    brighter = (vectors @ jacobian.nan_to_num(0.0, 0.0, 0.0)).sum(1, keepdim=True)
    vectors = torch.where(brighter < 0, -vectors, vectors)
    n = len(vectors)
    return Ranked(vectors, torch.full((n,), -1), torch.full((n,), math.nan), torch.ones(n, dtype=torch.bool))


def _of_axes(order: Tensor, k: int) -> Ranked:
    mix = torch.zeros(len(order), k).index_put((torch.arange(len(order)), order), torch.tensor(1.0))
    return Ranked(mix, order, torch.full((len(order),), math.nan), torch.ones(len(order), dtype=torch.bool))


def _by_rate(subject: Subject, count: int) -> Ranked | None:
    """Of models whose decoder sees the z that is inferred; None of others."""
    model = subject.game.model
    if not isinstance(model, VariationalModel):
        return None
    found = usage(model, model.inward(subject.real[:ENCODED]))
    if not found.by_rate:
        return None
    order = found.rate.nan_to_num(0.0).argsort(descending=True, stable=True)[:count]
    plainly = _of_axes(order, len(found.rate))
    return Ranked(plainly.mix, order, found.rate[order], found.used[order])
