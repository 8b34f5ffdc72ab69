"""How much the generator stretches latent space: log|det J| as a heat map in greys, which leave hue to the points."""

from __future__ import annotations

import numpy as np

from explorer.session.snapshot import Arrays, Scene
from explorer.views._base import layer
from explorer.views._colour import greys, look_up
from explorer.views._field_layer import FieldLayer
from explorer.views._grid import Grid
from explorer.views.latent_map import LINE_HALF_HEIGHT


@layer
class LogDet(FieldLayer):
    """A field under the points, with its legend."""

    key = "log_det"
    title = "log|det J|"
    help = "½ log det(JᵀJ) with J = ∂g_θ/∂z: bright where latent space is stretched, dark where it is squeezed."
    plane = "latent"
    observation = "jacobian"
    role = "muted"
    order = 30
    visible = False
    symbol = "log|det J|"
    depth = -20

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """For all data; the observation says when it is missing."""
        return True

    def set_scene(self, scene: Scene) -> None:
        """The latent square; for k = 1 a strip."""
        e = scene.latent_extent
        height = LINE_HALF_HEIGHT * e if scene.latent_dimension == 1 else e
        self._bounds = (-e, -height, e, height)

    def draw(self, arrays: Arrays, step: int) -> None:
        """The stretch at this step."""
        self.put(Grid.of_nodes(arrays["log_det"], self._bounds))

    def paint(self, grid: Grid) -> None:
        """Greys between the first and the 99th percentile."""
        low, high = (float(edge) for edge in np.nanpercentile(grid.values, (1, 99)))
        table = greys(self.theme.plot, self.theme.text)
        self._field.set_picture(look_up(table, grid.values, low, high), grid.cells)
        self._bar.set_scale(table, self.symbol, low, high)
