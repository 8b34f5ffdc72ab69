"""Real samples x ~ P_X."""

from __future__ import annotations

import numpy as np

from explorer.session.snapshot import Scene
from explorer.views._base import SceneLayer, is_line, is_plane, layer
from explorer.views._line_frame import DATA_STRIP, strip
from explorer.views._mosaic import MosaicLayer
from explorer.views._raster import DOT_PX, Cloud, Rug
from explorer.widgets.plot import Plot


class RealSamples(SceneLayer):
    """What every picture of real samples has in common."""

    key = "data"
    title = "data"
    help = "Real samples x ~ P_X."
    role = "data"
    order = 10


@layer
class RealCloud(RealSamples):
    """Points of the plane, blue."""

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates, or the first two."""
        return is_plane(scene)

    def attach(self, plot: Plot) -> None:
        """One raster."""
        self._cloud = Cloud()
        self._cloud.setZValue(0)
        self.items = [self._cloud]
        plot.box.addItem(self._cloud, ignoreBounds=True)

    def set_scene(self, scene: Scene) -> None:
        """The points of the run."""
        self._cloud.set_points(scene.real[:, :2])
        self.fill()

    def restyle(self) -> None:
        """Colour and size."""
        self._cloud.set_ink(self.colour, 0.75, DOT_PX * self.scale)


@layer
class RealRug(RealSamples):
    """One stroke for each number, under the axis."""

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """One dimension."""
        return is_line(scene)

    def attach(self, plot: Plot) -> None:
        """One raster."""
        self._rug = Rug()
        self.items = [self._rug]
        plot.box.addItem(self._rug, ignoreBounds=True)

    def set_scene(self, scene: Scene) -> None:
        """The numbers of the run."""
        self._rug.set_values(scene.real[:, 0], strip(scene, DATA_STRIP))
        self.fill()

    def restyle(self) -> None:
        """Colour."""
        self._rug.set_ink(self.colour)


@layer
class RealImages(RealSamples, MosaicLayer):
    """The first 64 real pictures."""

    left = 0.0
    caption = "real&nbsp; x ~ P<sub>X</sub>"

    def set_scene(self, scene: Scene) -> None:
        """The pictures of the run."""
        super().set_scene(scene)
        assert scene.image_shape is not None
        self.put(np.reshape(scene.real[:64], (-1, *scene.image_shape)))
        self.fill()
