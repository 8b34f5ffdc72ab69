"""Real data taken back to latent space, with the contours of the law that they should have there."""

from __future__ import annotations

from typing import Final

import numpy as np

from explorer.session.snapshot import Array, Arrays, Scene
from explorer.views._base import Layer, layer
from explorer.views._colour import pack, rgb_of, wheel
from explorer.views._density import SHARES
from explorer.views._grid import Grid, mass_levels
from explorer.views._items import Strokes
from explorer.views._raster import HueCloud
from explorer.views.latent_map import GOLDEN, HUES, LIGHTNESS, LINE_HALF_HEIGHT
from explorer.widgets.plot import Plot

DOT_PX: Final = 3.6
RIM_PX: Final = 5.2
"""A dot of the ground's colour under each dot tells the data from the noise, whose dots have none."""

LINE_PLACE: Final = 0.36
"""For k = 1 the data lie in a strip of their own, so far below the noise in units of the frame's height."""


@layer
class Encoded(Layer):
    """Rimmed points in the hue of where their x lies, and P_Z's contours: inside them, where they are dense."""

    key = "encoded"
    title = "encoded data"
    help = (
        "Real x taken back to z, in the hue of where x lies; the lines hold 50, 80 and 95 % of P_Z. "
        "A model that is right spreads the data over latent space as P_Z spreads noise."
    )
    plane = "latent"
    observation = "encoded"
    role = "data"
    order = 25

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Models with a way back from x to z."""
        return "encode" in scene.offers

    def attach(self, plot: Plot) -> None:
        """Rims, dots and lines."""
        self._arrays: Arrays | None = None
        self._rims, self._dots, self._lines = HueCloud(), HueCloud(), Strokes()
        self.items = [self._rims, self._dots, self._lines]
        for depth, item in enumerate(self.items):
            item.setZValue(10 + depth)
            plot.box.addItem(item, ignoreBounds=True)

    def set_scene(self, scene: Scene) -> None:
        """The latent square, or the line."""
        self._line, self._extent = scene.latent_dimension == 1, scene.latent_extent

    def draw(self, arrays: Arrays, step: int) -> None:
        """The data at this step."""
        self._arrays = arrays
        places = self._places(arrays["z"])
        hues = (arrays["hue"] * HUES).astype(np.int64) % HUES
        self._rims.dot, self._dots.dot = RIM_PX * self.scale, DOT_PX * self.scale
        self._rims.set_points(places, np.zeros(len(places), np.int64), pack(rgb_of(self.theme.plot)[None], 0.9))
        self._dots.set_points(places, hues, pack(wheel(HUES, LIGHTNESS[self.theme.name])))
        self._lines.set_points(*self._contours(arrays["p"]), "finite")
        self._lines.set_ink(self.theme.text, 0.8)

    def restyle(self) -> None:
        """The same points in other colours."""
        if self._arrays is not None:
            self.draw(self._arrays, 0)

    def _places(self, z: Array) -> Array:
        if not self._line:
            return z
        spread = 2 * (np.arange(len(z)) * GOLDEN % 1.0) - 1
        return np.stack([z[:, 0], self._extent * (LINE_HALF_HEIGHT * spread - LINE_PLACE * 2)], axis=1)

    def _contours(self, p: Array) -> tuple[Array, Array]:
        """Lines of equal density; for k = 1 the density itself, above the noise."""
        e = self._extent
        if not self._line:
            return Grid.of_nodes(p, (-e, -e, e, e)).contours(mass_levels(p, SHARES))
        height = LINE_HALF_HEIGHT * 1.4 + 0.5 * p / max(float(p.max(initial=0.0)), 1e-30)
        return np.linspace(-e, e, len(p)), e * height
