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


@layer
class HeldPath(WayLayer):
    """One bold line with its end marked; ``times``, shape (S,), and ``path``, shape (S, d)."""

    key = "path"
    title = "path"
    role = "text"
    observation = ""
    switch = False

    def attach(self, plot: Plot) -> None:
        """A halo, the line, and the mark of its end."""
        self._halo, self._line, self._end = Strokes(), Strokes(), Mark()
        self.items = [self._halo, self._line, self._end]
        for depth, item in enumerate(self.items):
            item.setZValue(50 + depth)
            plot.box.addItem(item, ignoreBounds=True)

    def restyle(self) -> None:
        """The ground round it, so that it is seen on everything."""
        self._halo.set_ink(self.theme.plot, 0.85, HALO_PX * self.scale)
        self._line.set_ink(self.theme.model, 1.0, LINE_PX * self.scale)
        self._end.ink, self._end.ground = colour(self.theme.model), colour(self.theme.plot)
        self._end.factor = self.scale
        self._end.update()

    def draw_frame(self, arrays: Arrays, frame: int) -> None:
        """The same at every frame."""
        x, y = self._across(arrays), arrays["path"][:, -1]
        order = np.argsort(-arrays["times"], kind="stable")
        x, y = x[order].astype(np.float64), y[order].astype(np.float64)
        for item in (self._halo, self._line):
            item.set_points(x, y, "all")
        self._end.at.setX(float(x[-1]))
        self._end.at.setY(float(y[-1]))
        self._end.text = "ends here"
        self._end.update()

    def _across(self, arrays: Arrays) -> Array:
        """The first coordinate, or over a line the place of each time among the frames."""
        if not self.is_line:
            return arrays["path"][:, 0]
        frames = arrays["time"]
        places = [share(index, len(frames)) for index in range(len(frames))]
        return np.interp(-arrays["times"], -frames, places)
