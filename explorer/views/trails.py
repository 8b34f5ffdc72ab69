"""Where the particles of the model have come from."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from explorer.session.snapshot import Array, Arrays, Scene
from explorer.views._base import is_line, layer
from explorer.views._items import Strokes
from explorer.views._way import WayLayer, share
from explorer.widgets.plot import Plot

SMOOTHLY: Final = 0.8
"""Ways wind, as fresh noise makes them, whose steps go on in their direction by less than this mean cosine."""


class Habit(NamedTuple):
    """How ways of one kind are drawn.

    Attributes:
        followed: particles with a trail: more could not be told from one another.
        bands: so many states back a trail has such an opacity: it fades with its age, and ends.
    """

    followed: int
    bands: tuple[tuple[int, float], ...]


SMOOTH: Final = Habit(100, ((2, 0.75), (5, 0.45), (10, 0.27), (33, 0.14)))
WINDING: Final = Habit(48, ((1, 0.7), (2, 0.42), (3, 0.24), (4, 0.12)))
"""Whole ways that wind would hide all else in the plane: the last few states show which way a particle goes."""

REACH: Final = 100.0
"""Half the height of an upright, in widths of the data."""


@layer
class Trails(WayLayer):
    """The polylines of the sampler's states so far, fading."""

    key = "trails"
    title = "trails"
    help = (
        "Where some of the particles have come from, from state to state of the sampler: smooth ways as a whole, of "
        "ways that wind with fresh noise the last four states."
    )
    role = "model"
    order = 25
    opacity = 0.8

    def attach(self, plot: Plot) -> None:
        """A path for each age."""
        self.habit = SMOOTH
        self.items = [Strokes() for _ in SMOOTH.bands]
        for item in self.items:
            item.setZValue(0.5)
            plot.box.addItem(item, ignoreBounds=True)

    def restyle(self) -> None:
        """Colour and age."""
        for item, (_, alpha) in zip(self.items, self.habit.bands, strict=True):
            item.set_ink(self.colour, alpha)

    def draw(self, arrays: Arrays, step: int) -> None:
        """Over a line ways are told apart by their time, and stay whole."""
        winds = not self.is_line and _persistence(arrays["reverse"][:, : SMOOTH.followed]) < SMOOTHLY
        self.habit = WINDING if winds else SMOOTH
        self.restyle()
        super().draw(arrays, step)

    def draw_frame(self, arrays: Arrays, frame: int) -> None:
        """What lies behind this frame."""
        rows, last = arrays["reverse"][:, : self.habit.followed], frame
        for item, (age, _) in zip(self.items, self.habit.bands, strict=True):
            first = max(0, frame - age)
            item.set_points(*self.lines(rows, first, last))
            last = first


def _persistence(ways: Array) -> float:
    """The mean cosine between one step of a way and the next, shape (F, n, d); 1 where there are no two steps."""
    steps = np.nan_to_num(np.diff(ways, axis=0))
    before, after = steps[:-1], steps[1:]
    along = (before * after).sum(2)
    size = np.linalg.norm(before, axis=2) * np.linalg.norm(after, axis=2)
    moved = size > 0
    return float((along[moved] / size[moved]).mean()) if moved.any() else 1.0


@layer
class Now(WayLayer):
    """Over a line: an upright where the present time is."""

    key = "now"
    title = "now"
    role = "muted"
    observation = "process"
    switch = False

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Numbers."""
        return is_line(scene)

    def attach(self, plot: Plot) -> None:
        """One line."""
        self._line = Strokes()
        self._line.setZValue(2)
        self.items = [self._line]
        plot.box.addItem(self._line, ignoreBounds=True)

    def set_scene(self, scene: Scene) -> None:
        """As high as any range that can be seen."""
        super().set_scene(scene)
        self._reach = REACH * (scene.bounds[2] - scene.bounds[0])

    def restyle(self) -> None:
        """Colour."""
        self._line.set_ink(self.colour, 0.8)

    def draw_frame(self, arrays: Arrays, frame: int) -> None:
        """At its share of the way."""
        x = share(frame, len(arrays["time"]))
        self._line.set_points(np.array([x, x]), np.array([-self._reach, self._reach]), "all")
