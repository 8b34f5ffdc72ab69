"""What a recipe costs, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

UNITS: Final = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))

HELP: Final = (
    "Counted from the shapes of the networks: multiplications by weights, forwards and backwards, for the whole batch. "
    "The time is that of a step tried out on this machine and undone; the memory is about what all processes take "
    "together."
)


def cost_words(cost: Mapping[str, float]) -> str:
    """Weights, work, time and memory; empty where nothing is known.

    Args:
        cost: ``parameters``, ``critic_parameters``, ``multiply_adds`` in a step, ``memory`` in bytes, and ``seconds``
            of a step where one was tried.
    """
    weights = int(cost.get("parameters", 0))
    if not weights:
        return ""
    critic = int(cost.get("critic_parameters", 0))
    beside = f", critic {critic:,}" if critic else ""
    known = [f"{weights:,} weights{beside}", _step(cost), f"{cost.get('memory', 0) / 2**30:.1f} GB of memory"]
    return " · ".join(part for part in known if part)


def _step(cost: Mapping[str, float]) -> str:
    work, seconds = cost.get("multiply_adds", 0), cost.get("seconds", math.nan)
    told = [f"{large(work)} products"] if work else []
    told += [duration(seconds)] if math.isfinite(seconds) else []
    return f"a step: {', '.join(told)}" if told else ""


def large(number: float) -> str:
    """A number of things, with two digits where it is large: ``24 million``."""
    for size, word in UNITS:
        if number >= size:
            return f"{number / size:.2g} {word}" if number < 100 * size else f"{number / size:,.0f} {word}"
    return f"{number:,.0f}"


def duration(seconds: float) -> str:
    """A time with two digits, in the unit that suits it."""
    if seconds < 1:
        return f"{seconds * 1e3:.2g} ms" if seconds < 0.0995 else f"{seconds * 1e3:.0f} ms"
    return f"{seconds:.2g} s" if seconds < 100 else f"{seconds:,.0f} s"
