"""When the next piece of work is due: the speed dial of training, and the share of a core that looking may use."""

from __future__ import annotations

from typing import Final

_LAG: Final = 0.1  # seconds: a machine that is further behind than this does not make up for it in a burst

_LONGEST: Final = 1.5  # seconds: no piece of work is so dear that all others wait for longer


class Pace:
    """Spaces steps evenly in time. All times are seconds of the caller's clock."""

    def __init__(self) -> None:
        self._period = 0.0
        self._due = 0.0

    def set(self, steps_per_second: float | None) -> None:
        """Steps per second from now on; None for no limit."""
        self._period = 1.0 / steps_per_second if steps_per_second else 0.0
        self._due = 0.0

    def delay(self, now: float) -> float:
        """How long the next step must still wait; 0 if it is due."""
        return max(0.0, self._due - now) if self._period else 0.0

    def stepped(self, now: float) -> None:
        """Note that a step was begun at ``now``."""
        late = now - self._due > _LAG
        self._due = (now if late else self._due) + self._period


class Allowance:
    """A share of one core: work is allowed while it is in credit, and what it cost is drawn from that.

    Credit is held to a small burst, and debt to what is earned in a second or two, so that a piece of work that is dear
    but rare, such as the first of its kind, does not stop the cheap and frequent.
    """

    def __init__(self, share: float, burst: float, now: float) -> None:
        """Begin with full credit.

        Args:
            share: of a core, in the long run.
            burst: most credit, seconds of a core.
            now: present time, seconds.
        """
        self._share = share
        self._burst = burst
        self._credit = burst
        self._updated = now

    def delay(self, now: float) -> float:
        """Seconds until work is allowed again; 0 if it is."""
        self._credit = min(self._burst, self._credit + self._share * (now - self._updated))
        self._updated = now
        return max(0.0, -self._credit / self._share)

    def spend(self, cost: float) -> None:
        """Draw what a piece of work took, seconds of a core."""
        self._credit = max(self._credit - cost, -self._share * _LONGEST)
