"""Where things stand on the strip between noise and data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF

LABELS_PX: Final = 84
"""Room for the words at the left."""

EDGE_PX: Final = 13
GAP_PX: Final = 6
BAR_PX: Final = 40
"""Height of the bar with its times."""

MOST: Final = 8
LEAST: Final = 6
"""Pictures in a row."""

SIDES_PX: Final = (34.0, 112.0)
"""Smallest and largest side of a picture."""

USUAL_PX: Final = 66.0
"""Where there is room for more pictures of this side, there are more."""

SHARE: Final = 0.22
"""Of the card's height that both rows have at most."""


@dataclass(frozen=True)
class StripPlaces:
    """Two rows of pictures above a bar, in pixels.

    Attributes:
        count: pictures in a row.
        side: of a picture.
        first: where the bar begins: the middle of the first picture.
        last: where it ends: the middle of the last one.
        scale: of text and lines.
    """

    count: int = LEAST
    side: float = 60.0
    first: float = 110.0
    last: float = 500.0
    scale: float = 1.0

    @classmethod
    def in_card(cls, width: int, height: int, scale: float) -> StripPlaces:
        """For a card of this size."""
        room = width - (LABELS_PX + EDGE_PX) * scale
        gap = GAP_PX * scale
        count = max(LEAST, min(MOST, int((room + gap) / (USUAL_PX * scale + gap))))
        side = min((room - (count - 1) * gap) / count, SHARE * height / 2, SIDES_PX[1] * scale)
        side = float(round(max(side, SIDES_PX[0])))
        return cls(count, side, LABELS_PX * scale + side / 2, width - EDGE_PX * scale - side / 2, scale)

    @property
    def height(self) -> float:
        """Of all."""
        return 2 * self.side + (2 * GAP_PX + BAR_PX) * self.scale

    @property
    def bar_middle(self) -> float:
        """How low the bar lies."""
        return self.height - (BAR_PX - 12) * self.scale

    def box(self, x: float, row: int) -> QRectF:
        """A picture with its middle at x."""
        top = GAP_PX * self.scale + row * (self.side + GAP_PX * self.scale)
        return QRectF(round(x - self.side / 2), round(top), self.side, self.side)

    def at_share(self, share: float) -> float:
        """Where a share of the way stands on the bar."""
        return self.first + share * (self.last - self.first)

    def share_of(self, x: float) -> float:
        """The share of the way at a place, in [0, 1]."""
        return min(1.0, max(0.0, (x - self.first) / max(1.0, self.last - self.first)))
