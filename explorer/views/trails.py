"""Where the particles of the model have come from."""

from __future__ import annotations

from typing import Final

from explorer.session.snapshot import Arrays
from explorer.views._base import layer
from explorer.views._items import Strokes
from explorer.views._way import WayLayer
from explorer.widgets.plot import Plot

FOLLOWED: Final = 120
"""Particles with a trail: more could not be told from one another."""

BANDS: Final = ((2, 0.75), (5, 0.45), (10, 0.27), (33, 0.14))
"""So many frames back a trail has such an opacity: it fades with its age."""


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
        self.items = [Strokes() for _ in BANDS]
        for item in self.items:
            item.setZValue(0.5)
            plot.box.addItem(item, ignoreBounds=True)

    def restyle(self) -> None:
        """Colour and age."""
        for item, (_, alpha) in zip(self.items, BANDS, strict=True):
            item.set_ink(self.colour, alpha)

    def draw_frame(self, arrays: Arrays, frame: int) -> None:
        """All that lies behind this frame."""
        rows, last = arrays["reverse"][:, :FOLLOWED], frame
        for item, (age, _) in zip(self.items, BANDS, strict=True):
            first = max(0, frame - age)
            item.set_points(*self.lines(rows, first, last))
            last = first
