"""Generated samples x̂ = g_θ(z)."""

from __future__ import annotations

from typing import Final

import numpy as np

from explorer.session.snapshot import Arrays, Scene
from explorer.views._base import Layer, is_plane, layer
from explorer.views._classes import ClassLayer
from explorer.views._line_frame import MODEL_STRIP, strip
from explorer.views._points import CloudLayer, RugLayer
from explorer.views._raster import DOT_PX, HueCloud
from explorer.widgets.plot import Plot

REACH: Final = 0.03
"""A sample answers to a click so near, in units of the frame's width."""


class Samples(Layer):
    """What every picture of generated samples has in common."""

    key = "model"
    title = "model"
    help = "Generated samples x̂ = g_θ(z); the same z at every step."
    role = "model"
    observation = "samples"
    order = 20


@layer
class SampleCloud(CloudLayer, Samples):
    """Points of the plane, orange."""

    depth = 1.0
    ink_opacity = 0.95

    @classmethod
    def shown_at_first(cls, scene: Scene) -> bool:
        """Unless a posterior is seen, whose densities they would hide."""
        return "particles" not in scene.offers

    def draw(self, arrays: Arrays, step: int) -> None:
        """The points of this step."""
        self._cloud.set_points(arrays["x"][:, :2])


@layer
class SampleRug(RugLayer, Samples):
    """One stroke for each number, below that of the data."""

    def set_scene(self, scene: Scene) -> None:
        """Where the strip lies."""
        self._strip = strip(scene, MODEL_STRIP)

    def draw(self, arrays: Arrays, step: int) -> None:
        """The numbers of this step."""
        self._rug.set_values(arrays["x"][:, 0], self._strip)


@layer
class SamplesByClass(ClassLayer, Samples):
    """Points of the plane in the colours of their classes, instead of the model's own, with a legend."""

    key = "classes"
    title = "by class"
    help = "Colours generated samples by the class that they were made for; a name in the legend shows it alone."
    order = 21
    covers = "model"

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates, or the first two, and a model that knows classes."""
        return is_plane(scene) and "classes" in scene.offers

    def attach(self, plot: Plot) -> None:
        """The points and the legend."""
        self.put_legend(plot)
        self._arrays: Arrays | None = None
        self._cloud = HueCloud()
        self._cloud.setZValue(1.0)
        self.items = [self._cloud]
        plot.box.addItem(self._cloud, ignoreBounds=True)

    def set_scene(self, scene: Scene) -> None:
        """How near a click must be."""
        super().set_scene(scene)
        self._reach = REACH * (scene.bounds[2] - scene.bounds[0])

    def draw(self, arrays: Arrays, step: int) -> None:
        """The points of this step."""
        self._arrays = arrays
        self.redraw()

    def redraw(self, *_: object) -> None:
        """The classes that are seen now."""
        self._cloud.dot = (DOT_PX + 0.4) * self.scale
        if self._arrays is not None:
            labels = self._arrays["label"]
            seen = self.seen(labels)
            self._cloud.set_points(self._arrays["x"][seen, :2], labels[seen], self.table)

    def explain(self, x: float, y: float) -> str:
        """The class of the sample that is nearest, if one is near."""
        if self._arrays is None:
            return ""
        seen = np.flatnonzero(self.seen(self._arrays["label"]))
        distance = np.linalg.norm(self._arrays["x"][seen, :2] - np.array([x, y]), axis=1)
        if not len(seen) or not distance.min() <= self._reach:
            return ""
        return f"class {self.names[int(self._arrays['label'][seen[np.argmin(distance)]])]}"
