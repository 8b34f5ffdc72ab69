"""Where a denoising model's error comes from: from what was not learnt, or from the sampler's steps."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtWidgets import QWidget

from explorer.session.snapshot import Arrays, Scene, Snapshot
from explorer.views._card import Card, card
from explorer.views._error_picture import ErrorPicture, said

KEY: Final = "sampler_error"


@card
class SamplerErrorCard(Card):
    """Distances from data of the model, of the exact field with the same sampler, and of fresh data; errors over t."""

    title = "Error sources"
    key = KEY
    beside = "curves"
    order = 60
    fronts = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = ErrorPicture(self)
        self.put(self.picture)
        self._empty("press Space to train")

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """For models with a way from noise to data."""
        return "process" in scene.offers

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
        """The errors at this snapshot's weights."""
        arrays = snapshot.pictures.get(KEY)
        if arrays is None:
            self._empty(snapshot.missing.get(KEY, ""))
        elif not (np.isfinite(arrays["model"]) and np.isfinite(arrays["learning"]).all()):
            self._empty("The samples are not finite here: there is no distance to measure.")
        else:
            self.picture.show_arrays(arrays)
            self.header.set_subtitle(*verdict(arrays))

    def restyle(self) -> None:
        """Colours and sizes of the picture."""
        self.picture.theme, self.picture.scale = self.theme, self.scale
        self.picture.update()

    def _empty(self, reason: str) -> None:
        self.picture.message = reason
        self.picture.show_arrays(None)
        self.header.set_subtitle("")


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
