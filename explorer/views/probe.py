"""The image x̂ = g_θ(z) of the z that the user holds in latent space."""

from __future__ import annotations

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


class Probe(Layer):
    """What every picture of the probe has in common; shown by the view when an answer comes, not by a snapshot."""

    key = "probe"
    title = "probe"
    role = "text"
    order = 70
    switch = False


@layer
class ProbeMark(Probe):
    """A ring in the plane, or on the axis."""

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates or one."""
        return is_plane(scene) or is_line(scene)

    def attach(self, plot: Plot) -> None:
        """One mark."""
        self._mark = Mark()
        self._mark.text = "x̂"
        self._mark.setZValue(80)
        self.items = [self._mark]
        plot.box.addItem(self._mark, ignoreBounds=True)

    def draw(self, arrays: Arrays, step: int) -> None:
        """Where it lands: ``x``, shape (1, d)."""
        x = np.append(arrays["x"][0], 0.0)
        self._mark.at = QPointF(float(x[0]), float(x[1]))
        self._mark.update()

    def restyle(self) -> None:
        """Colours and size."""
        self._mark.ink, self._mark.ground = QColor(self.theme.text), QColor(self.theme.plot)
        self._mark.factor = self.scale
        self._mark.update()


@layer
class ProbeImage(Probe):
    """One picture below the mosaics."""

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Samples are pictures."""
        return is_picture(scene)

    def attach(self, plot: Plot) -> None:
        """The picture and its caption."""
        self._image = pg.ImageItem(axisOrder="row-major")
        self._caption = pg.TextItem("x̂ of the z that you hold", anchor=(0, 0.5))
        self._caption.setPos(PROBE_AT[0] + 1.6, PROBE_AT[1] + 0.75)
        self.items = [self._image, self._caption]
        for item in self.items:
            plot.box.addItem(item, ignoreBounds=True)

    def set_scene(self, scene: Scene) -> None:
        """Shape and grey levels."""
        assert scene.image_shape is not None
        self._shape, self._levels = scene.image_shape, scene.image_range

    def draw(self, arrays: Arrays, step: int) -> None:
        """The picture: ``x``, shape (1, h w)."""
        picture = np.reshape(arrays["x"][0], self._shape)
        self._image.setImage(picture[::-1], autoLevels=False, levels=self._levels)
        self._image.setRect(PROBE_AT[0], PROBE_AT[1], 1.5, 1.5)

    def restyle(self) -> None:
        """The caption's colour and size."""
        self._caption.setColor(self.theme.muted)
        self._caption.setFont(plot_font(SMALL_PX, self.scale))
