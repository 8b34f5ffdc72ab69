"""Latent samples z, coloured by where they land."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from explorer.session.snapshot import Array, Arrays, Scene
from explorer.views._base import Layer, layer
from explorer.views._colour import Floats, Table, pack, rgb_of, wheel
from explorer.views._raster import HueCloud
from explorer.widgets.plot import Plot

HUES: Final = 256
LIGHTNESS: Final = {"dark": 0.76, "light": 0.62}
"""OKLab lightness of the wheel in each theme."""

GOLDEN: Final = 0.6180339887
LINE_HALF_HEIGHT: Final = 0.18
"""For k = 1 the points are spread over this share of the frame's height, only to be told apart."""


class LatentPoints(Layer):
    """Points of the latent plane in one of two colourings."""

    plane = "latent"
    observation = "latent_map"
    role = "model"

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """For all data."""
        return True

    def attach(self, plot: Plot) -> None:
        """One raster."""
        self._arrays: Arrays | None = None
        self._line, self._spread = False, 0.0
        self._cloud = HueCloud()
        self.items = [self._cloud]
        plot.box.addItem(self._cloud, ignoreBounds=True)

    def set_scene(self, scene: Scene) -> None:
        """Whether it is a line, and how many modes there are."""
        self._line = scene.latent_dimension == 1
        self._spread = LINE_HALF_HEIGHT * scene.latent_extent
        self._modes = len(scene.mode_means)

    def draw(self, arrays: Arrays, step: int) -> None:
        """The points of this step."""
        self._arrays = arrays
        index, table = self.colours(arrays)
        self._cloud.dot = 2.6 * self.scale
        self._cloud.set_points(self._places(arrays["z"]), index, table)

    def restyle(self) -> None:
        """The same points in other colours."""
        if self._arrays is not None:
            self.draw(self._arrays, 0)

    def colours(self, arrays: Arrays) -> tuple[NDArray[Any], Table]:
        """Index of each point's colour, and the colours."""
        raise NotImplementedError

    def hues(self, n: int) -> Floats:
        """``n`` hues that are equally light."""
        return wheel(n, LIGHTNESS[self.theme.name])

    def _places(self, z: Array) -> Array:
        if not self._line:
            return z
        spread = self._spread * (2 * (np.arange(len(z)) * GOLDEN % 1.0) - 1)
        return np.stack([z[:, 0], spread], axis=1)


@layer
class WhereItLands(LatentPoints):
    """Hue is the direction, from the centre of the data, in which x̂ lies."""

    key = "lands"
    title = "where it lands"
    help = "Hue is the direction, seen from the centre of the data, in which g_θ(z) lies."
    order = 10

    def colours(self, arrays: Arrays) -> tuple[NDArray[Any], Table]:
        """Direction to hue."""
        return (arrays["hue"] * HUES).astype(np.int64) % HUES, pack(self.hues(HUES))


@layer
class WhichMode(LatentPoints):
    """Colour is the mode that x̂ belongs to; grey for none."""

    key = "mode"
    title = "mode"
    help = "Colour is the mode that g_θ(z) belongs to; grey where it belongs to none."
    order = 20
    visible = False

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Data with named modes."""
        return len(scene.mode_means) > 0

    def colours(self, arrays: Arrays) -> tuple[NDArray[Any], Table]:
        """Neighbouring numbers get distant hues; the last colour is that of no mode."""
        order = np.argsort(np.arange(self._modes) * GOLDEN % 1.0)
        colours = np.concatenate([self.hues(self._modes)[np.argsort(order)], rgb_of(self.theme.muted)[None]])
        return np.where(arrays["mode"] < 0, self._modes, arrays["mode"]), pack(colours, 0.9)
