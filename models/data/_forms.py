"""Plane figures by their signed distance, and how many of them are drawn at once without jagged edges.

A figure of size r is where f(x / r) < 0, with f its signed distance in units of r, or something that grows at least as
fast near the edge. The share of a pixel that it covers is read off that distance, at ``FINER`` × ``FINER`` points of
the pixel.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor

from models.data._drawn import AT_ONCE

FINER: Final = 2
"""Points at which coverage is read, along each side of a pixel."""

Distance = Callable[[Tensor, Tensor], Tensor]
"""Signed distance from the figure of size 1 at points (x, y), any shape, y upwards; negative inside."""


@dataclass(frozen=True)
class Form:
    """A figure of the plane.

    Attributes:
        distance: signed distance from its edge.
        turn: half of the least angle that brings it back onto itself, radians; 0 for a round one.
    """

    distance: Distance
    turn: float


def _circle(x: Tensor, y: Tensor) -> Tensor:
    return torch.hypot(x, y) - 1


def _box(x: Tensor, y: Tensor, width: float, height: float) -> Tensor:
    across, up = x.abs() - width, y.abs() - height
    return torch.hypot(across.clamp_min(0), up.clamp_min(0)) + torch.maximum(across, up).clamp_max(0)


def _square(x: Tensor, y: Tensor) -> Tensor:
    return _box(x, y, 0.9, 0.9)


def _triangle(x: Tensor, y: Tensor) -> Tensor:
    slope = math.sqrt(3) / 2
    return torch.maximum(slope * x.abs() + 0.5 * y, -y) - 0.65


def _cross(x: Tensor, y: Tensor) -> Tensor:
    return torch.minimum(_box(x, y, 1.1, 0.36), _box(x, y, 0.36, 1.1))


def _ring(x: Tensor, y: Tensor) -> Tensor:
    return (torch.hypot(x, y) - 0.8).abs() - 0.26


def _star(x: Tensor, y: Tensor) -> Tensor:
    # One tenth of the star, mirrored into all others, is a half-plane through a tip and the next notch.
    tip, notch, tenth = 1.3, 0.55, math.pi / 5
    angle, radius = torch.atan2(x, y).remainder(2 * tenth), torch.hypot(x, y)
    angle = torch.minimum(angle, 2 * tenth - angle)
    across, up = radius * angle.sin(), radius * angle.cos()
    over, down = notch * math.sin(tenth), tip - notch * math.cos(tenth)
    return (across * down + (up - tip) * over) / math.hypot(over, down)


FORMS: Final[Mapping[str, Form]] = MappingProxyType(
    {
        "circle": Form(_circle, 0.0),
        "square": Form(_square, math.pi / 4),
        "triangle": Form(_triangle, math.pi / 3),
        "cross": Form(_cross, math.pi / 4),
        "ring": Form(_ring, 0.0),
        "star": Form(_star, math.pi / 5),
    }
)
"""By the name that captions call them."""


@dataclass(frozen=True, eq=False)
class Figures:
    """Figures to draw, one a picture of side 1 with the origin in its top left corner.

    Attributes:
        forms: place in ``FORMS``, shape (N,), int64.
        centres: from the left and from the top, shape (N, 2).
        sizes: r, shape (N,).
        angles: how far they are turned anticlockwise, radians, shape (N,).
    """

    forms: Tensor
    centres: Tensor
    sizes: Tensor
    angles: Tensor

    def covered(self, resolution: int) -> Tensor:
        """Share of each pixel that lies within the figure, in [0, 1], shape (N, resolution, resolution)."""
        covered = torch.empty(len(self.forms), resolution, resolution)
        many = max(1, AT_ONCE // (FINER * resolution) ** 2)
        for number, form in enumerate(FORMS.values()):
            for some in (self.forms == number).nonzero().squeeze(1).split(many):
                covered[some] = self._covered(form, some, resolution)
        return covered

    def _covered(self, form: Form, some: Tensor, resolution: int) -> Tensor:
        fine = FINER * resolution
        steps = (torch.arange(fine) + 0.5) / fine
        across = (steps - self.centres[some, :1])[:, None, :]
        up = (self.centres[some, 1:] - steps)[:, :, None]
        size, angle = self.sizes[some, None, None], self.angles[some, None, None]
        x = (across * angle.cos() + up * angle.sin()) / size
        y = (up * angle.cos() - across * angle.sin()) / size
        shares = (0.5 - form.distance(x, y) * size * fine).clamp_(0, 1)
        return torch.nn.functional.avg_pool2d(shares[:, None], FINER)[:, 0]
