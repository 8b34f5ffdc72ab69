"""Real samples x ~ P_X."""

from __future__ import annotations

from explorer.session.snapshot import Scene
from explorer.views._base import SceneLayer, layer
from explorer.views._line_frame import DATA_STRIP, strip
from explorer.views._mosaic import MosaicLayer
from explorer.views._points import CloudLayer, RugLayer


class RealSamples(SceneLayer):
    """What every picture of real samples has in common."""

    key = "data"
    title = "data"
    help = "Real samples x ~ P_X."
    role = "data"
    order = 10


@layer
class RealCloud(CloudLayer, RealSamples):
    """Points of the plane, blue."""

    depth = 0.0
    ink_opacity = 0.75

    @classmethod
    def shown_at_first(cls, scene: Scene) -> bool:
        """Unless a posterior is seen, which has the few points that it knows."""
        return "particles" not in scene.offers

    def set_scene(self, scene: Scene) -> None:
        """The points of the run."""
        self._cloud.set_points(scene.real[:, :2])
        self.fill()


@layer
class RealRug(RugLayer, RealSamples):
    """One stroke for each number, under the axis."""

    def set_scene(self, scene: Scene) -> None:
        """The numbers of the run."""
        self._rug.set_values(scene.real[:, 0], strip(scene, DATA_STRIP))
        self.fill()


@layer
class RealImages(RealSamples, MosaicLayer):
    """The first real pictures."""

    pane = 0
    is_of_data = True
    caption = "real&nbsp; x ~ P<sub>X</sub>"

    def set_scene(self, scene: Scene) -> None:
        """The pictures of the run."""
        super().set_scene(scene)
        self.put(scene.real)
        self.fill()

    def words(self, number: int) -> str:
        """Which one."""
        return f"real picture {number + 1}"
