"""Where the particles of the model have come from."""

from __future__ import annotations

from typing import Final

import numpy as np

from explorer.session.snapshot import Array, Arrays, Scene
from explorer.views._base import is_line, layer
from explorer.views._items import Strokes
from explorer.views._way import WayLayer, share
from explorer.widgets.plot import Plot

FOLLOWED: Final = 120
"""Particles with a trail: more could not be told from one another."""

BANDS: Final = ((2, 0.75), (5, 0.45), (10, 0.27), (33, 0.14))
"""So many frames back a trail has such an opacity: it fades with its age."""


STRAIGHT: Final = 2.5
"""So much longer than straight a way may be …"""

FADING: Final = 1.7
"""… before opacities are raised to this power."""

REACH: Final = 100.0
"""Half the height of an upright, in widths of the data."""


@layer
class Trails(WayLayer):
    """The polylines of the sampler's states so far, fading."""

    key = "trails"
    title = "trails"
    help = "The ways of 120 particles up to now, from state to state of the sampler."
    role = "model"
    order = 25
    opacity = 0.8

    def attach(self, plot: Plot) -> None:
        """A path for each age."""
        self._fading = 1.0
        self.items = [Strokes() for _ in BANDS]
        for item in self.items:
            item.setZValue(0.5)
            plot.box.addItem(item, ignoreBounds=True)

    def restyle(self) -> None:
        """Colour and age."""
        for item, (_, alpha) in zip(self.items, BANDS, strict=True):
            item.set_ink(self.colour, alpha**self._fading)

    def draw(self, arrays: Arrays, step: int) -> None:
        """Ways that wind in the plane, as fresh noise makes them, fade sooner: together they would hide all else."""
        winds = not self.is_line and _winding(arrays["reverse"][:, :FOLLOWED]) > STRAIGHT
        fading = FADING if winds else 1.0
        if fading != self._fading:
            self._fading = fading
            self.restyle()
        super().draw(arrays, step)

    def draw_frame(self, arrays: Arrays, frame: int) -> None:
        """All that lies behind this frame."""
        rows, last = arrays["reverse"][:, :FOLLOWED], frame
        for item, (age, _) in zip(self.items, BANDS, strict=True):
            first = max(0, frame - age)
            item.set_points(*self.lines(rows, first, last))
            last = first


def _winding(ways: Array) -> float:
    """How much longer than straight ways are, shape (F, n, d): the median."""
    length = np.linalg.norm(np.diff(ways, axis=0), axis=2).sum(0)
    straight = np.linalg.norm(ways[-1] - ways[0], axis=1)
    return float(np.median(length / np.maximum(straight, 1e-9))) if ways.size else 1.0


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
