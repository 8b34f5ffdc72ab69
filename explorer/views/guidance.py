"""What guidance costs: coverage falls and the class is surer with w, for the weights of this moment."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtWidgets import QWidget

from explorer.session.snapshot import Arrays, Scene, Snapshot
from explorer.views._card import Card, card
from explorer.views._guidance_picture import GuidancePicture

KEY: Final = "guidance"


@card
class GuidanceCard(Card):
    """How much of the data samples reach, and how sure their class is, against the weight w of the guidance."""

    title = "Guidance"
    key = KEY
    beside = "curves"
    order = 40
    fronts = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = GuidancePicture(self)
        self.put(self.picture)
        self._empty("press Space to train")

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """For models with classes to guide to."""
        return "classes" in scene.offers

    def needs(self) -> frozenset[str]:
        """The one observation: it is made only while the card is seen, for it takes several passes of the sampler."""
        return frozenset({KEY})

    def clear(self) -> None:
        """A new run."""
        super().clear()
        self._empty("")

    def take_scene(self, scene: Scene) -> None:
        """Nothing is known of the new run yet."""
        self._empty("")

    def draw(self, snapshot: Snapshot) -> None:
        """What this snapshot's weights give at each w."""
        arrays = snapshot.pictures.get(KEY)
        if arrays is None:
            self._empty(snapshot.missing.get(KEY, ""))
            return
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
    """What is seen at the present w, the longest wording first."""
    here = int(np.argmin(np.abs(arrays["weight"] - float(arrays["now"]))))
    coverage, certainty = (float(arrays[key][here]) for key in ("coverage", "certainty"))
    said = f"w = {float(arrays['now']):g}: coverage {coverage:.2f}, certainty {certainty:.2f}".replace("nan", "–")
    fresh = f"fresh data {float(arrays['coverage floor'][0]):.2f}, {float(arrays['certainty floor'][0]):.2f}"
    return f"{said} ({fresh}) · n = {int(arrays['n'])}", f"{said} ({fresh})", said
