"""``pushforward bench``: speed and memory of this program on this machine, each as a ratio or in units of its own."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from explorer.command_line.baseline import plain_step
from models.experiment import Experiment
from models.presets import find_preset
from models.training.trainer import Trainer

RECIPES: Final = ("ring", "moons_wasserstein", "mmd")
"""Presets."""

FAMILIES: Final = ("diffusion", "flow_matching")
"""Families whose recipe is the one that names nothing else."""

CONVOLUTIONAL: Final = {"key": "convolutional"}

IMAGES: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "digits_gan": {
            "architecture": CONVOLUTIONAL,
            "latent": {"key": "gaussian", "dimension": 16},
            "objective": {"key": "adversarial", "r1": 0.5, "critic": CONVOLUTIONAL},
        },
        "digits_vae": {
            "architecture": CONVOLUTIONAL,
            "latent": {"key": "gaussian", "dimension": 16},
            "family": {"key": "variational_autoencoder", "encoder": CONVOLUTIONAL},
        },
        "digits_diffusion": {
            "architecture": {"key": "unet"},
            "latent": {"key": "gaussian", "dimension": 64},
            "family": {"key": "diffusion", "place_features": 0},
        },
    }
)
"""Recipes of digits, batches of 64: what the name says, with convolutions."""

WATCHED: Final = "ring"
"""Preset with which the window is watched."""

PLAYING: Final = "ddpm_ring"
"""Preset with which it is watched a second time, while particles play from noise to data with all fields."""

ROUNDS: Final = 5
ROUND_SECONDS: Final = 1.0
WARM_UP_STEPS: Final = 20


def bench(arguments: Namespace) -> int:
    """Measure everything and print it."""
    import torch

    torch.set_num_threads(1)
    recipes = {key: find_preset(key) for key in RECIPES}
    recipes |= {key: Experiment.from_dict({"family": key}) for key in FAMILIES}
    recipes |= {key: image_recipe(key) for key in IMAGES}
    result: dict[str, Any] = {"engine_ratio": {key: engine_ratio(recipe) for key, recipe in recipes.items()}}
    result |= beside_the_window(WATCHED)
    playing = beside_the_window(PLAYING)
    result["process_card"] = {key: playing[key] for key in ("window_ratio", "gui_p50_ms", "gui_p99_ms")}
    result |= {"frame_ms": None, **probe("frame_probe"), **probe("image_probe"), "machine": machine()}
    print(json.dumps(result, indent=2) if arguments.json else "\n".join(_lines(result)))
    return 0


def image_recipe(key: str) -> Experiment:
    """One of the recipes of digits."""
    return Experiment.from_dict({"data": "digits", "batch_size": 64, **IMAGES[key]})


def engine_ratio(experiment: Experiment, rounds: int = ROUNDS, seconds: float = ROUND_SECONDS) -> float:
    """Steps per second of our trainer over those of the loop written by hand: the median over interleaved rounds."""
    ours, plain = Trainer(experiment).take_step, plain_step(experiment)
    for step in (ours, plain):
        for _ in range(WARM_UP_STEPS):
            step()
    return statistics.median(rate(ours, seconds) / rate(plain, seconds) for _ in range(rounds))


def rate(step: Callable[[], object], seconds: float) -> float:
    """Steps per second of wall time."""
    started = time.perf_counter()
    taken = 0
    while time.perf_counter() - started < seconds:
        step()
        taken += 1
    return taken / (time.perf_counter() - started)


def beside_the_window(preset: str, seconds: float = 4 * ROUND_SECONDS) -> dict[str, Any]:
    """The real window at work: its times, and its steps per second over those of the bare trainer before and after."""
    step = Trainer(find_preset(preset)).take_step
    for _ in range(WARM_UP_STEPS):
        step()
    before = rate(step, seconds)
    watched = probe("live_probe", str(time.time()), preset)
    after = rate(step, seconds)
    with_window = watched.pop("window_rate", None)
    ratio = 2 * with_window / (before + after) if with_window else None
    keys = ("gui_p50_ms", "gui_p99_ms", "window_s", "first_picture_s", "memory_mb")
    return {"window_ratio": ratio, **{key: watched.get(key) for key in keys}}


def probe(module: str, *words: str) -> dict[str, Any]:
    """Run one of the probes in a process of its own, without a screen.

    Returns:
        What it printed; nothing where Qt is not usable here, after a line on standard error that says why.
    """
    command = [sys.executable, "-m", f"explorer.command_line.{module}", *words]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        print(f"pushforward: {module} ended early: {last}", file=sys.stderr)
        return {}
    return json.loads(done.stdout)


def machine() -> dict[str, Any]:
    """What the numbers were measured on."""
    import numpy
    import torch

    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
    }


def _lines(result: dict[str, Any]) -> list[str]:
    engine = (f"engine, {key}: {ratio:.2f} × a plain PyTorch loop" for key, ratio in result["engine_ratio"].items())
    frames = (f"picture of {n} points: {ms:.1f} ms" for n, ms in (result["frame_ms"] or {}).items())
    rest = (f"{key}: {value}" for key, value in result.items() if key not in ("engine_ratio", "frame_ms", "machine"))
    return [*engine, *rest, *frames, *(f"{key}: {value}" for key, value in result["machine"].items())]
