"""The gradient of a minibatch beside that of the whole sample: unbiased, and its spread falls as 1/√N."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtWidgets import QWidget

from explorer.session.snapshot import Arrays, Scene, Snapshot
from explorer.views._card import Card, card
from explorer.views._gradient_picture import GradientPicture

KEY: Final = "gradient_estimate"


@card
class GradientEstimateCard(Card):
    """What batches of each size N give, as lengths along the full gradient, and their spread against N."""

    title = "Gradient estimate"
    tab = "Gradient"
    key = KEY
    beside = "curves"
    order = 50
    fronts = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = GradientPicture(self)
        self.put(self.picture)
        self._empty("press Space to train")

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """For losses that are means over data points."""
        return "per_sample_loss" in scene.offers

    def needs(self) -> frozenset[str]:
        """The one observation."""
        return frozenset({KEY})

    def clear(self) -> None:
        """A new run."""
        super().clear()
        self._empty("")

    def take_scene(self, scene: Scene) -> None:
        """Nothing is known of the new run yet."""
        self._empty("")

    def draw(self, snapshot: Snapshot) -> None:
        """The estimates at this snapshot's weights."""
        arrays = snapshot.pictures.get(KEY)
        if arrays is None:
            self._empty(snapshot.missing.get(KEY, ""))
        elif not np.isfinite(arrays["spread"]).all() or not (arrays["spread"] > 0).all():
            self._empty("The gradient of the whole sample is zero here: there is no direction to measure along.")
        else:
            self.picture.show_arrays(arrays)
            self.header.set_subtitle(*subtitle(arrays))

    def restyle(self) -> None:
        """Colours and sizes of the picture."""
        self.picture.theme, self.picture.scale = self.theme, self.scale
        self.picture.update()

    def _empty(self, reason: str) -> None:
        self.picture.message = reason
        self.picture.show_arrays(None)
        self.header.set_subtitle("")


def subtitle(arrays: Arrays) -> tuple[str, ...]:
    """How the spread falls with N, and how large it is for the recipe's own batches, the longest wording first."""
    sizes, spread = arrays["sizes"].astype(float), arrays["spread"].astype(float)
    slope = float(np.polyfit(np.log(sizes), np.log(spread), 1)[0])
    law = f"spread ∝ N^{slope:.2f}".replace("-", "−")
    if int(arrays["whole"]):
        return (f"{law}; here every step takes all n = {int(arrays['points']):,}", "every step takes all", law)
    batch = int(arrays["batch"])
    own = float(spread[0] * np.sqrt(sizes[0] / batch))
    return (f"{law}; {own:.2g} ‖∇‖ at N = {batch:,}", f"{own:.2g} ‖∇‖ at N = {batch:,}", law)
