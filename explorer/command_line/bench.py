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
from collections.abc import Callable
from typing import Any, Final

from explorer.command_line.baseline import plain_step
from models.experiment import Experiment
from models.presets import find_preset
from models.training.trainer import Trainer

RECIPES: Final = ("ring", "moons_wasserstein", "mmd")
ROUNDS: Final = 5
ROUND_SECONDS: Final = 1.0
WARM_UP_STEPS: Final = 20


def bench(arguments: Namespace) -> int:
    """Measure everything and print it."""
    import torch

    torch.set_num_threads(1)
    result: dict[str, Any] = {"engine_ratio": {key: engine_ratio(find_preset(key)) for key in RECIPES}}
    result |= probe("window", empty_window())
    result |= probe("frames", {"frame_ms": None})
    result["machine"] = machine()
    print(json.dumps(result, indent=2) if arguments.json else "\n".join(_lines(result)))
    return 0


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


def empty_window() -> dict[str, Any]:
    """What is said of the window where it cannot be opened."""
    keys = ("window_ratio", "gui_p50_ms", "gui_p99_ms", "window_s", "first_picture_s", "memory_mb")
    return dict.fromkeys(keys)


def probe(what: str, otherwise: dict[str, Any]) -> dict[str, Any]:
    """Run one of the window's probes in a process of its own, without a screen.

    Args:
        what: ``window`` or ``frames``.
        otherwise: the answer where Qt is not usable here; a line on standard error then says why.
    """
    command = [sys.executable, "-m", "explorer.command_line.probe", what]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        print(f"the {what} could not be measured: {last}", file=sys.stderr)
        return otherwise
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
