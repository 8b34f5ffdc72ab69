"""The best critic T*, to hold the learnt one against: a second surface, or a dashed curve."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import Qt

from explorer.session.snapshot import Array, Arrays, Scene
from explorer.views._base import Layer, is_plane, layer
from explorer.views._grid import Grid, words
from explorer.views._items import ColourBar, Field, Hatch
from explorer.views._right_curve import RightCurve
from explorer.views._split import Divider, Handle, Split
from explorer.views.critic_field import colour_range, critic_colours, critic_table
from explorer.widgets.plot import Plot

REACH: Final = 1.0
"""T* may be far steeper than any net: its curve is followed so far beyond T's range, in units of that."""


class OptimalCritic(Layer):
    """What every picture of T* has in common."""

    key = "optimal"
    title = "T*"
    help = (
        "The best critic against the weights that train, T* = f′(p/q) or in closed form. Left out where neither law "
        "has 50 samples at hand, for there the ratio is noise; beyond a ratio of 50 its values are limits."
    )
    role = "critic_high"
    observation = "optimal_critic"
    order = 31
    visible = False


@layer
class OptimalSurface(OptimalCritic):
    """A surface in the critic's own colours; hatched where the ratio is not known."""

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates, and a critic."""
        return is_plane(scene) and scene.critic_parameters > 0

    def attach(self, plot: Plot) -> None:
        """Surface, hatching, legend, and the line that parts it from the learnt one."""
        self._grid: Grid | None = None
        self._plot, self._split = plot, Split.of(plot)
        self._field, self._hatch, self._bar = Field(), Hatch(), ColourBar(plot.box)
        self._divider, self._handle = Divider(plot.box, self._split, ("T learnt", "T* best")), Handle(self._split)
        self._field.setZValue(-30)
        self._hatch.setZValue(-29)
        for item in (self._field, self._hatch, self._handle):
            plot.box.addItem(item, ignoreBounds=True)
        self.items = [self._field, self._hatch, self._bar, self._divider, self._handle]
        self._split.moved.connect(self._take_side)

    def detach(self) -> None:
        """Leave all of the plane to the learnt one."""
        self._split.moved.disconnect(self._take_side)
        self._split.claim("right", there=False)
        super().detach()

    def set_scene(self, scene: Scene) -> None:
        """The frame of the grid, with the line in its middle."""
        self._bounds = scene.bounds
        self._split.at = (scene.bounds[0] + scene.bounds[2]) / 2
        self._handle.setBounds((scene.bounds[0], scene.bounds[2]))
        self._handle.setValue(self._split.at)

    def draw(self, arrays: Arrays, step: int) -> None:
        """The surface at this step, on the scale of the learnt one."""
        learnt = arrays["t"] if arrays["t"].size else arrays["t_star"]
        known = learnt[np.isfinite(learnt)]
        self._scale = colour_range(known if known.size else np.zeros(1), float(arrays["threshold"]))
        self._put(Grid.of_nodes(arrays["t_star"], self._bounds))

    def restyle(self) -> None:
        """The same surface in other colours."""
        self._bar.set_theme(self.theme, self.scale)
        self._divider.set_theme(self.theme, self.scale)
        self._hatch.set_ink(self.theme.muted, 0.3)
        if self._grid is not None:
            self._put(self._grid)

    def set_opacity(self, opacity: float) -> None:
        """Line and legend stay legible."""
        self._field.setOpacity(opacity)
        self._hatch.setOpacity(opacity)

    def explain(self, x: float, y: float) -> str:
        """T* at a place, or that it is not known there."""
        value = None if self._grid is None else self._grid.at(x, y)
        return "T*(x): too few samples here" if value is not None and np.isnan(value) else words("T*(x)", value)

    def _put(self, grid: Grid) -> None:
        self._grid = grid
        self._field.set_picture(critic_colours(self.theme, grid.values, self._scale), grid.cells)
        unknown = Grid(np.isnan(grid.values).astype(np.float32), grid.cells)
        self._hatch.set_outlines(unknown.outlines(0.5))
        self._bar.set_scale(critic_table(self.theme), "T*(x)", self._scale[0], self._scale[2])

    def _take_side(self) -> None:
        span = self._split.span("right")
        self._field.set_clip(span)
        self._hatch.set_clip(span)
        self._divider.update()
        self._see_line()

    def _see_line(self) -> None:
        there = self._shown and self._filled
        for item in (self._divider, self._handle):
            item.setVisible(there and self._split.is_split)
        # One scale, one legend: the learnt one's is there already.
        self._bar.setVisible(there and not self._split.is_split)

    def _apply(self) -> None:
        super()._apply()
        self._split.claim("right", self._shown and self._filled)
        self._see_line()


@layer
class OptimalCurve(OptimalCritic, RightCurve):
    """A dashed curve on the critic's axis, with gaps where the ratio is not known."""

    name = "T*(x)"
    symbol = "T*"
    visible = True
    stroke = Qt.PenStyle.DashLine

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """One dimension, and a critic to hold it against."""
        return super().fits(scene) and scene.critic_parameters > 0

    def draw(self, arrays: Arrays, step: int) -> None:
        """T* at this step."""
        best = arrays["t_star"]
        self.put_between(best, *seen_range(best, arrays["t"]))


def seen_range(best: Array, learnt: Array) -> tuple[float, float]:
    """The range of T*, followed no further than ``REACH`` beyond that of T."""
    known = best[np.isfinite(best)]
    if not known.size:
        return 0.0, 0.0
    low, high = float(known.min()), float(known.max())
    if not learnt.size:
        return low, high
    floor, top = float(learnt.min()), float(learnt.max())
    reach = REACH * max(top - floor, 1.0)
    return max(low, floor - reach), min(high, top + reach)
