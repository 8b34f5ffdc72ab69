"""The ratio p/q: where the model has too little, and where too much."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import Qt

from explorer.session.snapshot import Arrays, Scene
from explorer.views._base import Layer, is_plane, layer
from explorer.views._grid import Grid
from explorer.views._items import Strokes
from explorer.views._right_curve import RightCurve
from explorer.widgets.plot import Plot

RATIOS: Final = (0.1, 0.5, 1.0, 2.0, 10.0)
"""Ratios that are drawn as contours."""


class DensityRatio(Layer):
    """What every picture of p/q has in common."""

    key = "ratio"
    title = "p/q"
    role = "text"
    observation = "density_ratio"
    order = 32
    visible = False


@layer
class RatioContours(DensityRatio):
    """Contours in the plane, the one of p = q the strongest."""

    help = "Contours of p/q at ⅒, ½, 1, 2 and 10, the one at 1 strong; none where samples are too few to tell."

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates."""
        return is_plane(scene)

    def attach(self, plot: Plot) -> None:
        """Two paths."""
        self._grid: Grid | None = None
        self._equal, self._others = Strokes(), Strokes()
        self.items = [self._equal, self._others]
        for item in self.items:
            item.setZValue(4)
            plot.box.addItem(item, ignoreBounds=True)

    def set_scene(self, scene: Scene) -> None:
        """The frame of the grid."""
        self._bounds = scene.bounds

    def draw(self, arrays: Arrays, step: int) -> None:
        """The contours at this step."""
        self._grid = Grid.of_nodes(np.ma.masked_invalid(arrays["log_ratio"]), self._bounds)
        self._equal.set_points(*self._grid.contours(np.zeros(1)), "finite")
        others = np.log([ratio for ratio in RATIOS if ratio != 1.0])
        self._others.set_points(*self._grid.contours(others), "finite")

    def restyle(self) -> None:
        """One ink, two strengths."""
        self._equal.set_ink(self.colour, 0.95)
        self._others.set_ink(self.colour, 0.4)

    def explain(self, x: float, y: float) -> str:
        """The ratio at a place, or that it is not known there."""
        value = None if self._grid is None else self._grid.at(x, y)
        return "" if value is None else told(value)


@layer
class RatioCurve(DensityRatio, RightCurve):
    """A dotted curve of log p/q on the critic's axis."""

    help = "log p/q on the right axis, nats: above 0 the model has too little here, below too much."
    name = symbol = "log p/q"
    stroke = Qt.PenStyle.DotLine

    def draw(self, arrays: Arrays, step: int) -> None:
        """The ratio at this step."""
        ratio = arrays["log_ratio"]
        known = ratio[np.isfinite(ratio)]
        self.put_between(ratio, float(known.min(initial=0.0)), float(known.max(initial=0.0)))

    def explain(self, x: float, y: float) -> str:
        """The ratio at the nearest point of the curve."""
        value = self.value_at(x)
        return "" if value is None else told(value)


def told(log_ratio: float) -> str:
    """A ratio in words."""
    if not np.isfinite(log_ratio):
        return "p/q: too few samples here"
    return f"p/q = {np.exp(log_ratio):.3g}"
