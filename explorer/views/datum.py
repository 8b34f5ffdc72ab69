"""The point x of the data that is asked about elsewhere, such as whose z is inferred."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from explorer.session.snapshot import Arrays, Scene
from explorer.views._base import Layer, is_line, is_picture, is_plane, layer
from explorer.views._items import Mark
from explorer.views._mosaic import PROBE_AT
from explorer.widgets.plot import Plot, plot_font
from explorer.widgets.theme import SMALL_PX

SIDE: Final = 1.5
GAP: Final = 0.15
PLACES: Final = (0.0, SIDE + GAP)
"""Where the two pictures begin, below the real ones, in units of the mosaic."""


class Datum(Layer):
    """What every picture of it has in common; shown by the view when a card says so, not by a snapshot."""

    key = "datum"
    title = "x"
    role = "text"
    order = 71
    switch = False


@layer
class DatumMark(Datum):
    """A ring in the plane, or on the axis."""

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates or one, of models whose z is inferred."""
        return "posterior" in scene.offers and (is_plane(scene) or is_line(scene))

    def attach(self, plot: Plot) -> None:
        """One mark."""
        self._mark = Mark()
        self._mark.text = "x"
        self._mark.setZValue(79)
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


@layer
class DatumImage(Datum):
    """The picture below the real ones, and what is decoded from the mean of q(z|x) beside it."""

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Samples are pictures, of models whose z is inferred."""
        return "posterior" in scene.offers and is_picture(scene)

    def attach(self, plot: Plot) -> None:
        """Two pictures and a caption."""
        self._images = [pg.ImageItem(axisOrder="row-major") for _ in PLACES]
        self._caption = pg.TextItem("x, and decoded\nfrom the mean of q(z|x)", anchor=(0, 0.5))
        self._caption.setPos(PLACES[1] + SIDE + GAP, PROBE_AT[1] + SIDE / 2)
        self.items = [*self._images, self._caption]
        for item in self.items:
            plot.box.addItem(item, ignoreBounds=True)

    def set_scene(self, scene: Scene) -> None:
        """Shape and grey levels."""
        assert scene.image_shape is not None
        self._shape, self._levels = scene.image_shape, scene.image_range

    def draw(self, arrays: Arrays, step: int) -> None:
        """Both pictures: ``x``, shape (1, h w), and ``reconstruction``, shape (h w,)."""
        for image, name, left in zip(self._images, ("x", "reconstruction"), PLACES, strict=True):
            image.setImage(np.reshape(arrays[name], self._shape)[::-1], autoLevels=False, levels=self._levels)
            image.setRect(left, PROBE_AT[1], SIDE, SIDE)

    def restyle(self) -> None:
        """The caption's colour and size."""
        self._caption.setColor(self.theme.muted)
        self._caption.setFont(plot_font(SMALL_PX, self.scale))
