"""What guidance costs: coverage falls and the class is surer with w, for the weights of this moment."""

from __future__ import annotations

from typing import Final

import numpy as np

from explorer.session.snapshot import Arrays, Scene
from explorer.views._card import card
from explorer.views._guidance_picture import GuidancePicture
from explorer.views._painted_card import PaintedCard

KEY: Final = "guidance"


@card
class GuidanceCard(PaintedCard):
    """How much of the data samples reach, and how sure their class is, against the weight w of the guidance."""

    title = "Guidance"
    key = KEY
    paints = GuidancePicture
    order = 40

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """For models with classes to guide to."""
        return {"process", "classes"} <= scene.offers

    def words(self, arrays: Arrays) -> tuple[str, ...]:
        """See ``subtitle``."""
        return subtitle(arrays)


def subtitle(arrays: Arrays) -> tuple[str, ...]:
    """What is seen at the present w, the longest wording first."""
    here = int(np.argmin(np.abs(arrays["weight"] - float(arrays["now"]))))
    coverage, certainty = (float(arrays[key][here]) for key in ("coverage", "certainty"))
    said = f"w = {float(arrays['now']):g}: coverage {coverage:.2f}, certainty {certainty:.2f}".replace("nan", "–")
    fresh = f"fresh data {float(arrays['coverage floor'][0]):.2f}, {float(arrays['certainty floor'][0]):.2f}"
    return f"{said} ({fresh}) · n = {int(arrays['n'])}", f"{said} ({fresh})", said
