"""How a density looks: a colour that grows evenly to the eye, and contours that hold 50, 80 and 95 % of the mass."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import numpy as np
import pyqtgraph as pg

from explorer.views._base import Layer
from explorer.views._colour import look_up, ramp
from explorer.views._grid import Grid, mass_levels, words
from explorer.views._items import Field, Strokes
from explorer.widgets.plot import Plot, colour

SHARES: Final = (0.5, 0.8, 0.95)


class DensityPlane(Layer):
    """A density on a grid: field and contours in the layer's colour. Scaled to its own highest value.

    Attributes:
        symbol: of the density.
        sign: "=" before a value that is exact, "≈" before an estimate.
    """

    symbol: ClassVar[str]
    sign: str = "="
    depth: ClassVar[int] = -20

    def attach(self, plot: Plot) -> None:
        """One picture and one path."""
        self._grid: Grid | None = None
        self._field, self._lines = Field(), Strokes()
        self._field.setZValue(self.depth)
        self._lines.setZValue(self.depth + 1)
        self.items = [self._field, self._lines]
        for item in self.items:
            plot.box.addItem(item, ignoreBounds=True)

    def put(self, grid: Grid) -> None:
        """Draw this density."""
        self._grid = grid
        table = ramp(self.theme.plot, self.colour, 0.55)
        top = float(grid.values.max(initial=0.0))
        self._field.set_picture(look_up(table, grid.values, 0.0, top), grid.cells)
        self._lines.set_points(*grid.contours(mass_levels(grid.values, SHARES)), "finite")
        self._lines.set_ink(self.colour, 0.7)

    def restyle(self) -> None:
        """The same density in other colours."""
        if self.items and self._grid is not None:
            self.put(self._grid)

    def explain(self, x: float, y: float) -> str:
        """The density at a place."""
        return words(f"{self.symbol}(x)", None if self._grid is None else self._grid.at(x, y), self.sign)


class CurveLayer(Layer):
    """A curve over one-dimensional data space, lightly filled."""

    symbol: ClassVar[str]
    sign: str = "="
    fill_alpha: ClassVar[float] = 0.16

    def attach(self, plot: Plot) -> None:
        """One curve."""
        self._curve = pg.PlotCurveItem(antialias=True)
        self._curve.setSegmentedLineMode("on")
        self.items = [self._curve]
        plot.box.addItem(self._curve, ignoreBounds=True)

    def put(self, x: Any, y: Any) -> None:
        """Draw this curve: x and y, shape (G,)."""
        self._curve.setData(x, y)

    def restyle(self) -> None:
        """Colour and width."""
        self._curve.setPen(pg.mkPen(self.colour, width=round(2 * self.scale)))
        if self.fill_alpha:
            self._curve.setFillLevel(0.0)
            self._curve.setBrush(pg.mkBrush(colour(self.colour, self.fill_alpha)))

    def explain(self, x: float, y: float) -> str:
        """The value of the nearest point of the curve."""
        value = self.value_at(x)
        return "" if value is None else words(f"{self.symbol}(x)", value, self.sign)

    def value_at(self, x: float) -> float | None:
        """The value of the curve's point that is nearest to x; None beside the curve."""
        xs, ys = self._curve.getData()
        if xs is None or ys is None or not len(xs) or not xs[0] <= x <= xs[-1]:
            return None
        return float(ys[np.argmin(np.abs(xs - x))])
