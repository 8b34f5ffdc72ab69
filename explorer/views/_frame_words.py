"""One frame in words: its time, how much noise there is, which step of which sampler."""

from __future__ import annotations

from typing import Final

from explorer.session.snapshot import Arrays, Snapshot

ENDLESS: Final = 1e4
"""Beyond that ratio of noise to data there is noise alone."""


def words_of(arrays: Arrays, frame: int, snapshot: Snapshot) -> tuple[str, ...]:
    """The longest wording first."""
    time, noise = float(arrays["time"][frame]), float(arrays["noise"][frame])
    when, level = f"t = {time:.2f}", f"σ/α = {ratio(noise)}"
    step, steps = int(arrays["number"][frame]), int(arrays["steps"])
    past = () if snapshot.live else (f"looked back to step {snapshot.step:,}",)
    rescaled = ("÷ √(α² + σ²)",) if int(arrays["rescaled"]) else ()
    sampler = str(arrays["sampler"])
    counted = f"step {step} of {steps}"
    return (
        " · ".join((when, level, f"sampler's {counted}: {sampler}", *rescaled, *past)),
        " · ".join((when, level, f"sampler's {counted}", *rescaled, *past)),
        " · ".join((when, level, counted, *rescaled)),
        " · ".join((when, counted, *rescaled)),
        " · ".join((when, counted)),
        when,
    )


def ratio(noise: float) -> str:
    """Noise to data in few digits; infinity where nothing is left of the data."""
    if noise >= ENDLESS:
        return "∞"
    return f"{noise:.0f}" if noise >= 9.95 else f"{noise:.1f}" if noise >= 0.95 else f"{noise:.2f}"
