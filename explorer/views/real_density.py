"""The density p of P_X."""

from __future__ import annotations

import numpy as np

from explorer.session.snapshot import Scene
from explorer.views._base import SceneLayer, is_line, is_plane, layer
from explorer.views._density import CurveLayer, DensityPlane
from explorer.views._grid import Grid, middles


class RealDensity(SceneLayer):
    """What every picture of p has in common."""

    key = "data_density"
    title = "p(x)"
    help = "Density of P_X; the contours hold 50, 80 and 95 % of its mass."
    role = "data"
    order = 11
    symbol = "p"
    sign: str
    _exact = True

    @property
    def tip(self) -> str:
        """What is seen, and where it comes from."""
        return f"{self.help} {'Exact.' if self._exact else 'Estimated: samples are counted and smoothed.'}"

    def note(self, scene: Scene) -> None:
        """Remember whether the density is the law's own."""
        self._exact = scene.exact
        self.sign = "=" if scene.exact else "≈"


@layer
class RealDensityPlane(RealDensity, DensityPlane):
    """A field in blue with contours."""

    depth = -20

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates; for more there is a reason instead."""
        return is_plane(scene)

    def set_scene(self, scene: Scene) -> None:
        """The density of the run: exact at points, or estimated in cells."""
        self.note(scene)
        if scene.density.ndim != 2:
            self.reason = f"Needs one or two data dimensions; this has {scene.dimension}."
            return
        make = Grid.of_nodes if scene.exact else Grid.of_cells
        self.put(make(scene.density, scene.bounds))
        self.fill()


@layer
class RealDensityCurve(RealDensity, CurveLayer):
    """A curve in blue."""

    help = "Density of P_X, 1/unit."

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """One dimension."""
        return is_line(scene)

    def set_scene(self, scene: Scene) -> None:
        """The density of the run."""
        self.note(scene)
        left, _, right, _ = scene.bounds
        n = len(scene.density)
        self.put(np.linspace(left, right, n) if scene.exact else middles(left, right, n), scene.density)
        self.fill()
