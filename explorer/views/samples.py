"""Generated samples x̂ = g_θ(z)."""

from __future__ import annotations

from explorer.session.snapshot import Arrays, Scene
from explorer.views._base import Layer, is_line, is_plane, layer
from explorer.views._line_frame import MODEL_STRIP, strip
from explorer.views._raster import DOT_PX, Cloud, Rug
from explorer.widgets.plot import Plot


class Samples(Layer):
    """What every picture of generated samples has in common."""

    key = "model"
    title = "model"
    help = "Generated samples x̂ = g_θ(z); the same z at every step."
    role = "model"
    observation = "samples"
    order = 20


@layer
class SampleCloud(Samples):
    """Points of the plane, orange."""

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates, or the first two."""
        return is_plane(scene)

    def attach(self, plot: Plot) -> None:
        """One raster."""
        self._cloud = Cloud()
        self._cloud.setZValue(1)
        self.items = [self._cloud]
        plot.box.addItem(self._cloud, ignoreBounds=True)

    def draw(self, arrays: Arrays, step: int) -> None:
        """The points of this step."""
        self._cloud.set_points(arrays["x"][:, :2])

    def restyle(self) -> None:
        """Colour and size."""
        self._cloud.set_ink(self.colour, 0.95, DOT_PX * self.scale)


@layer
class SampleRug(Samples):
    """One stroke for each number, below that of the data."""

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
        """Where the strip lies."""
        self._strip = strip(scene, MODEL_STRIP)

    def draw(self, arrays: Arrays, step: int) -> None:
        """The numbers of this step."""
        self._rug.set_values(arrays["x"][:, 0], self._strip)

    def restyle(self) -> None:
        """Colour."""
        self._rug.set_ink(self.colour)
