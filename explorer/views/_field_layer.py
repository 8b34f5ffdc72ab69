"""What layers share that are one field of colours with its legend."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from explorer.views._base import Layer
from explorer.views._grid import Grid, words
from explorer.views._items import ColourBar, Field
from explorer.widgets.plot import Plot


class FieldLayer(Layer):
    """Values on a grid as colours.

    Attributes:
        symbol: of the values, as a click names them.
        depth: below (negative) or above the other items of the plot.
    """

    symbol: ClassVar[str]
    depth: ClassVar[float]

    def attach(self, plot: Plot) -> None:
        """One picture and its legend."""
        self._grid: Grid | None = None
        self._field, self._bar = Field(), ColourBar(plot.box)
        self._field.setZValue(self.depth)
        plot.box.addItem(self._field, ignoreBounds=True)
        self.items = [self._field, self._bar]

    def restyle(self) -> None:
        """The same field in other colours."""
        self._bar.set_theme(self.theme, self.scale)
        if self._grid is not None:
            self.paint(self._grid)

    def set_opacity(self, opacity: float) -> None:
        """The legend stays legible."""
        self._field.setOpacity(opacity)

    def explain(self, x: float, y: float) -> str:
        """The value at a place."""
        return words(self.symbol, None if self._grid is None else self._grid.at(x, y))

    def put(self, grid: Grid) -> None:
        """Show these values from now on."""
        self._grid = grid
        self.paint(grid)

    @abstractmethod
    def paint(self, grid: Grid) -> None:
        """Give the field and the legend the colours of these values."""
