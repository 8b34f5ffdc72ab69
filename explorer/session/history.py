"""Kept states of a run: bounded, and thinned as it fills, so that they always span the whole run."""

from __future__ import annotations

import bisect
import threading
from collections.abc import Mapping
from typing import Any, Final

from explorer.session.messages import Kept

LIMIT: Final = 240
"""States that are held at most: as many as a time slider can tell apart."""

LIMIT_BYTES: Final = 256 * 2**20


class History:
    """States in the order of their steps. May be used from any thread."""

    def __init__(self, limit: int = LIMIT, limit_bytes: int = LIMIT_BYTES) -> None:
        """Open an empty history.

        Args:
            limit: most states held.
            limit_bytes: most memory held, bytes; the last state is held whatever it takes.
        """
        self._limit = max(2, limit)
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._kept: list[Kept] = []
        self._sizes: list[int] = []

    @property
    def steps(self) -> tuple[int, ...]:
        """Steps of the states, ascending."""
        with self._lock:
            return tuple(kept.step for kept in self._kept)

    @property
    def size(self) -> int:
        """Memory of all states, bytes."""
        with self._lock:
            return sum(self._sizes)

    def add(self, kept: Kept) -> None:
        """Hold a state; one of the same step or a later one is replaced, for the run has gone back behind it."""
        with self._lock:
            self._cut(kept.step - 1)
            self._kept.append(kept)
            self._sizes.append(size_of(kept.state))
            while len(self._kept) > 1 and self._is_full():
                self._thin()

    def at(self, step: int) -> Kept | None:
        """The state of this step or the nearest before it; the first one if there is none before; None if empty."""
        with self._lock:
            place = bisect.bisect_right([kept.step for kept in self._kept], step) - 1
            return self._kept[max(place, 0)] if self._kept else None

    def last(self) -> Kept | None:
        """The newest state."""
        with self._lock:
            return self._kept[-1] if self._kept else None

    def cut_after(self, step: int) -> None:
        """Forget the states after this step: the run takes another way from here."""
        with self._lock:
            self._cut(step)

    def clear(self) -> None:
        """Forget all: another run begins."""
        with self._lock:
            self._cut(-1)

    def _cut(self, step: int) -> None:
        while self._kept and self._kept[-1].step > step:
            self._kept.pop()
            self._sizes.pop()

    def _is_full(self) -> bool:
        return len(self._kept) > self._limit or sum(self._sizes) > self._limit_bytes

    def _thin(self) -> None:
        """Drop the state that leaves the smallest hole, the oldest of such: the rest stays spread over the run.

        Of two states that are too much, the first goes.
        """
        steps = [kept.step for kept in self._kept]
        holes = [steps[i + 1] - steps[i - 1] for i in range(1, len(steps) - 1)]
        place = 1 + holes.index(min(holes)) if holes else 0
        del self._kept[place], self._sizes[place]


def size_of(value: Any) -> int:
    """Memory of the arrays in nested plain values, bytes."""
    if hasattr(value, "nbytes"):  # an array
        return value.nbytes
    if isinstance(value, Mapping):
        return sum(size_of(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return sum(size_of(item) for item in value)
    return len(value) if isinstance(value, (bytes, str)) else 8
