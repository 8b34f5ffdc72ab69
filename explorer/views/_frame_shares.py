"""How much of the bar between noise and data lies behind each frame."""

from __future__ import annotations

from typing import Final

import numpy as np

from explorer.session.snapshot import Array

DROWNED: Final = 1.5
"""The ratio σ/α beyond which nothing of the data is seen."""

MOST: Final = 0.5
"""A schedule lingers in the noise that has more than this share of its frames there."""

ROOM: Final = 0.25
"""Of such a frame's room on the bar that it keeps then."""

FEW: Final = 10
"""So few frames stand evenly: each has its picture."""


def frame_shares(noise: Array) -> Array:
    """Shares of the frames, rising from 0 to 1: even ones, but of a schedule that lingers in the noise.

    Linear β spends two thirds of its time where nothing of the data is seen (Nichol and Dhariwal 2021,
    arXiv:2102.09672, figure 3); evenly spread, nearly all pictures of it would look alike.

    Args:
        noise: σ/α of each frame, shape (F,), falling.
    """
    drowned = noise[:-1] > DROWNED
    if len(noise) <= FEW or drowned.mean() <= MOST:
        return np.linspace(0.0, 1.0, len(noise))
    ends = np.cumsum(np.where(drowned, ROOM, 1.0))
    return np.concatenate([[0.0], ends / ends[-1]])
