"""Real pictures that others are held against: which of them is nearest, and how near pictures are that are not copies.

The distance is the root mean square of the differences of pixels, as a share of the way from black to white; of large
pictures it is taken after both are reduced to 32 rows or columns.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from models.data._base import few_of
from models.data._picture import Picture
from models.observations._base import Subject
from models.observations._display import displayed, picture_shape

COMPARED_SIDE: Final = 32
"""Rows or columns of the largest picture that is compared as it is."""

WHOLE: Final = 10_000_000
"""Numbers of all pictures up to which each is compared as a whole …"""

AXES: Final = 64
BASED: Final = 1_000
"""… and beyond that along so many principal axes, found from so many pictures, …"""

SHORTLIST: Final = 48
"""… of which the nearest so many are compared as a whole: projected, no two are farther apart than they are."""

PROBED: Final = 400
"""Pictures, of which each is no copy of one in the gallery, that say how near such pictures are."""

NEAR_SHARE: Final = 0.05
"""The share of them that is nearer than a picture that counts as near."""


@dataclass(frozen=True, eq=False)
class Gallery:
    """Pictures to be compared with.

    Attributes:
        shape: of a picture, before it is reduced.
        width: from black to white, data units.
        pictures: shape (M, c).
        axes: principal axes, shape (c, a), or None where pictures are compared as they are.
        keys: what is compared first, shape (M, a), or the pictures.
        squares: squared length of each key, shape (M,).
    """

    shape: Picture
    width: float
    pictures: Tensor
    axes: Tensor | None
    keys: Tensor
    squares: Tensor

    @classmethod
    def of(cls, pictures: Tensor, shape: Picture, width: float) -> Gallery:
        """Take up pictures, shape (M, d)."""
        small = displayed(pictures, shape, COMPARED_SIDE)
        axes = principal_axes(small[:BASED]) if small.numel() > WHOLE else None
        keys = small if axes is None else small @ axes
        return cls(shape, width, small, axes, keys, keys.square().sum(1))

    def nearest(self, x: Tensor, count: int = 1) -> tuple[Tensor, Tensor]:
        """The nearest pictures of each, the nearest first.

        Args:
            x: pictures in data units, shape (N, d).
            count: how many, at most M.

        Returns:
            Distances and places in the gallery, shape (N, count) each.
        """
        return self._nearest(displayed(x, self.shape, COMPARED_SIDE), count)

    def among_themselves(self, count: int) -> Tensor:
        """How far the first pictures are from the nearest other one, shape (count,)."""
        return self._nearest(self.pictures[:count], 2)[0][:, 1]

    def _nearest(self, small: Tensor, count: int) -> tuple[Tensor, Tensor]:
        key = small if self.axes is None else small @ self.axes
        few = min(len(self.pictures), max(SHORTLIST, count))
        found = (self.squares - 2 * key @ self.keys.T).topk(few, largest=False).indices
        # The squares above cancel where pictures are nearly the same: what is left is compared by its differences.
        rough = (self.pictures[found] - small[:, None]).square().mean(2)
        order = rough.sort(1)
        return order.values[:, :count].sqrt() / self.width, found.gather(1, order.indices[:, :count])


def principal_axes(x: Tensor) -> Tensor:
    """The directions in which pictures, shape (M, c), vary most, orthonormal, shape (c, a); c is larger than M."""
    centred = x - x.mean(0)
    _, vectors = torch.linalg.eigh(centred @ centred.T)
    kept = min(AXES, len(x) - 1)
    return torch.linalg.qr(centred.T @ vectors[:, -kept:]).Q


def gallery(subject: Subject) -> Gallery:
    """The training pictures, or, where every batch is drawn or read afresh, the real pictures that are held."""
    return subject.once("gallery", lambda: _training_gallery(subject))


def _training_gallery(subject: Subject) -> Gallery:
    sample = subject.game.sample
    pictures = subject.real if sample is None else subject.game.model.outward(sample)
    return Gallery.of(pictures, picture_shape(subject), grey_width(subject))


def gallery_pictures(subject: Subject, index: Tensor) -> Tensor:
    """Pictures of the gallery as they are, shape (N, d), data units."""
    sample = subject.game.sample
    return subject.real[index] if sample is None else subject.game.model.outward(sample[index])


def grey_width(subject: Subject) -> float:
    """From black to white, data units."""
    black, white = subject.experiment.data.image_range
    return white - black


def near_limit(subject: Subject) -> float:
    """The distance within which fewer than one in twenty pictures that are no copies have their nearest neighbour.

    These are held-out pictures, or, where there are none, training pictures without themselves; NaN where nothing can
    be copied, for no picture is seen twice.
    """
    return subject.once("near limit", lambda: _near_limit(subject))


def is_held_out(subject: Subject) -> bool:
    """Whether ``near_limit`` is known from held-out pictures."""
    return _held_out(subject) is not None


def _near_limit(subject: Subject) -> float:
    if subject.experiment.data.size is None:
        return math.nan
    held, shown = _held_out(subject), gallery(subject)
    if held is not None:
        distances = shown.nearest(held)[0][:, 0]
    elif len(shown.pictures) > 1:
        distances = shown.among_themselves(PROBED)
    else:
        return math.nan
    return float(distances.quantile(NEAR_SHARE))


def _held_out(subject: Subject) -> Tensor | None:
    def draw() -> Tensor | None:
        data = subject.experiment.data
        return data.held_out_sample(few_of(data.dimension, PROBED), torch.Generator().manual_seed(0))

    return subject.once("held-out pictures", draw)
