"""What layers share that show one sample by itself: a mark at its place, or its picture with a caption."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from explorer.session.snapshot import Array, Arrays, Scene
from explorer.views._base import Layer
from explorer.views._items import Mark
from explorer.widgets.pixels import OPAQUE, pixels
from explorer.widgets.plot import Plot, plot_font
from explorer.widgets.theme import SMALL_PX


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


class CaptionedLayer(Layer):
    """Pictures beside one another, with a caption after the last."""

    places: ClassVar[tuple[tuple[float, float], ...]]
    """Left edge and foot of each, in units of the mosaic."""

    side: ClassVar[float] = 1.5
    caption: ClassVar[str]
    gap: ClassVar[float]
    """Between the last of them and the caption."""

    def attach(self, plot: Plot) -> None:
        """The pictures and their caption."""
        left, foot = self.places[-1]
        self._images = [pg.ImageItem(axisOrder="row-major") for _ in self.places]
        self._caption = pg.TextItem(self.caption, anchor=(0, 0.5))
        self._caption.setPos(left + self.side + self.gap, foot + self.side / 2)
        self.items = [*self._images, self._caption]
        for item in self.items:
            plot.box.addItem(item, ignoreBounds=True)

    def set_scene(self, scene: Scene) -> None:
        """Shape, black and white."""
        assert scene.image_shape is not None
        self._shape, self._levels = scene.image_shape, scene.image_range

    def put(self, samples: list[Array]) -> None:
        """One sample, of d numbers, for each picture."""
        for image, sample, place in zip(self._images, samples, self.places, strict=True):
            shown = pixels(sample, self._shape, self._levels)[0]
            image.setImage(shown[::-1], autoLevels=False, levels=(0, OPAQUE))
            image.setRect(*place, self.side, self.side)

    def restyle(self) -> None:
        """The caption's colour and size."""
        self._caption.setColor(self.theme.muted)
        self._caption.setFont(plot_font(SMALL_PX, self.scale))
