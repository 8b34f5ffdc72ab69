"""The data on their way into the noise."""

from __future__ import annotations

from typing import Final

from explorer.session.snapshot import Arrays
from explorer.views._base import layer
from explorer.views._frame_layer import FrameLayer
from explorer.views._items import Strokes
from explorer.views._mosaic import MosaicLayer
from explorer.views._raster import DOT_PX, Cloud
from explorer.views._way import LARGER, WayLayer
from explorer.widgets.plot import Plot

LINES: Final = 120
FAINT: Final = 0.13


class Noised(FrameLayer):
    """What every picture of noised data has in common."""

    key = "noised"
    title = "noised data"
    help = "Real samples with the noise of this time: α u₀ + σ ε. Where the model is right, its particles lie as these."
    role = "data"
    observation = "process"
    order = 10


@layer
class NoisedCloud(Noised, WayLayer):
    """Blue dots; over a line also their ways, whole."""

    def attach(self, plot: Plot) -> None:
        """One raster, and one path."""
        self._ways, self._cloud = Strokes(), Cloud()
        self._ways.setZValue(-2)
        self.items = [self._ways, self._cloud]
        for item in self.items:
            plot.box.addItem(item, ignoreBounds=True)

    def restyle(self) -> None:
        """Colour and size."""
        self._cloud.set_ink(self.colour, 0.9, LARGER * DOT_PX * self.scale)
        self._ways.set_ink(self.colour, FAINT)

    def draw(self, arrays: Arrays, step: int) -> None:
        """The ways do not change with the frame."""
        if self.is_line:
            rows = arrays["forward"][:, :LINES]
            self._ways.set_points(*self.lines(rows, 0, len(rows) - 1))
        super().draw(arrays, step)

    def draw_frame(self, arrays: Arrays, frame: int) -> None:
        """The dots of this time."""
        self._cloud.set_points(self.points(arrays["forward"], frame))


@layer
class NoisedPictures(Noised, MosaicLayer):
    """The first ones as pictures."""

    pane = 0
    caption = "noised data&nbsp; α u<sub>0</sub> + σ ε"

    def draw_frame(self, arrays: Arrays, frame: int) -> None:
        """Those of this time."""
        self.put(arrays["forward"][frame])
