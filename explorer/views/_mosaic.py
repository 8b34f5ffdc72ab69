"""Many small pictures as one."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import pyqtgraph as pg
from numpy.typing import NDArray

from explorer.session.snapshot import Scene
from explorer.views._base import Layer
from explorer.widgets.pixels import OPAQUE, pixels, tiled
from explorer.widgets.plot import Plot, plot_font
from explorer.widgets.theme import TITLE_PX

ACROSS: Final = 8
"""Pictures in a row."""

WIDTH: Final = 8.0
"""Width and height of a mosaic in the units of the plot: a picture is one unit."""

GAP: Final = 0.9
FRAME: Final = (-0.35, -1.9, 2 * WIDTH + GAP + 0.35, WIDTH + 0.75)
PROBE_AT: Final = (WIDTH + GAP, -1.7)


class MosaicLayer(Layer):
    """A mosaic of samples with a caption, black and white from the scene."""

    left: ClassVar[float]
    caption: ClassVar[str]

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """For data whose samples are pictures."""
        return scene.image_shape is not None

    def attach(self, plot: Plot) -> None:
        """One picture and its caption."""
        self._image = pg.ImageItem(axisOrder="row-major")
        self._caption = pg.TextItem(html=self.caption, anchor=(0, 1))
        self._caption.setPos(self.left, WIDTH)
        self.items = [self._image, self._caption]
        for item in self.items:
            plot.box.addItem(item, ignoreBounds=True)

    def set_scene(self, scene: Scene) -> None:
        """Shape of a picture, and values of black and white."""
        assert scene.image_shape is not None
        self._shape, self._levels = scene.image_shape, scene.image_range

    def put(self, samples: NDArray[Any]) -> None:
        """Draw samples, shape (N, d)."""
        sheet = tiled(pixels(samples, self._shape, self._levels), ACROSS)
        rows = -(-len(samples) // ACROSS)
        # Row 0 of a picture is its top, and the plot's y grows upwards.
        self._image.setImage(sheet[::-1], autoLevels=False, levels=(0, OPAQUE))
        self._image.setRect(self.left, WIDTH - rows * WIDTH / ACROSS, WIDTH, rows * WIDTH / ACROSS)

    def restyle(self) -> None:
        """The caption's colour and size."""
        self._caption.setColor(self.colour)
        self._caption.setFont(plot_font(TITLE_PX, self.scale))
