"""Where things stand on the strip between noise and data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QRectF

from explorer.session.snapshot import Array

LABELS_PX: Final = 94
"""Room for the words at the left."""

EDGE_PX: Final = 13
GAP_PX: Final = 6
BAR_PX: Final = 40
"""Height of the bar with its times."""

COUNTS: Final = (9, 8, 7, 6, 5, 4)
"""Pictures in a row, the most that is wished for first."""

SIDES_PX: Final = (34.0, 112.0)
"""Least and greatest height of a row."""

LOW_PX: Final = 440
"""In a lower card the plot needs the room of both rows: then there is the bar alone."""

ROOMY: Final = 0.9
"""Rather fewer pictures than such as do not fill so much of their row."""

EVENNESS: Final = 10.0
"""Pictures that one would do without for gaps that do not differ by as much as their mean."""

SHARE: Final = 0.22
"""Of the card's height that both rows have at most."""


@dataclass(frozen=True)
class StripPlaces:
    """Two rows of pictures above a bar, in pixels.

    Attributes:
        row: height of either.
        first: where the bar begins: the middle of the first picture.
        last: where it ends: the middle of the last one.
        scale: of text and lines.
        has_pictures: whether there is room for them.
    """

    row: float = 60.0
    first: float = 110.0
    last: float = 500.0
    scale: float = 1.0
    has_pictures: bool = True

    @classmethod
    def in_card(cls, width: int, height: int, scale: float) -> StripPlaces:
        """For a card of this size."""
        row = float(round(max(SIDES_PX[0], min(SHARE * height / 2, SIDES_PX[1] * scale))))
        first, last = LABELS_PX * scale + row / 2, width - EDGE_PX * scale - row / 2
        return cls(row, first, last, scale, height >= LOW_PX * scale)

    @property
    def height(self) -> float:
        """Of all."""
        rows = 2 * (self.row + GAP_PX * self.scale) if self.has_pictures else GAP_PX * self.scale
        return rows + BAR_PX * self.scale

    @property
    def bar_middle(self) -> float:
        """How low the bar lies."""
        return self.height - (BAR_PX - 12) * self.scale

    def pictured(self, shares: Array) -> tuple[list[int], float]:
        """Which frames at these shares of the bar have a picture, and its side: as many, and as evenly, as fit."""
        rows = [(chosen, self._side(shares[list(chosen)])) for chosen in {spread(count, shares) for count in COUNTS}]
        roomy = [row for row in rows if row[1] >= ROOMY * self.row]
        if roomy:
            chosen, side = max(roomy, key=lambda row: len(row[0]) - EVENNESS * _unevenness(shares[list(row[0])]))
        else:
            chosen, side = max(rows, key=lambda row: row[1])
        return list(chosen), side

    def _side(self, places: Array) -> float:
        """The largest side for which no two pictures above these shares touch."""
        apart = float(np.diff(places).min(initial=1.0)) * (self.last - self.first)
        return max(1.0, min(self.row, float(round(apart - GAP_PX * self.scale))))

    def box(self, x: float, row: int, side: float) -> QRectF:
        """A picture with its middle at x."""
        top = GAP_PX * self.scale + row * (self.row + GAP_PX * self.scale) + (self.row - side) / 2
        return QRectF(round(x - side / 2), round(top), side, side)

    def at_share(self, share: float) -> float:
        """Where a share of the way stands on the bar."""
        return self.first + share * (self.last - self.first)

    def share_of(self, x: float) -> float:
        """The share of the way at a place, in [0, 1]."""
        return min(1.0, max(0.0, (x - self.first) / max(1.0, self.last - self.first)))


def _unevenness(places: Array) -> float:
    gaps = np.diff(places)
    return float((gaps.max() - gaps.min()) / gaps.mean()) if len(gaps) else 0.0


def spread(count: int, shares: Array) -> tuple[int, ...]:
    """So many of the frames at these shares, as evenly as there are some; fewer where there are not so many."""
    wished = np.linspace(0.0, 1.0, count)
    return tuple(np.unique(np.abs(shares[:, None] - wished).argmin(0)).tolist())
