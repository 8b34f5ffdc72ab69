"""Numbers that are found several times with one seed, from fresh samples."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence

from models.reproduction._base import Progress, Trial


def repeated(quantity: str, once: Callable[[], float], repeats: int, progress: Progress) -> Trial:
    """A trial of a number found so often: its mean under its name, and each of them."""
    found = []
    for done in range(repeats):
        found.append(once())
        progress((done + 1) / repeats)
    return {quantity: statistics.fmean(found)} | {f"{quantity} {i}": value for i, value in enumerate(found)}


def all_repeats(trials: Mapping[int, Trial], quantity: str) -> list[float]:
    """Every repeat of every seed."""
    return [value for trial in trials.values() for name, value in trial.items() if name.startswith(f"{quantity} ")]


def spread(found: Sequence[float]) -> float | None:
    """The standard deviation of one of them, None of a single one."""
    return statistics.stdev(found) if len(found) > 1 else None
