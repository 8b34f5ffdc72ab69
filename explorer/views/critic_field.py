"""The critic T as a surface: green where it takes x for data, violet where it takes x for a sample."""

from __future__ import annotations

from typing import Final

import numpy as np

from explorer.session.snapshot import Array, Arrays, Scene
from explorer.views._base import Layer, is_plane, layer
from explorer.views._colour import Table, diverging, look_up
from explorer.views._field_layer import FieldLayer
from explorer.views._grid import Grid
from explorer.views._right_curve import RightCurve
from explorer.views._split import Split
from explorer.widgets.plot import Plot
from explorer.widgets.theme import Theme

FADED_CELLS: Final = 4


class Critic(Layer):
    """What every picture of the critic has in common."""

    key = "critic"
    title = "critic"
    help = "The critic's T(x): green where it takes x for data, violet for a sample; pale at T's value where p = q."
    role = "critic_low"
    observation = "critic_field"
    order = 30


LEAST_END: Final = 1 / 6


def colour_range(t: Array, threshold: float = 0.0) -> tuple[float, float, float]:
    """Least value, middle and greatest value of the colours; the middle is T where p = q, or else T's median.

    The threshold is the middle where T lies on both sides of it; with T on one side alone all would have one colour.

    Both ends follow T on their own side, for a critic is often far steeper where there is no data than at it; but
    neither is less than ``LEAST_END`` of the other, so that noise around the middle stays pale.
    """
    low, high = (float(edge) for edge in np.nanpercentile(t, (1, 99)))
    middle = threshold if low < threshold < high else float(np.nanmedian(t))
    below, above = max(middle - low, 1e-9), max(high - middle, 1e-9)
    return middle - max(below, LEAST_END * above), middle, middle + max(above, LEAST_END * below)


def towards_the_ends(t: Array, low: float, middle: float, high: float) -> Array:
    """T as a share of the way from the middle to either end: −1 at the least, 1 at the greatest value."""
    return np.where(t < middle, (t - middle) / (middle - low), (t - middle) / (high - middle))


def critic_table(theme: Theme) -> Table:
    """From a sample's colour through nothing to data's."""
    return diverging(theme.plot, theme.critic_low, theme.critic_high, 0.6)


def critic_colours(theme: Theme, t: Array, scale: tuple[float, float, float]) -> Table:
    """Colours of T, any shape, on a scale of ``colour_range``; none where T is not known."""
    return look_up(critic_table(theme), towards_the_ends(t, *scale), -1.0, 1.0)


def fade_edges(table: Table) -> Table:
    """Opacity that falls off over the outermost cells: the surface goes on where it is not computed."""
    h, w = table.shape
    ends = [np.minimum(np.arange(n) + 1, n - np.arange(n)) / FADED_CELLS for n in (h, w)]
    share = np.minimum(np.minimum(ends[0][:, None], ends[1][None, :]), 1.0)
    parts = np.ascontiguousarray(table)[..., None].view(np.uint8)
    return (parts * share[..., None].astype(np.float32)).astype(np.uint8).view(np.uint32)[..., 0]


@layer
class CriticSurface(Critic, FieldLayer):
    """A diverging field under everything else, with its legend."""

    symbol = "T(x)"
    depth = -30

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates, and a critic."""
        return is_plane(scene) and scene.critic_parameters > 0

    def attach(self, plot: Plot) -> None:
        """One picture and its legend, on the side that is its own."""
        super().attach(plot)
        self._split = Split.of(plot)
        self._split.moved.connect(self._take_side)

    def set_scene(self, scene: Scene) -> None:
        """The frame of the grid."""
        self._bounds = scene.bounds

    def detach(self) -> None:
        """Leave all of the plane to others."""
        self._split.moved.disconnect(self._take_side)
        self._split.claim("left", there=False)
        super().detach()

    def draw(self, arrays: Arrays, step: int) -> None:
        """The surface at this step."""
        self._threshold = float(arrays.get("threshold", 0.0))
        self.put(Grid.of_nodes(arrays["t"], self._bounds))

    def paint(self, grid: Grid) -> None:
        """The critic's own colours, around the value at which p = q."""
        scale = colour_range(grid.values, self._threshold)
        self._field.set_picture(fade_edges(critic_colours(self.theme, grid.values, scale)), grid.cells)
        self._bar.set_scale(critic_table(self.theme), self.symbol, scale[0], scale[2])

    def _take_side(self) -> None:
        self._field.set_clip(self._split.span("left"))

    def _apply(self) -> None:
        super()._apply()
        self._split.claim("left", self._shown and self._filled)


@layer
class CriticCurve(Critic, RightCurve):
    """A curve against an axis of its own at the right."""

    name = "T(x)"
    symbol = "T"

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """One dimension, and a critic."""
        return super().fits(scene) and scene.critic_parameters > 0

    def draw(self, arrays: Arrays, step: int) -> None:
        """The critic at this step."""
        t = arrays["t"]
        self.put_between(t, float(np.nanmin(t)), float(np.nanmax(t)))
