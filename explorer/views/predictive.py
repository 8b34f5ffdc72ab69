"""A posterior over θ in data space: what it predicts, what the one best θ says, and how far its particles disagree."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np
import pyqtgraph as pg

from explorer.session.snapshot import Array, Arrays, Scene
from explorer.views._base import Layer, is_line, is_plane, layer
from explorer.views._colour import look_up, ramp
from explorer.views._density import SHARES, CurveLayer
from explorer.views._field_layer import FieldLayer
from explorer.views._grid import Grid, mass_levels, middles, words
from explorer.views._items import Strokes
from explorer.widgets.plot import Plot, colour

POINT_PX: Final = 7.0
BAND_ALPHA: Final = 0.28
MEMBER_ALPHA: Final = 0.4


class Posterior(Layer):
    """What every picture of a posterior has in common."""

    observation = "predictive"

    def set_scene(self, scene: Scene) -> None:
        """The frame of the densities."""
        self._bounds = scene.bounds


def has_particles(scene: Scene) -> bool:
    """Whether the model is a posterior over θ."""
    return "particles" in scene.offers


class Contours(Posterior):
    """Lines in the plane at those levels that hold 50, 80 and 95 % of the mass of the predictive density.

    Attributes:
        name: of the array that is drawn.
        symbol: of it, as a click names it.
        shares: of the predictive density's mass, which the lines hold.
        alpha: opacity of the lines.
        width: of the lines, logical pixels.
    """

    name: ClassVar[str]
    symbol: ClassVar[str]
    shares: ClassVar[tuple[float, ...]] = SHARES
    alpha: ClassVar[float] = 1.0
    width: ClassVar[float] = 1.6

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates."""
        return is_plane(scene) and has_particles(scene)

    def attach(self, plot: Plot) -> None:
        """One path."""
        self._grid: Grid | None = None
        self._lines = Strokes()
        self._lines.setZValue(self.order)
        self.items = [self._lines]
        plot.box.addItem(self._lines, ignoreBounds=True)

    def draw(self, arrays: Arrays, step: int) -> None:
        """The lines at this step."""
        self._grid = Grid.of_cells(arrays[self.name], self._bounds)
        self._lines.set_points(*self._grid.contours(mass_levels(arrays["predictive"], self.shares)), "finite")

    def restyle(self) -> None:
        """Colour and width."""
        self._lines.set_ink(self.colour, self.alpha, self.width * self.scale)

    def explain(self, x: float, y: float) -> str:
        """The density at a place."""
        return words(self.symbol, None if self._grid is None else self._grid.at(x, y))


@layer
class PredictiveContours(Contours):
    """Of the mean over the particles, in the model's colour."""

    key = "predictive"
    title = "p(x | D)"
    help = "Predictive density: the mean over the particles. Its lines hold 50, 80 and 95 % of its mass."
    role = "model"
    order = 24
    name = "predictive"
    symbol = "p(x | D)"


@layer
class FitContours(Contours):
    """Of the one best θ, without the line in the middle: three more would be a thicket."""

    key = "fit"
    title = "best fit"
    help = "Density of the maximum-likelihood fit p(x | θ̂), at the inner and the outer level of the predictive density."
    role = "text"
    order = 25
    shares = (SHARES[0], SHARES[-1])
    name = "fit"
    symbol = "p(x | θ̂)"


@layer
class MemberContours(Contours):
    """Of single particles, thin, at the outermost level alone."""

    key = "particles"
    title = "particles"
    help = "Single particles p(x | θₘ), at the outermost level of the predictive density: where they part, θ is open."
    role = "model"
    order = 23
    alpha = MEMBER_ALPHA
    width = 1.0

    def draw(self, arrays: Arrays, step: int) -> None:
        """One line for each particle."""
        levels = mass_levels(arrays["predictive"], SHARES)[:1]
        lines = [Grid.of_cells(member, self._bounds).contours(levels) for member in arrays["members"]]
        x, y = (np.concatenate(parts) for parts in zip(*lines, strict=True))
        self._lines.set_points(x, y, "finite")

    def explain(self, x: float, y: float) -> str:
        """Their mean and their spread say more."""
        return ""


