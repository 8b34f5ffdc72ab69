"""The straight grid of latent space, pushed through the generator."""

from __future__ import annotations

import numpy as np

from explorer.session.snapshot import Arrays, Scene
from explorer.views._base import Layer, is_plane, layer
from explorer.views._items import Strokes
from explorer.widgets.plot import Plot


@layer
class LatentWarp(Layer):
    """All lines as one path: how the generator stretches and folds."""

    key = "grid"
    title = "grid"
    help = "Straight lines of latent space, pushed through g_θ: where they crowd, space is squeezed."
    role = "muted"
    observation = "latent_warp"
    order = 50
    visible = False

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates, and a smooth way from z to them."""
        return is_plane(scene) and bool({"push", "map"} & scene.offers)

    def attach(self, plot: Plot) -> None:
        """One path."""
        self._lines = Strokes()
        self._lines.setZValue(-10)
        self.items = [self._lines]
        plot.box.addItem(self._lines, ignoreBounds=True)

    def draw(self, arrays: Arrays, step: int) -> None:
        """The lines of this step."""
        lines = arrays["lines"]
        joined = np.ones(lines.shape[:2], np.int32)
        joined[:, -1] = 0
        flat = lines.reshape(-1, 2)
        self._lines.set_points(flat[:, 0], flat[:, 1], joined.ravel())

    def restyle(self) -> None:
        """Colour."""
        self._lines.set_ink(self.theme.muted, 0.75)
