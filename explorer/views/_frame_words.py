"""One frame in words: its time, how much noise there is, which step of which sampler."""

from __future__ import annotations

from typing import Final

from explorer.session.snapshot import Arrays, Snapshot

ENDLESS: Final = 1e4
"""Beyond that ratio of noise to data there is noise alone."""


TELLING: Final = 0.05
"""So many of the particles outside the picture are worth telling."""


def words_of(arrays: Arrays, frame: int, snapshot: Snapshot, outside: float) -> tuple[str, ...]:
    """The longest wording first; ``outside`` is the share of the particles that are not in the picture."""
    time, noise = float(arrays["time"][frame]), float(arrays["noise"][frame])
    when, level = f"t = {time:.2f}", f"σ/α = {ratio(noise)}"
    step, steps = int(arrays["number"][frame]), int(arrays["steps"])
    past = () if snapshot.live else (f"looked back to step {snapshot.step:,}",)
    rescaled = ("drawn ÷ √(α² + σ²)",) if int(arrays["rescaled"]) else ()
    lost = (f"{outside:.0%} outside".replace("%", " %"),) if outside > TELLING else ()
    sampler = str(arrays["sampler"])
    counted = f"step {step} of {steps}"
    return (
        " · ".join((when, level, f"sampler's {counted}: {sampler}", *rescaled, *lost, *past)),
        " · ".join((when, level, f"sampler's {counted}", *rescaled, *lost, *past)),
        " · ".join((when, level, counted, *rescaled, *lost, *past)),
        " · ".join((when, level, counted, *rescaled, *lost)),
        " · ".join((when, counted, *rescaled, *lost)),
        " · ".join((when, counted)),
        when,
    )


def ratio(noise: float) -> str:
    """Noise to data in few digits; infinity where nothing is left of the data."""
    if noise >= ENDLESS:
        return "∞"
    return f"{noise:.0f}" if noise >= 9.95 else f"{noise:.1f}" if noise >= 0.95 else f"{noise:.2f}"
