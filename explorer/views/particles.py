"""The particles of the model on their way from noise to data, in one colour or in many."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from explorer.session.snapshot import Arrays, Scene
from explorer.views._base import layer
from explorer.views._classes import ClassLayer
from explorer.views._colour import Table, pack, wheel
from explorer.views._frame_layer import FrameLayer
from explorer.views._mosaic import MosaicLayer
from explorer.views._raster import DOT_PX, Cloud, HueCloud
from explorer.views._way import LARGER, WayLayer
from explorer.widgets.plot import Plot

HUES: Final = 256
LIGHTNESS: Final = {"dark": 0.76, "light": 0.62}
"""OKLab lightness of the wheel in each theme."""


class Particles(FrameLayer):
    """What every picture of the model's particles has in common."""

    key = "particles"
    title = "model"
    help = "The sampler's own states, of the same noise at every step of training; nothing lies between two of them."
    role = "model"
    observation = "process"
    order = 20


@layer
class ParticleCloud(Particles, WayLayer):
    """Orange dots."""

    def attach(self, plot: Plot) -> None:
        """One raster."""
        self._cloud = Cloud()
        self._cloud.setZValue(1)
        self.items = [self._cloud]
        plot.box.addItem(self._cloud, ignoreBounds=True)

    def restyle(self) -> None:
        """Colour and size."""
        self._cloud.set_ink(self.colour, 0.95, LARGER * DOT_PX * self.scale)

    def draw_frame(self, arrays: Arrays, frame: int) -> None:
        """The dots of this time."""
        self._cloud.set_points(self.points(arrays["reverse"], frame))


@layer
class ParticlePictures(Particles, MosaicLayer):
    """The first ones as pictures."""

    pane = 1
    caption = "model&nbsp; u<sub>t</sub>"

    def draw_frame(self, arrays: Arrays, frame: int) -> None:
        """Those of this time, each with the class that it was asked for, if any."""
        names, labels = self._scene.class_names, arrays["label"].tolist()
        is_told = bool(labels) and all(0 <= label < len(names) for label in labels)
        self._mosaic.labels = [names[label] for label in labels] if is_told else []
        self._caption.setHtml(f"{self.caption}, with the class asked for" if is_told else self.caption)
        self.put(arrays["reverse"][frame])


class HuedParticles(WayLayer):
    """The same dots, each in a colour that it keeps on its way."""

    role = "model"
    visible = False

    def attach(self, plot: Plot) -> None:
        """One raster."""
        self._cloud = HueCloud()
        self._cloud.setZValue(1)
        self.items = [self._cloud]
        plot.box.addItem(self._cloud, ignoreBounds=True)

    def restyle(self) -> None:
        """The same in other colours."""
        self._redraw()

    def draw_frame(self, arrays: Arrays, frame: int) -> None:
        """The dots of this time."""
        self._cloud.dot = (LARGER + 0.2) * DOT_PX * self.scale
        self._cloud.set_points(self.points(arrays["reverse"], frame), *self.colours(arrays))

    def colours(self, arrays: Arrays) -> tuple[NDArray[Any], Table]:
        """Index of each particle's colour, and the colours."""
        raise NotImplementedError

    def hues(self, n: int) -> Table:
        """``n`` hues that are equally light."""
        return pack(wheel(n, LIGHTNESS[self.theme.name]))


@layer
class ByStart(HuedParticles):
    """Hue is where it starts."""

    key = "start"
    title = "by start"
    help = "Colours each particle by the direction in which it starts in the noise: which noise becomes which data."
    order = 30

    def colours(self, arrays: Arrays) -> tuple[NDArray[Any], Table]:
        """Angle to hue."""
        return (arrays["hue"] * HUES).astype(np.int64) % HUES, self.hues(HUES)


@layer
class ByClass(ClassLayer, HuedParticles):
    """Colour is the class, with a legend in which one class can be seen alone."""

    key = "class"
    title = "by class"
    help = "Colours each particle by the class that the model was asked for; a name in the legend shows it alone."
    order = 31

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Models that were told classes."""
        return super().fits(scene) and "classes" in scene.offers

    def attach(self, plot: Plot) -> None:
        """The dots and the legend."""
        self.put_legend(plot)
        super().attach(plot)

    def redraw(self, *_: object) -> None:
        """The classes that are seen now."""
        self._redraw()

    def draw_frame(self, arrays: Arrays, frame: int) -> None:
        """The dots of this time that are of a class that is seen."""
        seen = self.seen(arrays["label"])
        self._cloud.dot = (LARGER + 0.2) * DOT_PX * self.scale
        self._cloud.set_points(self.points(arrays["reverse"][:, seen], frame), arrays["label"][seen], self.table)
