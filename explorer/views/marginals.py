"""The density of noised data at one time on the way."""

from __future__ import annotations

from typing import Any

from explorer.session.snapshot import Arrays, Scene
from explorer.views._base import is_line, is_plane, layer
from explorer.views._colour import look_up, ramp
from explorer.views._field_layer import FieldLayer
from explorer.views._frame_layer import FrameLayer
from explorer.views._grid import Bounds, Grid, words

STRONGEST = 0.62


class Marginal(FrameLayer, FieldLayer):
    """What both pictures of pₜ have in common: a field in the data's colour, even to the eye, and its legend."""

    key = "marginal"
    title = "pₜ"
    help = (
        "Density pₜ of the data with the noise of this time, α u₀ + σ ε, whatever the model has learnt; where the "
        "model is right, its particles have this law. Scaled to its highest value."
    )
    role = "data"
    observation = "marginals"
    order = 5
    depth = -40.0
    symbol = "pₜ(x)"
    unit = ""
    _exact = False

    def paint(self, grid: Grid) -> None:
        """From nothing to the highest density."""
        table, top = ramp(self.theme.plot, self.colour, STRONGEST), float(grid.values.max(initial=0.0))
        self._field.set_picture(look_up(table, grid.values, 0.0, top), grid.cells)
        self._bar.set_scale(table, f"pₜ, {self.unit}", 0.0, top)

    def explain(self, x: float, y: float) -> str:
        """The density at a place."""
        value = None if self._grid is None else self._grid.at(x, y)
        return words(self.symbol, value, "=" if self._exact else "≈")


@layer
class MarginalPlane(Marginal):
    """The plane at one time."""

    unit = "1/unit²"

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates, and a way from noise to data."""
        return is_plane(scene) and scene.dimension == 2 and "process" in scene.offers

    def draw_frame(self, arrays: Arrays, frame: int) -> None:
        """The density at this time."""
        self._exact = bool(arrays["exact"][frame])
        self.put(Grid.of_cells(arrays["density"][frame], bounds_of(arrays)))


@layer
class MarginalHeat(Marginal):
    """Numbers upwards, and the way from noise to data across."""

    unit = "1/unit"

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """One dimension, and a way from noise to data."""
        return is_line(scene) and "process" in scene.offers

    def draw(self, arrays: Arrays, step: int) -> None:
        """All times at once: nothing changes with the frame."""
        super().draw(arrays, step)
        low, high = bounds_of(arrays)[::2]
        half = 0.5 / max(1, len(arrays["time"]) - 1)
        self._known = arrays["exact"] > 0
        self.put(Grid(arrays["density"].T, (-half, low, 1 + half, high)))

    def draw_frame(self, arrays: Arrays, frame: int) -> None:
        """Nothing."""

    def explain(self, x: float, y: float) -> str:
        """The density at a time and a number."""
        if self._grid is not None:
            last = len(self._known) - 1
            self._exact = bool(self._known[round(min(max(x, 0.0), 1.0) * last)])
        return super().explain(x, y)


def bounds_of(arrays: Any) -> Bounds:
    """What the cells fill: left, bottom, right, top."""
    left, bottom, right, top = (float(edge) for edge in arrays["bounds"])
    return left, bottom, right, top
