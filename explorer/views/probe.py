"""The image x̂ = g_θ(z) of the z that the user holds in latent space."""

from __future__ import annotations

from explorer.session.snapshot import Arrays, Scene
from explorer.views._base import Layer, is_line, is_picture, is_plane, layer
from explorer.views._mark_layer import CaptionedLayer, MarkLayer


class Probe(Layer):
    """What every picture of the probe has in common; shown by the view when an answer comes, not by a snapshot."""

    key = "probe"
    title = "probe"
    role = "text"
    order = 70
    switch = False


@layer
class ProbeMark(Probe, MarkLayer):
    """A ring where it lands."""

    text = "x̂"
    depth = 80

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates or one."""
        return is_plane(scene) or is_line(scene)


@layer
class ProbeImage(Probe, CaptionedLayer):
    """One picture below the mosaics."""

    lane = 1
    caption = "x̂ of the z that you hold"
    gap = 0.1

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Samples are pictures."""
        return is_picture(scene)

    def draw(self, arrays: Arrays, step: int) -> None:
        """The picture: ``x``, shape (1, h w)."""
        self.put([arrays["x"][0]])
