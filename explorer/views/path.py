"""The way of the one point that a person holds: to its end at the data, and back to the source where that is known."""

from __future__ import annotations

from typing import Final

import numpy as np

from explorer.session.snapshot import Array, Arrays
from explorer.views._base import layer
from explorer.views._items import Mark, Strokes
from explorer.views._way import WayLayer, share
from explorer.widgets.plot import Plot, colour

HALO_PX: Final = 4.5
LINE_PX: Final = 2.2
OTHERS: Final = 0.32
"""Opacity of other draws: where chance enters they wind, and would hide the one way."""


@layer
class HeldPath(WayLayer):
    """One bold line with its end marked: ``times``, shape (S,), and ``path``, shape (S, d).

    Where chance enters, other draws from the same place are thin: ``others``, shape (K, S, d).
    """

    key = "path"
    title = "path"
    role = "text"
    observation = ""
    switch = False

    def attach(self, plot: Plot) -> None:
        """Other draws, a halo, the line, and the mark of its end."""
        self._others, self._halo, self._line, self._end = Strokes(), Strokes(), Strokes(), Mark()
        self.items = [self._others, self._halo, self._line, self._end]
        for depth, item in enumerate(self.items):
            item.setZValue(50 + depth)
            plot.box.addItem(item, ignoreBounds=True)

    def restyle(self) -> None:
        """The ground round it, so that it is seen on everything."""
        self._others.set_ink(self.theme.text, OTHERS)
        self._halo.set_ink(self.theme.plot, 0.85, HALO_PX * self.scale)
        self._line.set_ink(self.theme.model, 1.0, LINE_PX * self.scale)
        self._end.ink, self._end.ground = colour(self.theme.model), colour(self.theme.plot)
        self._end.factor = self.scale
        self._end.update()

    def draw_frame(self, arrays: Arrays, frame: int) -> None:
        """The same at every frame."""
        x, y = self._places(arrays, arrays["path"])
        for item in (self._halo, self._line):
            item.set_points(x, y, "all")
        others = [self._places(arrays, other) for other in arrays.get("others", ())]
        gap = np.array([np.nan])
        x_others, y_others = (
            np.concatenate([part for way in others for part in (way[axis], gap)] or [gap]) for axis in (0, 1)
        )
        self._others.set_points(x_others, y_others, "finite")
        self._end.at.setX(float(x[-1]))
        self._end.at.setY(float(y[-1]))
        self._end.text = "ends here"
        self._end.update()

    def _places(self, arrays: Arrays, way: Array) -> tuple[Array, Array]:
        """A way, shape (S, d), on the plot: x and y, shape (S,)."""
        return self._across(arrays, way).astype(np.float64), way[:, -1].astype(np.float64)

    def _across(self, arrays: Arrays, way: Array) -> Array:
        """The first coordinate, or over a line the place of each time among the frames."""
        if not self.is_line:
            return way[:, 0]
        frames = arrays["time"]
        places = [share(index, len(frames)) for index in range(len(frames))]
        return np.interp(-arrays["times"], -frames, places)
