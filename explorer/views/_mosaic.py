"""Layers of many small pictures as one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Final

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

from explorer.session.snapshot import Scene
from explorer.views._base import Layer
from explorer.views._mosaic_grid import Grid
from explorer.views._mosaic_item import Mosaic
from explorer.widgets.pixels import pixels
from explorer.widgets.plot import Plot, plot_font
from explorer.widgets.theme import SMALL_PX, TITLE_PX

COMING: Final = "being made…"


class GridLayer(Layer):
    """A layer that has its place in a grid of pictures, which changes with the room."""

    grid = Grid()

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """For data whose samples are pictures."""
        return scene.image_shape is not None

    def set_grid(self, grid: Grid) -> None:
        """Take another place."""
        self.grid = grid


class MosaicLayer(GridLayer):
    """A pane of samples with a caption, black and white from the scene.

    Attributes:
        pane: which place of the grid.
        caption: above it.
        is_of_data: whether the picture of a number is the real one of that number, or what was made from it.
    """

    pane: ClassVar[int] = 0
    caption: ClassVar[str]
    is_of_data: ClassVar[bool] = False

    def attach(self, plot: Plot) -> None:
        """One picture and its caption."""
        self._mosaic = Mosaic()
        self._mosaic.pane = self.pane
        self._caption = pg.TextItem(html=self.caption, anchor=(0, 1))
        self._coming, self._is_awaited = pg.TextItem(COMING, anchor=(0, 0)), False
        self.items = [self._mosaic, self._caption, self._coming]
        self._samples: NDArray[Any] = np.empty((0, 0), np.float32)
        for item in self.items:
            plot.box.addItem(item, ignoreBounds=True)
        self.set_grid(self.grid)

    def set_grid(self, grid: Grid) -> None:
        """As many pictures as there is room for."""
        super().set_grid(grid)
        self._mosaic.grid = grid
        for words in (self._caption, self._coming):
            words.setPos(*grid.corner(self.pane))
        if len(self._samples):
            self.put(self._samples)

    def set_scene(self, scene: Scene) -> None:
        """Shape of a picture, and values of black and white."""
        self._scene = scene
        self._samples = self._samples[:0]

    def put(self, samples: NDArray[Any]) -> None:
        """Draw samples, shape (N, d)."""
        self._samples = samples
        shown = samples[: self.grid.across * self.grid.down]
        shape = self._scene.shape_of(samples.shape[1])
        self._mosaic.set_pictures(pixels(shown, shape, self._scene.image_range))

    def words(self, number: int) -> str:
        """What a picture of it is called."""
        return ""

    def count(self) -> int:
        """How many pictures it knows, shown or not."""
        return len(self._samples) if self._filled else 0

    def clear(self) -> None:
        """Nothing is awaited."""
        self._is_awaited = False
        super().clear()

    def lack(self, reason: str) -> None:
        """Pictures that are still being made have their caption already, and a sentence below it."""
        self._is_awaited = not reason
        super().clear()

    def restyle(self) -> None:
        """The caption's colour and size."""
        self._mosaic.theme, self._mosaic.factor = self.theme, self.scale
        for words, ink, size in ((self._caption, self.colour, TITLE_PX), (self._coming, self.theme.muted, SMALL_PX)):
            words.setColor(ink)
            words.setFont(plot_font(size, self.scale))

    def _apply(self) -> None:
        """The caption stands over pictures that are still to come, too."""
        super()._apply()
        is_empty = self._shown and self._is_awaited and not self._filled
        self._coming.setVisible(is_empty)
        self._caption.setVisible(is_empty or (self._shown and self._filled))


def set_grids(layers: Iterable[Layer], grid: Grid) -> None:
    """Give all layers that have a place in the grid theirs."""
    for layer in layers:
        if isinstance(layer, GridLayer) and layer.items and layer.grid != grid:
            layer.set_grid(grid)
