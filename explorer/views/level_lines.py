"""Level lines of p and of q at the same levels: where they lie on one another, the densities agree."""

from __future__ import annotations

import numpy as np

from explorer.session.snapshot import Array, Arrays, Scene
from explorer.views._base import Layer, is_plane, layer
from explorer.views._grid import Grid
from explorer.views._items import Strokes
from explorer.widgets.plot import Plot


@layer
class LevelLines(Layer):
    """Blue lines for P_X, orange ones for P_θ."""

    key = "levels"
    title = "p, q levels"
    help = (
        "Lines of equal density at the same levels, blue for p and orange for q: those of p that hold 50, 80 and 95 % "
        "of its mass. Where a blue and an orange line lie on one another, q is as high as p. A click says the levels."
    )
    role = "model"
    observation = "level_lines"
    order = 22
    visible = False

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates."""
        return is_plane(scene)

    @classmethod
    def shown_at_first(cls, scene: Scene) -> bool:
        """Where the model's density is exact: of others, samples tell more; a posterior has lines of its own."""
        return "density" in scene.offers and "particles" not in scene.offers

    def attach(self, plot: Plot) -> None:
        """Two paths, the model's above."""
        self._levels: Array = np.zeros(0)
        self._data, self._model = Strokes(), Strokes()
        self.items = [self._data, self._model]
        for depth, item in enumerate(self.items):
            item.setZValue(5 + depth)
            plot.box.addItem(item, ignoreBounds=True)

    def set_scene(self, scene: Scene) -> None:
        """The frame of the grid."""
        self._bounds = scene.bounds

    def draw(self, arrays: Arrays, step: int) -> None:
        """The lines at this step."""
        self._levels = arrays["levels"]
        for strokes, density in ((self._data, arrays["p"]), (self._model, arrays["q"])):
            known = np.ma.masked_invalid(density)
            strokes.set_points(*Grid.of_cells(known, self._bounds).contours(self._levels), "finite")

    def restyle(self) -> None:
        """Each law's own colour."""
        self._data.set_ink(self.theme.data, 1.0)
        self._model.set_ink(self.theme.model, 1.0)

    def explain(self, x: float, y: float) -> str:
        """The levels, from the innermost line outwards."""
        if not self._levels.size:
            return ""
        return "lines at p, q = " + ", ".join(f"{level:.3g}" for level in self._levels[::-1])
