"""The density q of P_θ."""

from __future__ import annotations

from typing import Final

from explorer.session.snapshot import Arrays, Scene
from explorer.views._base import Layer, is_line, is_plane, layer
from explorer.views._density import CurveLayer, DensityPlane
from explorer.views._grid import Grid, middles

EXACT: Final = "Exact: the family's own density."
ESTIMATED: Final = (
    "Estimated: the family has no density to compute, so 50,000 of its samples, or as many as are shown where more "
    "would take too long, are counted and smoothed."
)


class Density(Layer):
    """What every picture of q has in common."""

    key = "model_density"
    title = "q(x)"
    help = "Density of P_θ; the contours hold 50, 80 and 95 % of its mass."
    role = "model"
    observation = "density"
    order = 21
    symbol = "q"
    sign: str

    def set_scene(self, scene: Scene) -> None:
        """The frame of the grid, and whether the density is the model's own."""
        self._bounds = scene.bounds
        self._exact = "density" in scene.offers
        self.sign = "=" if self._exact else "≈"

    @property
    def tip(self) -> str:
        """What is seen, and where it comes from."""
        return f"{self.help} {EXACT if self._exact else ESTIMATED}"


@layer
class ModelDensityPlane(Density, DensityPlane):
    """A field in orange with contours; off at first, for the samples tell the same story."""

    depth = -18
    visible = False

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates."""
        return is_plane(scene)

    def draw(self, arrays: Arrays, step: int) -> None:
        """The density at this step."""
        self.put(Grid.of_cells(arrays["q"], self._bounds))


@layer
class ModelDensityCurve(Density, CurveLayer):
    """A curve in orange."""

    key = "model_density_1d"
    help = "Density of P_θ, 1/unit."

    @classmethod
    def shown_at_first(cls, scene: Scene) -> bool:
        """Unless a posterior is seen, whose predictive density is the same curve."""
        return "particles" not in scene.offers

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """One dimension."""
        return is_line(scene)

    def draw(self, arrays: Arrays, step: int) -> None:
        """The density at this step."""
        left, _, right, _ = self._bounds
        self.put(middles(left, right, len(arrays["q"])), arrays["q"])
