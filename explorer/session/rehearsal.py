"""A step tried out while a new run waits, so that one knows what a step takes before pressing play."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from explorer.session.messages import Costed
from explorer.session.run import Run

AFTER: Final = 1.0
"""Seconds after the start: the first picture comes first."""

MOST: Final = 10_000_000_000
"""Multiplications of the largest step that is tried: more would keep the user waiting."""


class Rehearsal:
    """Tells what a run costs at once, and what a step takes once it has been tried. Times are seconds of ``clock``."""

    def __init__(
        self, run: Run, cost: Mapping[str, float], send: Callable[[Any], None], clock: Callable[[], float]
    ) -> None:
        self._run, self._cost, self._send, self._clock = run, cost, send, clock
        is_small = cost.get("multiply_adds", 0) <= MOST
        self._due = clock() + AFTER if is_small and run.trainer.step == 0 else math.inf
        send(Costed(run.number, cost))

    def go_on(self) -> float:
        """Try a step if it is time.

        Returns:
            Seconds until it is; infinite when there is nothing more to do.
        """
        delay = self._due - self._clock()
        if delay > 0:
            return delay
        self._due = math.inf
        self._send(Costed(self._run.number, {**self._cost, "seconds": self._run.trainer.rehearse()}))
        return math.inf
