"""Where the particles of one frame stand: in the plane, or, of numbers on a line, above their time."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from explorer.session.snapshot import Scene
from explorer.views._base import is_line, is_plane
from explorer.views._frame_layer import FrameLayer

Points = NDArray[Any]

LARGER: Final = 1.5
"""Few particles have larger dots than many samples."""


class WayLayer(FrameLayer):
    """A layer of particles in the plane, or of numbers over time.

    Over a line the plot shows numbers upwards and the share of the way across: 0 at the first frame, 1 at the last.
    """

    observation = "process"

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """All data but pictures."""
        return is_plane(scene) or is_line(scene)

    def set_scene(self, scene: Scene) -> None:
        """Whether a particle is a number."""
        self.is_line = is_line(scene)

    def points(self, rows: Points, frame: int) -> Points:
        """The particles of a frame, of rows of shape (F, N, d), as points of the plot: shape (N, 2)."""
        return rows[frame] if rows.shape[2] > 1 else _beside_time(rows, frame)

    def lines(self, rows: Points, first: int, last: int) -> tuple[Points, Points, Points]:
        """Ways of all particles from one frame to another: x, y, and whether each point is joined to the next."""
        count = last - first + 1
        if rows.shape[2] > 1:
            joined = rows[first : last + 1].swapaxes(0, 1)
        else:
            joined = np.stack([_beside_time(rows, frame) for frame in range(first, last + 1)], 1)
        connect = np.ones((rows.shape[1], count), np.int32)
        connect[:, -1] = 0
        flat = np.ascontiguousarray(joined.reshape(-1, 2), np.float64)
        return flat[:, 0], flat[:, 1], connect.reshape(-1)


def share(frame: float, count: int) -> float:
    """How much of the way lies behind at a frame of so many."""
    return frame / max(1, count - 1)


def _beside_time(rows: Points, frame: int) -> Points:
    x = rows[frame][:, 0]
    return np.stack([np.full_like(x, share(frame, len(rows))), x], 1)
