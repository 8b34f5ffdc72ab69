"""What layers of points share, whether the points are data or samples of the model: a cloud, or a rug on a line."""

from __future__ import annotations

from explorer.session.snapshot import Scene
from explorer.views._base import Layer, is_line, is_plane
from explorer.views._raster import DOT_PX, Cloud, Rug
from explorer.widgets.plot import Plot


class CloudLayer(Layer):
    """Points in the plane as one raster."""

    depth = 0.0
    ink_opacity = 1.0

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates, or the first two."""
        return is_plane(scene)

    def attach(self, plot: Plot) -> None:
        """One raster."""
        self._cloud = Cloud()
        self._cloud.setZValue(self.depth)
        self.items = [self._cloud]
        plot.box.addItem(self._cloud, ignoreBounds=True)

    def restyle(self) -> None:
        """Colour and size."""
        self._cloud.set_ink(self.colour, self.ink_opacity, DOT_PX * self.scale)


class RugLayer(Layer):
    """Numbers as strokes in a strip under the axis."""

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """One dimension."""
        return is_line(scene)

    def attach(self, plot: Plot) -> None:
        """One raster."""
        self._rug = Rug()
        self.items = [self._rug]
        plot.box.addItem(self._rug, ignoreBounds=True)

    def restyle(self) -> None:
        """Colour."""
        self._rug.set_ink(self.colour)
