"""The gradient of a minibatch beside that of the whole sample: unbiased, and its spread falls as 1/√N."""

from __future__ import annotations

from typing import Final

import numpy as np

from explorer.session.snapshot import Arrays, Scene
from explorer.views._card import card
from explorer.views._gradient_picture import GradientPicture
from explorer.views._painted_card import PaintedCard

KEY: Final = "gradient_estimate"


@card
class GradientEstimateCard(PaintedCard):
    """What batches of each size N give, as lengths along the full gradient, and their spread against N."""

    title = "Gradient estimate"
    tab = "Gradient"
    key = KEY
    paints = GradientPicture
    order = 50

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """For losses that are means over data points, of which neither classes nor captions are told."""
        return "per_sample_loss" in scene.offers and not scene.offers & {"classes", "captions"}

    def flaw(self, arrays: Arrays) -> str:
        """A gradient of 0 has no direction."""
        if np.isfinite(arrays["spread"]).all() and (arrays["spread"] > 0).all():
            return ""
        return "The gradient of the whole sample is zero here: there is no direction to measure along."

    def words(self, arrays: Arrays) -> tuple[str, ...]:
        """See ``subtitle``."""
        return subtitle(arrays)


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
