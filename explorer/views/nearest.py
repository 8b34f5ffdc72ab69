"""Under each generated picture the training picture that is nearest to it."""

from __future__ import annotations

import numpy as np

from explorer.session.snapshot import Array, Arrays
from explorer.views._base import layer
from explorer.views._mosaic import MosaicLayer
from explorer.widgets.plot import Plot


@layer
class Nearest(MosaicLayer):
    """In the same order as the generated ones; framed where it is so near that the model may have copied it."""

    key = "nearest"
    title = "nearest"
    help = (
        "Under each generated picture the real one nearest to it, by the root mean square difference of pixels (of "
        "large pictures, reduced to 32 rows); framed where only one in twenty held-out pictures has one as near."
    )
    role = "data"
    observation = "nearest"
    order = 25
    visible = False
    pane = 2
    caption = "nearest real"

    def attach(self, plot: Plot) -> None:
        """The pictures."""
        super().attach(plot)
        self._arrays: Arrays = {}

    def draw(self, arrays: Arrays, step: int) -> None:
        """The pictures of this step, with distances and frames."""
        self._arrays = arrays
        distance, limit = arrays["distance"], float(arrays["limit"])
        self._mosaic.labels = [percent(value) for value in distance]
        self._mosaic.rings = dict.fromkeys(copies(distance, limit), self.theme.alarm)
        self.put(arrays["nearest"])
        self._caption.setHtml(self.told(distance, limit))

    def told(self, distance: Array, limit: float) -> str:
        """The caption, with how many may be copies."""
        if not np.isfinite(limit):
            return self.caption
        near = len(copies(distance, limit))
        return f"{self.caption}, <b>{near}</b> too near"

    def words(self, number: int) -> str:
        """How far it is, and how far held-out pictures are."""
        if not self._arrays or number >= len(self._arrays["distance"]):
            return ""
        distance, limit = float(self._arrays["distance"][number]), float(self._arrays["limit"])
        lines = [f"nearest of {int(self._arrays['among']):,} real pictures: differs by {percent(distance)}"]
        if np.isfinite(limit):
            others = "held-out pictures" if int(self._arrays["held_out"]) else "real pictures from each other"
            sense = "nearer" if distance < limit else "not nearer"
            lines.append(f"{sense} than 19 of 20 {others} ({percent(limit)})")
        return "\n".join(lines)

    def restyle(self) -> None:
        """Frames, too."""
        super().restyle()
        self._mosaic.rings = dict.fromkeys(self._mosaic.rings, self.theme.alarm)


def copies(distance: Array, limit: float) -> list[int]:
    """Numbers of the pictures that are nearer than that."""
    return np.flatnonzero(distance < limit).tolist()


def percent(share: float) -> str:
    """A distance as a share of the way from black to white, in words."""
    return f"{100 * share:.1f} %" if share < 0.0995 else f"{100 * share:.0f} %"
