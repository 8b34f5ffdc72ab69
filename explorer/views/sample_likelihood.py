"""Real samples coloured by how likely the model finds them: the worst stand out."""

from __future__ import annotations

from typing import Final

import numpy as np

from explorer.session.snapshot import Array, Arrays, Scene
from explorer.views._base import Layer, is_line, is_plane, layer
from explorer.views._colour import Floats, Table, from_oklab, pack, rgb_of, to_oklab
from explorer.views._items import ColourBar
from explorer.views._line_frame import strip
from explorer.views._raster import HueCloud
from explorer.widgets.plot import Plot
from explorer.widgets.theme import Theme

DOT_PX: Final = 3.4
RIM_PX: Final = 5.0

SHADES: Final = 256
ENDS: Final = (1.0, 95.0)
"""Percentiles that the colours run between: fewer than the worst hundredth and the best twentieth have no colour of
their own."""

LEAST_SPAN: Final = 0.5
"""Nats between the ends at least: samples that are all alike stay pale."""

STRIP: Final = (-0.31, -0.26)
"""Where the samples of a line lie, in units of the height of p."""

GOLDEN: Final = 0.6180339887

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
    low, high = (float(edge) for edge in np.percentile(known, ENDS)) if known.size else (0.0, 0.0)
    return min(low, high - LEAST_SPAN), high


def nats(value: float) -> str:
    """A log density as people read it."""
    return f"{value:.2f} nats".replace("-", "−").replace("inf", "∞")


class SampleLikelihood(Layer):
    """What the pictures of plane and line have in common: rimmed dots, the least likely on top, and a legend."""

    key = "sample_likelihood"
    title = "log p_θ(xᵢ)"
    help = "Real samples by the log density that the model gives them; the least likely, which it lacks, stand out."
    role = "data"
    observation = "sample_likelihood"
    order = 24
    visible = False

    def attach(self, plot: Plot) -> None:
        """Rims, dots and the legend."""
        self._arrays: Arrays | None = None
        self._rims, self._dots, self._bar = HueCloud(), HueCloud(), ColourBar(plot.box)
        for depth, item in enumerate((self._rims, self._dots)):
            item.setZValue(6 + depth)
            plot.box.addItem(item, ignoreBounds=True)
        self.items = [self._rims, self._dots, self._bar]

    def set_scene(self, scene: Scene) -> None:
        """How near a click must be, and where the samples of a line lie."""
        self._reach = REACH * (scene.bounds[2] - scene.bounds[0])
        self._strip = strip(scene, STRIP)

    def draw(self, arrays: Arrays, step: int) -> None:
        """The samples at this step."""
        self._arrays = arrays
        log_q = np.nan_to_num(arrays["log_q"].astype(float), nan=-np.inf)
        low, high = colour_ends(log_q)
        order = np.argsort(-log_q, kind="stable")
        places = self.places(arrays["x"])[order]
        shades = (np.clip((log_q[order] - low) / (high - low), 0, 1) * (SHADES - 1)).astype(np.int64)
        table = likelihood_table(self.theme)
        self._rims.dot, self._dots.dot = RIM_PX * self.scale, DOT_PX * self.scale
        self._rims.set_points(places, np.zeros(len(places), np.int64), pack(rgb_of(self.theme.plot)[None], 0.9))
        self._dots.set_points(places, shades, table)
        self._bar.set_scale(table, "log p_θ(xᵢ), nats", low, high)

    def restyle(self) -> None:
        """The same samples in other colours."""
        self._bar.set_theme(self.theme, self.scale)
        if self._arrays is not None:
            self.draw(self._arrays, 0)

    def set_opacity(self, opacity: float) -> None:
        """The legend stays legible."""
        for item in (self._rims, self._dots):
            item.setOpacity(opacity)

    def explain(self, x: float, y: float) -> str:
        """What the model makes of the sample that is nearest, if one is near."""
        if self._arrays is None or not len(self._arrays["x"]):
            return ""
        distance = np.linalg.norm(self._arrays["x"][:, : self.shown] - np.array([x, y])[: self.shown], axis=1)
        nearest = int(np.argmin(distance))
        if not distance[nearest] <= self._reach:
            return ""
        said = f"log p_θ(xᵢ) = {nats(float(self._arrays['log_q'][nearest]))}"
        known = self._arrays.get("log_p")
        return said if known is None else f"{said}, log p(xᵢ) = {nats(float(known[nearest]))}"

    shown = 2
    """Coordinates of a sample that are seen."""

    def places(self, x: Array) -> Array:
        """Where samples lie in the picture, shape (N, d) to (N, 2)."""
        raise NotImplementedError


@layer
class SampleLikelihoodPlane(SampleLikelihood):
    """Points of the plane."""

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates, or the first two, and a model with a density."""
        return is_plane(scene) and "density" in scene.offers

    def places(self, x: Array) -> Array:
        """Where they are."""
        return x[:, :2]


@layer
class SampleLikelihoodLine(SampleLikelihood):
    """Points in a strip under the axis, spread over its height so that they can be told apart."""

    shown = 1

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """One dimension, and a model with a density."""
        return is_line(scene) and "density" in scene.offers

    def places(self, x: Array) -> Array:
        """Each at a height of its own."""
        low, high = self._strip
        return np.stack([x[:, 0], low + (high - low) * (np.arange(len(x)) * GOLDEN % 1.0)], axis=1)
