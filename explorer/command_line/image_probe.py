"""What ``bench`` runs in a process of its own: how long a sheet of 100 pictures takes, and how much large ones hold.

``python -m explorer.command_line.image_probe`` prints one JSON object.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from PIL import Image
from PySide6.QtWidgets import QApplication

from explorer.command_line.bench import image_recipe
from explorer.command_line.frame_probe import ring_scene
from explorer.session.snapshot import Scene, Snapshot, freeze
from explorer.views.data_space import DataSpaceView
from models.data._picture import Picture
from models.experiment import Experiment
from models.training.trainer import Trainer

SHEET: Final = 100
REPEATS: Final = 7
VIEW_SIZE: Final = (800, 700)

LARGE: Final = Picture(3, 400, 400)
"""d = 480,000."""

LATENT: Final = 128
FILES: Final = 8
STEPS: Final = 3


def sheets() -> dict[str, Any]:
    """Median milliseconds until 100 digits are sampled, by recipe, and until they are drawn; and memory, in MB."""
    sample = {key: _sampled_ms(key) for key in ("digits_gan", "digits_vae", "digits_diffusion")}
    return {"image_ms": {"sample": sample, "draw": _drawn_ms()}, "memory_image_mb": _large_mb()}


def _median_ms(act: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def _sampled_ms(key: str) -> float:
    model = Trainer(image_recipe(key)).game.model
    return _median_ms(lambda: model.sample(SHEET, torch.Generator().manual_seed(0)))


def _drawn_ms() -> float:
    app = QApplication.instance() or QApplication([])
    view = DataSpaceView()
    view.resize(*VIEW_SIZE)
    view.set_scene(digit_scene())
    view.show()
    app.processEvents()
    chance = np.random.default_rng(0)

    def draw() -> None:
        images = chance.uniform(-1, 1, (SHEET, 64)).astype(np.float32)
        pictures = {"images": freeze({"images": images})}
        view.show_snapshot(Snapshot(run=1, step=1, seconds=0.0, live=True, pictures=pictures))
        view.grab()

    taken = _median_ms(draw)
    view.close()
    return taken


def digit_scene() -> Scene:
    """A scene of pictures of 8 × 8 pixels, for drawing only."""
    real = np.random.default_rng(0).uniform(-1, 1, (SHEET, 64)).astype(np.float32)
    return replace(
        ring_scene(),
        dimension=64, bounds=(0.0, 0.0, 1.0, 1.0), image_shape=(1, 8, 8), image_range=(-1.0, 1.0), real=real,
    )  # fmt: skip


def _large_mb() -> float | None:
    """Greatest resident memory of this process while convolutional nets train on pictures of 400 × 400 in colour.

    None on Windows, which does not tell it.
    """
    if sys.platform == "win32":
        return None
    import resource

    with tempfile.TemporaryDirectory() as folder:
        chance = np.random.default_rng(0)
        for number in range(FILES):
            pixels = chance.integers(0, 256, (LARGE.rows, LARGE.columns, LARGE.channels), dtype=np.uint8)
            Image.fromarray(pixels).save(Path(folder) / f"{number}.png")
        trainer = Trainer(_large_recipe(folder))
        for _ in range(STEPS):
            trainer.take_step()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _large_recipe(folder: str) -> Experiment:
    critic = {"key": "convolutional", "channels": 16}
    return Experiment.from_dict(
        {
            "data": {"key": "image_folder", "path": folder, "resolution": LARGE.rows},
            "latent": {"key": "gaussian", "dimension": LATENT},
            "architecture": critic,
            "objective": {"key": "adversarial", "r1": 0.5, "critic": critic},
            "batch_size": FILES,
        }
    )


if __name__ == "__main__":
    print(json.dumps(sheets()))
