"""Generated samples as pictures, beside the real ones."""

from __future__ import annotations

from explorer.session.snapshot import Arrays
from explorer.views._base import layer
from explorer.views._mosaic import MosaicLayer


@layer
class Images(MosaicLayer):
    """The first samples of the model; the same z at every step."""

    key = "model"
    title = "model"
    help = "Generated samples x̂ = g_θ(z); the same z at every step."
    role = "model"
    observation = "images"
    order = 20
    pane = 1
    caption = "generated&nbsp; x̂ = g<sub>θ</sub>(z)"

    def draw(self, arrays: Arrays, step: int) -> None:
        """The pictures of this step."""
        self.put(arrays["images"])

    def words(self, number: int) -> str:
        """Which one."""
        return f"generated picture {number + 1}"
