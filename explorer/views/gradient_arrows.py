"""Where the objective pushes each generated sample: −∂L_G/∂x̂."""

from __future__ import annotations

from typing import Final

import numpy as np

from explorer.session.snapshot import Arrays, Scene
from explorer.views._arrows import HEAD, segments, shorten
from explorer.views._base import Layer, is_line, is_plane, layer
from explorer.views._items import Strokes
from explorer.views._line_frame import ARROW_STRIP, strip
from explorer.widgets.plot import Plot

LONGEST: Final = 0.045
"""Length of the longest arrow in units of the frame's width."""

GOLDEN: Final = 0.6180339887


class Arrows(Layer):
    """What every picture of the arrows has in common: one path, one pixel wide."""

    key = "arrows"
    title = "arrows"
    help = "Where the loss pushes each sample: −∂L/∂x̂, lengths in proportion, the longest cut."
    role = "muted"
    observation = "gradient_arrows"
    order = 40

    def attach(self, plot: Plot) -> None:
        """One path."""
        self._lines = Strokes()
        self._lines.setZValue(5)
        self.items = [self._lines]
        plot.box.addItem(self._lines, ignoreBounds=True)

    def set_scene(self, scene: Scene) -> None:
        """What is legible here."""
        self._longest = LONGEST * (scene.bounds[2] - scene.bounds[0])
        self._strip = strip(scene, ARROW_STRIP)

    def restyle(self) -> None:
        """Colour."""
        self._lines.set_ink(self.theme.muted, 0.9)


@layer
class ArrowsPlane(Arrows):
    """Arrows of the plane."""

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates."""
        return is_plane(scene)

    def draw(self, arrays: Arrays, step: int) -> None:
        """The arrows of this step."""
        lines = segments(arrays["tail"][:, :2], shorten(arrays["vector"][:, :2], self._longest))
        self._lines.set_points(*lines, "pairs")


@layer
class ArrowsLine(Arrows):
    """Arrows along the axis, spread over the height of a strip so that they can be told apart."""

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """One dimension."""
        return is_line(scene)

    def draw(self, arrays: Arrays, step: int) -> None:
        """The arrows of this step."""
        low, high = self._strip
        height = low + (high - low) * (np.arange(len(arrays["tail"])) * GOLDEN % 1.0)
        along = shorten(arrays["vector"], self._longest)[:, 0]
        tip = arrays["tail"][:, 0] + along
        barb = (high - low) * 0.03
        start, end = np.stack([arrays["tail"][:, 0], height], 1), np.stack([tip, height], 1)
        upper, lower = (np.stack([tip - HEAD * along, height + side * barb], 1) for side in (1, -1))
        pairs = np.stack([start, end, end, upper, end, lower], axis=1).reshape(-1, 2)
        self._lines.set_points(pairs[:, 0], pairs[:, 1], "pairs")
