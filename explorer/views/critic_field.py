"""The critic T as a surface: green where it takes x for data, violet where it takes x for a sample."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from explorer.session.snapshot import Array, Arrays, Scene
from explorer.views._base import Layer, is_line, is_plane, layer
from explorer.views._colour import Table, diverging, look_up
from explorer.views._density import CurveLayer
from explorer.views._grid import Grid, words
from explorer.views._items import ColourBar, Field
from explorer.widgets.plot import Overlay, Plot, plot_font, ticks
from explorer.widgets.theme import SMALL_PX

FADED_CELLS: Final = 4


class Critic(Layer):
    """What every picture of the critic has in common."""

    key = "critic"
    title = "critic"
    help = "The critic's output T(x): green where it takes x for data, violet where it takes x for a sample."
    role = "critic_low"
    observation = "critic_field"
    order = 30


LEAST_END: Final = 1 / 6


def colour_range(t: Array) -> tuple[float, float, float]:
    """Least value, middle and greatest value of the colours: the middle is 0 where T has both signs, else its median.

    Both ends follow T on their own side, for a critic is often far steeper where there is no data than at it; but
    neither is less than ``LEAST_END`` of the other, so that noise around the middle stays pale.
    """
    low, high = (float(edge) for edge in np.nanpercentile(t, (1, 99)))
    middle = 0.0 if low < 0 < high else float(np.nanmedian(t))
    below, above = max(middle - low, 1e-9), max(high - middle, 1e-9)
    return middle - max(below, LEAST_END * above), middle, middle + max(above, LEAST_END * below)


def towards_the_ends(t: Array, low: float, middle: float, high: float) -> Array:
    """T as a share of the way from the middle to either end: −1 at the least, 1 at the greatest value."""
    return np.where(t < middle, (t - middle) / (middle - low), (t - middle) / (high - middle))


def fade_edges(table: Table) -> Table:
    """Opacity that falls off over the outermost cells: the surface goes on where it is not computed."""
    h, w = table.shape
    ends = [np.minimum(np.arange(n) + 1, n - np.arange(n)) / FADED_CELLS for n in (h, w)]
    share = np.minimum(np.minimum(ends[0][:, None], ends[1][None, :]), 1.0)
    parts = np.ascontiguousarray(table)[..., None].view(np.uint8)
    return (parts * share[..., None].astype(np.float32)).astype(np.uint8).view(np.uint32)[..., 0]


@layer
class CriticSurface(Critic):
    """A diverging field under everything else, with its legend."""

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates."""
        return is_plane(scene)

    def attach(self, plot: Plot) -> None:
        """One picture and its legend."""
        self._grid: Grid | None = None
        self._field, self._bar = Field(), ColourBar(plot.box)
        self._field.setZValue(-30)
        plot.box.addItem(self._field, ignoreBounds=True)
        self.items = [self._field, self._bar]

    def set_scene(self, scene: Scene) -> None:
        """The frame of the grid."""
        self._bounds = scene.bounds

    def draw(self, arrays: Arrays, step: int) -> None:
        """The surface at this step."""
        self._put(Grid.of_nodes(arrays["t"], self._bounds))

    def restyle(self) -> None:
        """The same surface in other colours."""
        self._bar.set_theme(self.theme, self.scale)
        if self._grid is not None:
            self._put(self._grid)

    def set_opacity(self, opacity: float) -> None:
        """The legend stays legible."""
        self._field.setOpacity(opacity)

    def explain(self, x: float, y: float) -> str:
        """The critic at a place."""
        return words("T(x)", None if self._grid is None else self._grid.at(x, y))

    def _put(self, grid: Grid) -> None:
        self._grid = grid
        low, middle, high = colour_range(grid.values)
        table = diverging(self.theme.plot, self.theme.critic_low, self.theme.critic_high, 0.6)
        colours = look_up(table, towards_the_ends(grid.values, low, middle, high), -1.0, 1.0)
        self._field.set_picture(fade_edges(colours), grid.cells)
        self._bar.set_scale(table, "T(x)", low, high)


class RightAxis(Overlay):
    """The values of a second y axis, inside the right edge."""

    depth = 60.0

    def __init__(self, plot_box: pg.ViewBox, values: pg.ViewBox) -> None:
        super().__init__(plot_box)
        self._values = values
        values.sigYRangeChanged.connect(self.changed)

    def paint(self, painter: QPainter, option: object = None, widget: object = None) -> None:
        """Labels in the critic's colour."""
        font = plot_font(SMALL_PX, self.factor)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(QColor(self.theme.critic_low))
        low, high = self._values.viewRange()[1]
        width, height = self.box.width(), self.box.height()
        for value, label in ticks(low, high, height, 70 * self.factor):
            at = (high - value) / (high - low) * height
            if 2.4 * metrics.height() < at < height - 2 * metrics.height():
                painter.drawText(QPointF(width - metrics.horizontalAdvance(label) - 8, at + 4), label)
        painter.drawText(QPointF(width - metrics.horizontalAdvance("T(x)") - 8, metrics.ascent() + 2), "T(x)")


@layer
class CriticCurve(Critic, CurveLayer):
    """A curve against an axis of its own at the right."""

    symbol = "T"
    fill_alpha = 0.0

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """One dimension."""
        return is_line(scene)

    def attach(self, plot: Plot) -> None:
        """A second view box that shares x with the first."""
        super().attach(plot)
        self._box = pg.ViewBox(enableMenu=False, enableMouse=False)
        plot.box.removeItem(self._curve)
        plot.scene().addItem(self._box)
        self._box.setXLink(plot.box)
        self._box.addItem(self._curve, ignoreBounds=True)
        self._box.setZValue(5)
        self._axis = RightAxis(plot.box, self._box)
        self._main = plot.box
        plot.box.sigResized.connect(self._follow)
        self._follow()
        self.items = [self._curve, self._axis, self._box]

    def detach(self) -> None:
        """Let go of the plot's size, too."""
        self._main.sigResized.disconnect(self._follow)
        super().detach()

    def set_scene(self, scene: Scene) -> None:
        """The frame of the curve."""
        self._span = (scene.bounds[0], scene.bounds[2])

    def draw(self, arrays: Arrays, step: int) -> None:
        """The critic at this step."""
        t = arrays["t"]
        self.put(np.linspace(*self._span, len(t)), t)
        low, high = float(np.nanmin(t)), float(np.nanmax(t))
        reach = max(high - low, 1e-9)
        # The strips of rugs and arrows stay free.
        self._box.setYRange(low - 0.35 * reach, high + 0.15 * reach, padding=0)

    def restyle(self) -> None:
        """The curve and its axis."""
        super().restyle()
        self._axis.set_theme(self.theme, self.scale)

    def _follow(self, *_: object) -> None:
        self._box.setGeometry(self._main.sceneBoundingRect())
