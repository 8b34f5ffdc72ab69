"""Real samples coloured by how likely the model finds them: the worst stand out."""

from __future__ import annotations

from typing import Final

import numpy as np

from explorer.session.snapshot import Array, Arrays, Scene
from explorer.views._base import Layer, is_plane, layer
from explorer.views._colour import Floats, Table, from_oklab, pack, rgb_of, to_oklab
from explorer.views._items import ColourBar
from explorer.views._raster import DOT_PX, HueCloud
from explorer.widgets.plot import Plot
from explorer.widgets.theme import Theme

WORST: Final = 2.0
"""Per cent of the samples that are drawn large: those with the least likelihood."""

WORST_PX: Final = 5.6
RIM_PX: Final = 7.6
"""A rim of the ground's colour parts the worst from the crowd in which they lie."""

BEST: Final = 95.0
"""Percentile of the last colour."""

SHADES: Final = 256

LEAST_SPAN: Final = 0.5
"""Nats between the ends at least: samples that are all alike have one colour."""

REACH: Final = 0.03
"""A sample answers to a click so near, in units of the frame's width."""


def likelihood_table(theme: Theme) -> Table:
    """From the alarm's colour to that of the data, even to the eye."""
    return pack(_between(rgb_of(theme.alarm), rgb_of(theme.data)))


def _between(low: Floats, high: Floats) -> Floats:
    """Colours on the straight way in OKLab, shape (256, 3)."""
    share = np.linspace(0.0, 1.0, SHADES)[:, None]
    return from_oklab((1 - share) * to_oklab(low) + share * to_oklab(high))


def colour_ends(log_q: Array) -> tuple[float, float]:
    """Log densities of the first and the last colour, nats; what is not finite does not count."""
    known = log_q[np.isfinite(log_q)]
    low, high = (float(edge) for edge in np.percentile(known, (WORST, BEST))) if known.size else (0.0, 0.0)
    return min(low, high - LEAST_SPAN), high


def nats(value: float) -> str:
    """A log density as people read it."""
    return f"{value:.2f} nats".replace("-", "−").replace("inf", "∞")


@layer
class SampleLikelihood(Layer):
    """Points in colours from alarm to data; the worst are larger, rimmed and on top; with a legend."""

    key = "sample_likelihood"
    title = "log q(xᵢ)"
    help = (
        "Real samples by the log density that the model gives them. The 2 % that it finds least likely are larger: "
        "outliers, or what it has not learnt."
    )
    role = "alarm"
    observation = "sample_likelihood"
    order = 24
    visible = False

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates, or the first two, and a model with a density."""
        return is_plane(scene) and bool(scene.offers & {"density", "likelihood"})

    def attach(self, plot: Plot) -> None:
        """All samples, the worst of them with their rims, and the legend."""
        self._arrays: Arrays | None = None
        self._all, self._rims, self._worst, self._bar = HueCloud(), HueCloud(), HueCloud(), ColourBar(plot.box)
        self._clouds = (self._all, self._rims, self._worst)
        for depth, item in enumerate(self._clouds):
            item.setZValue(6 + depth)
            plot.box.addItem(item, ignoreBounds=True)
        self.items = [*self._clouds, self._bar]

    def set_scene(self, scene: Scene) -> None:
        """How near a click must be."""
        self._reach = REACH * (scene.bounds[2] - scene.bounds[0])

    def draw(self, arrays: Arrays, step: int) -> None:
        """The samples at this step, the least likely last."""
        self._arrays = arrays
        log_q = np.where(np.isnan(arrays["log_q"]), -np.inf, arrays["log_q"])
        order = np.argsort(-log_q, kind="stable")
        low, high = colour_ends(log_q)
        shades = (np.clip((log_q[order] - low) / (high - low), 0, 1) * (SHADES - 1)).astype(np.int64)
        table = likelihood_table(self.theme)
        self._put(arrays["x"][order, :2], shades, table)
        self._bar.set_scale(table, "log q(xᵢ), nats", low, high)

    def restyle(self) -> None:
        """The same samples in other colours."""
        self._bar.set_theme(self.theme, self.scale)
        if self._arrays is not None:
            self.draw(self._arrays, 0)

    def set_opacity(self, opacity: float) -> None:
        """The legend stays legible."""
        for item in self._clouds:
            item.setOpacity(opacity)

    def explain(self, x: float, y: float) -> str:
        """What the model makes of the sample that is nearest, if one is near."""
        if self._arrays is None or not len(self._arrays["x"]):
            return ""
        distance = np.linalg.norm(self._arrays["x"][:, :2] - np.array([x, y]), axis=1)
        nearest = int(np.argmin(distance))
        if not distance[nearest] <= self._reach:
            return ""
        said = f"log q(xᵢ) = {nats(float(self._arrays['log_q'][nearest]))}"
        known = self._arrays.get("log_p")
        return said if known is None else f"{said}, log p(xᵢ) = {nats(float(known[nearest]))}"

    def _put(self, places: Array, shades: Array, table: Table) -> None:
        """Points from the likeliest to the least likely, with their colours."""
        worst = places[len(places) - round(len(places) * WORST / 100) :]
        none = np.zeros(len(worst), np.int64)
        for item, size in zip(self._clouds, (DOT_PX + 0.6, RIM_PX, WORST_PX), strict=True):
            item.dot = size * self.scale
        self._all.set_points(places, shades, table)
        self._rims.set_points(worst, none, pack(rgb_of(self.theme.plot)[None]))
        self._worst.set_points(worst, none, table)