@layer
class Spread(Posterior, FieldLayer):
    """Where the particles disagree, as a field with its legend."""

    key = "spread"
    title = "disagreement"
    help = "Standard deviation of p(x | θₘ) over the particles, 1/unit²: where data have not settled the density."
    role = "critic_low"
    order = 26
    visible = False
    symbol = "std of p(x | θₘ)"
    depth = -15

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates."""
        return is_plane(scene) and has_particles(scene)

    def draw(self, arrays: Arrays, step: int) -> None:
        """The spread at this step."""
        self.put(Grid.of_cells(arrays["spread"], self._bounds))

    def paint(self, grid: Grid) -> None:
        """From nothing to the greatest value."""
        table, top = ramp(self.theme.plot, self.colour, 0.8), float(grid.values.max(initial=0.0))
        self._field.set_picture(look_up(table, grid.values, 0.0, top), grid.cells)
        self._bar.set_scale(table, self.symbol, 0.0, top)


@layer
class PredictiveCurve(Posterior, CurveLayer):
    """The mean over the particles as a curve, in the band that holds nine in ten of them."""

    key = "predictive"
    title = "p(x | D)"
    help = "Predictive density, the mean over the particles; the band holds 90 % of them at each x. 1/unit."
    role = "model"
    order = 24
    symbol = "p(x | D)"
    fill_alpha = 0.0

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """One dimension."""
        return is_line(scene) and has_particles(scene)

    def attach(self, plot: Plot) -> None:
        """Curve and band."""
        super().attach(plot)
        self._band_values: tuple[Array, Array, Array] | None = None
        self._edges = pg.PlotCurveItem(), pg.PlotCurveItem()
        self._band = pg.FillBetweenItem(*self._edges)
        self._band.setZValue(-5)
        plot.box.addItem(self._band, ignoreBounds=True)
        self.items = [self._band, self._curve]

    def draw(self, arrays: Arrays, step: int) -> None:
        """Curve and band at this step."""
        x = places(self._bounds, arrays["predictive"])
        self.put(x, arrays["predictive"])
        self._band_values = x, arrays["low"], arrays["high"]
        for edge, values in zip(self._edges, self._band_values[1:], strict=True):
            edge.setData(x, values)

    def restyle(self) -> None:
        """Colours."""
        super().restyle()
        self._band.setBrush(pg.mkBrush(colour(self.colour, BAND_ALPHA)))

    def explain(self, x: float, y: float) -> str:
        """The density at x, and between which values most particles lie."""
        value = self.value_at(x)
        if value is None or self._band_values is None:
            return ""
        xs, *edges = self._band_values
        low, high = (float(edge[np.argmin(np.abs(xs - x))]) for edge in edges)
        return f"{words(self.symbol, value)}, 90 % of the particles in {low:.3g} … {high:.3g}"


@layer
class FitCurve(Posterior, CurveLayer):
    """The one best θ as a curve."""

    key = "fit"
    title = "best fit"
    help = "Density of the maximum-likelihood fit p(x | θ̂), 1/unit."
    role = "text"
    order = 25
    symbol = "p(x | θ̂)"
    fill_alpha = 0.0

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """One dimension."""
        return is_line(scene) and has_particles(scene)

    def draw(self, arrays: Arrays, step: int) -> None:
        """The curve at this step."""
        self.put(places(self._bounds, arrays["fit"]), arrays["fit"])

    def explain(self, x: float, y: float) -> str:
        """The density at x."""
        return words(self.symbol, self.value_at(x))


@layer
class MemberCurves(Posterior):
    """Single particles as thin curves."""

    key = "particles"
    title = "particles"
    help = "Single particles p(x | θₘ): where they part, the data have not settled θ."
    role = "model"
    order = 23

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """One dimension."""
        return is_line(scene) and has_particles(scene)

    def attach(self, plot: Plot) -> None:
        """One path."""
        self._lines = Strokes()
        self._lines.setZValue(-4)
        self.items = [self._lines]
        plot.box.addItem(self._lines, ignoreBounds=True)

    def draw(self, arrays: Arrays, step: int) -> None:
        """One curve for each particle."""
        members = arrays["members"]
        x = np.tile(places(self._bounds, members[0]), len(members))
        joined = np.ones(members.shape, np.int32)
        joined[:, -1] = 0
        self._lines.set_points(x, members.ravel().astype(np.float64), joined.ravel())

    def restyle(self) -> None:
        """Colour."""
        self._lines.set_ink(self.colour, MEMBER_ALPHA)


@layer
class TrainingSample(Posterior):
    """The few points that all is known from."""

    key = "sample"
    title = "D"
    help = "The training sample D: all that the posterior knows of P_X."
    role = "data"
    order = 12

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """One or two coordinates."""
        return has_particles(scene) and (is_line(scene) or is_plane(scene))

    def attach(self, plot: Plot) -> None:
        """Dots."""
        self._dots = pg.ScatterPlotItem(pxMode=True)
        self._dots.setZValue(30)
        self.items = [self._dots]
        plot.box.addItem(self._dots, ignoreBounds=True)

    def draw(self, arrays: Arrays, step: int) -> None:
        """Each point; over a line they lie on the axis."""
        sample = arrays["sample"]
        self._dots.setData(sample[:, 0], sample[:, 1] if sample.shape[1] > 1 else np.zeros(len(sample)))

    def restyle(self) -> None:
        """Colours and size."""
        self._dots.setBrush(pg.mkBrush(self.colour))
        self._dots.setPen(pg.mkPen(self.theme.plot, width=1))
        self._dots.setSize(POINT_PX * self.scale)


def places(bounds: tuple[float, float, float, float], values: Array) -> Array:
    """Where the values of a curve belong."""
    return middles(bounds[0], bounds[2], len(values))
