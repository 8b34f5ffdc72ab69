"""What layers share that show one sample by itself: a mark at its place, or its picture with a caption."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from explorer.session.snapshot import Array, Arrays, Scene
from explorer.views._base import Layer
from explorer.views._items import Mark
from explorer.views._mosaic import GridLayer
from explorer.views._mosaic_grid import Grid
from explorer.widgets.pixels import OPAQUE, pixels
from explorer.widgets.plot import Plot, plot_font
from explorer.widgets.theme import SMALL_PX

GAP_BETWEEN: Final = 0.15


class MarkLayer(Layer):
    """A ring in the plane, or on the axis.

    Attributes:
        text: the letter beside it.
        depth: above the other items of the plot.
    """

    text: ClassVar[str]
    depth: ClassVar[float]

    def attach(self, plot: Plot) -> None:
        """One mark."""
        self._mark = Mark()
        self._mark.text = self.text
        self._mark.setZValue(self.depth)
        self.items = [self._mark]
        plot.box.addItem(self._mark, ignoreBounds=True)

    def draw(self, arrays: Arrays, step: int) -> None:
        """Where it is: ``x``, shape (1, d)."""
        x = np.append(arrays["x"][0], 0.0)
        self._mark.at = QPointF(float(x[0]), float(x[1]))
        self._mark.update()

    def restyle(self) -> None:
        """Colours and size."""
        self._mark.ink, self._mark.ground = QColor(self.theme.text), QColor(self.theme.plot)
        self._mark.factor = self.scale
        self._mark.update()


class CaptionedLayer(GridLayer):
    """Pictures beside one another below the panes, with a caption after the last.

    Attributes:
        pictures: how many.
        lane: below which pane (see ``Grid.mark``).
        side: height of each, in units of the plot.
        caption: of all of them.
        gap: between the last of them and the caption.
    """

    pictures: ClassVar[int] = 1
    lane: ClassVar[int] = 0
    side: ClassVar[float] = 1.5
    caption: ClassVar[str]
    gap: ClassVar[float]

    def attach(self, plot: Plot) -> None:
        """The pictures and their caption."""
        self._images = [pg.ImageItem(axisOrder="row-major") for _ in range(self.pictures)]
        self._caption = pg.TextItem(self.caption, anchor=(0, 0.5))
        self.items = [*self._images, self._caption]
        for item in self.items:
            plot.box.addItem(item, ignoreBounds=True)
        self.set_grid(self.grid)

    def set_grid(self, grid: Grid) -> None:
        """Below the panes, or in the corner that they leave free."""
        super().set_grid(grid)
        left, foot = grid.mark(self.lane)
        wide = min(self.side, self.side / grid.aspect)
        for index, image in enumerate(self._images):
            if image.image is not None:
                image.setRect(left + index * (wide + GAP_BETWEEN), foot, wide, min(self.side, wide * grid.aspect))
        end = left + self.pictures * (wide + GAP_BETWEEN) - GAP_BETWEEN
        self._caption.setPos(end + self.gap, foot + self.side / 2)

    def set_scene(self, scene: Scene) -> None:
        """Shape, black and white."""
        self._scene = scene

    @property
    def is_filled(self) -> bool:
        """Whether it takes room."""
        return self._filled

    def put(self, samples: list[Array]) -> None:
        """One sample, of d numbers, for each picture."""
        for image, sample in zip(self._images, samples, strict=True):
            shown = pixels(sample, self._scene.shape_of(sample.size), self._scene.image_range)[0]
            image.setImage(shown[::-1], autoLevels=False, levels=(0, OPAQUE))
        self.set_grid(self.grid)  # a picture of another size would otherwise take another place

    def restyle(self) -> None:
        """The caption's colour and size."""
        self._caption.setColor(self.theme.muted)
        self._caption.setFont(plot_font(SMALL_PX, self.scale))
