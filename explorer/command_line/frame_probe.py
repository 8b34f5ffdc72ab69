"""What ``bench`` runs in a process of its own: how long a picture takes to draw, by number of points.

``python -m explorer.command_line.frame_probe`` prints one JSON object.
"""

from __future__ import annotations

import json
import statistics
import time
from typing import Any, Final

import numpy as np
from PySide6.QtWidgets import QApplication

from explorer.session.snapshot import Scene, Snapshot, freeze
from explorer.views.data_space import DataSpaceView

POINTS: Final = (1_000, 10_000, 100_000, 1_000_000)
VIEW_SIZE: Final = (800, 700)
REPEATS: Final = 7


def frames() -> dict[str, Any]:
    """Median milliseconds from a snapshot's arrival until the data space is painted, by number of points."""
    app = QApplication.instance() or QApplication([])
    view = DataSpaceView()
    view.resize(*VIEW_SIZE)
    view.set_scene(ring_scene())
    view.show()
    app.processEvents()
    times = {str(n): statistics.median(_frame_ms(view, n, step) for step in range(REPEATS)) for n in POINTS}
    view.close()
    return {"frame_ms": times}


def _frame_ms(view: DataSpaceView, n: int, step: int) -> float:
    chance = np.random.default_rng(step)
    x = chance.normal(0, 0.5, (n, 2)).astype(np.float32)
    pictures = {"samples": freeze({"x": x})}
    snapshot = Snapshot(run=1, step=step, seconds=0.0, live=True, pictures=pictures)
    started = time.perf_counter()
    view.show_snapshot(snapshot)
    view.grab()
    return 1000 * (time.perf_counter() - started)


def ring_scene() -> Scene:
    """A scene of 10,000 points without modes, for drawing only."""
    real = np.random.default_rng(0).normal(0, 0.5, (10_000, 2)).astype(np.float32)
    return Scene(
        run=1,
        title="Bench",
        dimension=2,
        latent_dimension=2,
        bounds=(-1.5, -1.5, 1.5, 1.5),
        latent_extent=3.0,
        image_shape=None,
        image_range=(0.0, 1.0),
        real=real,
        density=np.zeros((128, 128), np.float32),
        exact=True,
        mode_means=np.empty((0, 2), np.float32),
        mode_radii=np.empty(0, np.float32),
        mode_weights=np.empty(0, np.float32),
        mode_names=(),
        parameters=0,
        critic_parameters=0,
    )


if __name__ == "__main__":
    print(json.dumps(frames()))
