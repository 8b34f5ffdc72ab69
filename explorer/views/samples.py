"""Generated samples x̂ = g_θ(z)."""

from __future__ import annotations

from explorer.session.snapshot import Arrays, Scene
from explorer.views._base import Layer, layer
from explorer.views._line_frame import MODEL_STRIP, strip
from explorer.views._points import CloudLayer, RugLayer


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
