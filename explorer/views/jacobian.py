"""How much the generator stretches latent space: log|det J| as a heat map in greys, which leave hue to the points."""

from __future__ import annotations

import numpy as np

from explorer.session.snapshot import Arrays, Scene
from explorer.views._base import Layer, layer
from explorer.views._colour import greys, look_up
from explorer.views._grid import Grid, words
from explorer.views._items import ColourBar, Field
from explorer.views.latent_map import LINE_HALF_HEIGHT
from explorer.widgets.plot import Plot


@layer
class LogDet(Layer):
    """A field under the points, with its legend."""

    key = "log_det"
    title = "log|det J|"
    help = "½ log det(JᵀJ) with J = ∂g_θ/∂z: bright where latent space is stretched, dark where it is squeezed."
    plane = "latent"
    observation = "jacobian"
    role = "muted"
    order = 30
    visible = False

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """For all data; the observation says when it is missing."""
        return True

    def attach(self, plot: Plot) -> None:
        """One picture and its legend."""
        self._grid: Grid | None = None
        self._field, self._bar = Field(), ColourBar(plot.box)
        self._field.setZValue(-20)
        plot.box.addItem(self._field, ignoreBounds=True)
        self.items = [self._field, self._bar]

    def set_scene(self, scene: Scene) -> None:
        """The latent square; for k = 1 a strip."""
        e = scene.latent_extent
        height = LINE_HALF_HEIGHT * e if scene.latent_dimension == 1 else e
        self._bounds = (-e, -height, e, height)

    def draw(self, arrays: Arrays, step: int) -> None:
        """The stretch at this step."""
        self._put(Grid.of_nodes(arrays["log_det"], self._bounds))

    def restyle(self) -> None:
        """The same field in other colours."""
        self._bar.set_theme(self.theme, self.scale)
        if self._grid is not None:
            self._put(self._grid)

    def set_opacity(self, opacity: float) -> None:
        """The legend stays legible."""
        self._field.setOpacity(opacity)

    def explain(self, x: float, y: float) -> str:
        """The stretch at a place."""
        return words("log|det J|", None if self._grid is None else self._grid.at(x, y))

    def _put(self, grid: Grid) -> None:
        self._grid = grid
        low, high = (float(edge) for edge in np.nanpercentile(grid.values, (1, 99)))
        table = greys(self.theme.plot, self.theme.text)
        self._field.set_picture(look_up(table, grid.values, low, high), grid.cells)
        self._bar.set_scale(table, "log|det J|", low, high)
