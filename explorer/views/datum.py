"""The point x of the data that is asked about elsewhere, such as whose z is inferred."""

from __future__ import annotations

from explorer.session.snapshot import Arrays, Scene
from explorer.views._base import Layer, is_line, is_picture, is_plane, layer
from explorer.views._mark_layer import CaptionedLayer, MarkLayer


class Datum(Layer):
    """What every picture of it has in common; shown by the view when a card says so, not by a snapshot."""

    key = "datum"
    title = "x"
    role = "text"
    order = 71
    switch = False


@layer
class DatumMark(Datum, MarkLayer):
    """A ring where it lies."""

    text = "x"
    depth = 79

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates or one, of models whose z is inferred."""
        return "posterior" in scene.offers and (is_plane(scene) or is_line(scene))


@layer
class DatumImage(Datum, CaptionedLayer):
    """The picture below the real ones, and what is decoded from the mean of q(z|x) beside it."""

    pictures = 2
    caption = "x, and decoded\nfrom the mean of q(z|x)"
    gap = 0.15

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Samples are pictures, of models whose z is inferred."""
        return "posterior" in scene.offers and is_picture(scene)

    def draw(self, arrays: Arrays, step: int) -> None:
        """Both pictures: ``x``, shape (1, h w), and ``reconstruction``, shape (h w,)."""
        self.put([arrays["x"][0], arrays["reconstruction"]])
