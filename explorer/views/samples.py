"""Generated samples x̂ = g_θ(z)."""

from __future__ import annotations

from typing import Final

import numpy as np

from explorer.session.snapshot import Arrays, Scene
from explorer.views._base import Layer, is_plane, layer
from explorer.views._classes import ClassLegend, class_table, seen_classes
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
class SamplesByClass(Samples):
    """Points of the plane in the colours of their classes, instead of the model's own, with a legend."""

    key = "classes"
    title = "by class"
    help = "Colours generated samples by the class that they were made for; a name in the legend shows it alone."
    role = "muted"
    order = 21
    visible = False
    covers = "model"

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates, or the first two, and a model that knows classes."""
        return is_plane(scene) and "classes" in scene.offers

    def attach(self, plot: Plot) -> None:
        """The points and the legend."""
        self._arrays: Arrays | None = None
        self._count = 0
        self._cloud, self.legend = HueCloud(), ClassLegend(plot)
        self._cloud.setZValue(1.0)
        self.items = [self._cloud]
        plot.box.addItem(self._cloud, ignoreBounds=True)
        self.legend.chosen.connect(self._redraw)

    def detach(self) -> None:
        """The legend goes, too."""
        super().detach()
        self.legend.leave()

    def set_scene(self, scene: Scene) -> None:
        """The classes and how near a click must be."""
        self._names, self._count = scene.class_names, len(scene.class_names)
        self._reach = REACH * (scene.bounds[2] - scene.bounds[0])
        self.legend.set_names(scene.class_names)
        self.legend.set_theme(self.theme, self.scale)

    def draw(self, arrays: Arrays, step: int) -> None:
        """The points of this step."""
        self._arrays = arrays
        self._redraw()

    def restyle(self) -> None:
        """The same points in other colours."""
        self._cloud.dot = (DOT_PX + 0.4) * self.scale
        self.legend.set_theme(self.theme, self.scale)
        self._redraw()

    def explain(self, x: float, y: float) -> str:
        """The class of the sample that is nearest, if one is near."""
        if self._arrays is None:
            return ""
        seen = np.flatnonzero(seen_classes(self._arrays["label"], self.legend.alone))
        distance = np.linalg.norm(self._arrays["x"][seen, :2] - np.array([x, y]), axis=1)
        if not len(seen) or not distance.min() <= self._reach:
            return ""
        return f"class {self._names[int(self._arrays['label'][seen[np.argmin(distance)]])]}"

    def _redraw(self, *_: object) -> None:
        if self._arrays is not None:
            labels = self._arrays["label"]
            seen = seen_classes(labels, self.legend.alone)
            self._cloud.set_points(self._arrays["x"][seen, :2], labels[seen], class_table(self.theme, self._count))

    def _apply(self) -> None:
        super()._apply()
        self.legend.setVisible(self._shown and self._filled)
