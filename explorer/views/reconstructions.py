"""Where data comes back to when it goes through the latent space: arrows from x to its reconstruction."""

from __future__ import annotations

import numpy as np

from explorer.session.snapshot import Array, Arrays, Scene
from explorer.views._base import Layer, is_plane, layer
from explorer.views._items import Strokes
from explorer.views._mosaic import MosaicLayer
from explorer.widgets.plot import Plot

HEAD_PART = 0.34
"""Length of an arrow's head in units of its shaft …"""

HEAD_MOST = 0.014
"""… and at most, in units of the frame's width."""


class Reconstructions(Layer):
    """What every picture of the reconstructions has in common."""

    key = "reconstructions"
    title = "reconstructed"
    help = "From real samples x to what is decoded from the mean of q(z|x)."
    role = "text"
    observation = "reconstructions"
    order = 45
    visible = False


@layer
class ReconstructionArrows(Reconstructions):
    """Arrows in the plane."""

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Two coordinates, and a model that infers z."""
        return is_plane(scene) and "posterior" in scene.offers

    def attach(self, plot: Plot) -> None:
        """One path."""
        self._lines = Strokes()
        self._lines.setZValue(6)
        self.items = [self._lines]
        plot.box.addItem(self._lines, ignoreBounds=True)

    def set_scene(self, scene: Scene) -> None:
        """How large a head may be."""
        self._most = HEAD_MOST * (scene.bounds[2] - scene.bounds[0])

    def restyle(self) -> None:
        """Colour."""
        self._lines.set_ink(self.colour, 0.75)

    def draw(self, arrays: Arrays, step: int) -> None:
        """The arrows of this step, each as long as it is."""
        self._lines.set_points(*strokes(arrays["x"][:, :2], arrays["back"][:, :2], self._most), "pairs")


@layer
class ReconstructedImages(Reconstructions, MosaicLayer):
    """The pictures at the left, gone through the latent space: they take the place of the generated ones."""

    key = "reconstructed_images"
    title = "reconstructed"
    help = (
        "The real pictures at the left, decoded from the mean of q(z|x); in place of the generated ones and those "
        "nearest to them."
    )
    role = "model"
    pane = 1
    is_of_data = True
    caption = "reconstructed&nbsp; x̂ of the real x"
    covers = "model"

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Pictures, and a model that infers z."""
        return scene.image_shape is not None and "posterior" in scene.offers

    def draw(self, arrays: Arrays, step: int) -> None:
        """The pictures of this step."""
        self.put(arrays["back"])

    def words(self, number: int) -> str:
        """Which one."""
        return f"reconstruction of real picture {number + 1}"


def strokes(tails: Array, tips: Array, most: float) -> tuple[Array, Array]:
    """Shaft and two strokes of a head for each arrow as pairs of points: x and y, shape (6 N,).

    Args:
        tails: shape (N, 2).
        tips: shape (N, 2).
        most: longest head, data units.
    """
    ways = tips - tails
    lengths = np.maximum(np.linalg.norm(ways, axis=1, keepdims=True), 1e-12)
    along = ways / lengths * np.minimum(HEAD_PART * lengths, most)
    across = 0.55 * np.stack([-along[:, 1], along[:, 0]], axis=1)
    pairs = np.stack([tails, tips, tips, tips - along + across, tips, tips - along - across], axis=1).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]
