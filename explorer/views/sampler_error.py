"""Where a denoising model's error comes from: from what was not learnt, or from the sampler's steps."""

from __future__ import annotations

from typing import Final

import numpy as np

from explorer.session.snapshot import Arrays, Scene
from explorer.views._card import card
from explorer.views._error_picture import ErrorPicture, said
from explorer.views._painted_card import PaintedCard

KEY: Final = "sampler_error"


@card
class SamplerErrorCard(PaintedCard):
    """Distances from data of the model, of the exact field with the same sampler, and of fresh data; errors over t."""

    title = "Error sources"
    key = KEY
    paints = ErrorPicture
    order = 60

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """For models with a way from noise to data."""
        return "process" in scene.offers

    def flaw(self, arrays: Arrays) -> str:
        """Samples beyond all numbers have no distance."""
        if np.isfinite(arrays["model"]) and np.isfinite(arrays["learning"]).all():
            return ""
        return "The samples are not finite here: there is no distance to measure."

    def words(self, arrays: Arrays) -> tuple[str, ...]:
        """See ``verdict``."""
        return verdict(arrays)


def verdict(arrays: Arrays) -> tuple[str, ...]:
    """Which part of the error is the larger one, the longest wording first."""
    model, floor, high = (float(arrays[key]) for key in ("model", "floor", "floor_high"))
    exact = float(arrays["memorised"] if int(arrays["by_heart"]) else arrays["exact"])
    passes = f"{arrays['sampler']}, {int(arrays['passes'])} passes"
    if model <= high:
        return (f"as near as fresh data · {passes}", "as near as fresh data", "as fresh data")
    sampler, learning = max(0.0, exact - floor), max(0.0, model - max(exact, floor))
    if exact <= high or learning >= sampler:
        return (
            f"mostly not learnt: {said(learning)} of {said(model - floor)} · {passes}",
            "mostly not learnt",
            "not learnt",
        )
    return (
        f"mostly the sampler's: {said(sampler)} of {said(model - floor)} · {passes}",
        "mostly the sampler's",
        "the sampler's",
    )
