"""Generated samples as pictures, beside the real ones."""

from __future__ import annotations

from explorer.session.snapshot import Arrays
from explorer.views._base import layer
from explorer.views._mosaic import GAP, WIDTH, MosaicLayer


@layer
class Images(MosaicLayer):
    """The first 64 samples of the model; the same z at every step."""

    key = "model"
    title = "model"
    help = "Generated samples x̂ = g_θ(z); the same z at every step."
    role = "model"
    observation = "images"
    order = 20
    left = WIDTH + GAP
    caption = "generated&nbsp; x̂ = g<sub>θ</sub>(z)"

    def draw(self, arrays: Arrays, step: int) -> None:
        """The pictures of this step."""
        self.put(arrays["images"])
