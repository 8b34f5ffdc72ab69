"""What was found of the modes in the course of a run: bounded, and cut where the run takes another way."""

from __future__ import annotations

import bisect
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from explorer.session.messages import Diagnosed, ModeEvent
from explorer.session.snapshot import Array

LIMIT: Final = 240
"""Findings that are held at most: as many as a time slider can tell apart."""

SETTLED: Final = 3
"""Findings after which whoever observes anew knows which modes are alive."""


@dataclass(frozen=True)
class Life:
    """One mode from its birth to its death; None while it is alive."""

    mode: int
    born: int
    died: int | None


class ModeHistory:
    """Findings in the order of their steps, and the births and deaths of all of the run."""

    def __init__(self) -> None:
        self.events: tuple[ModeEvent, ...] = ()
        self._found: list[Diagnosed] = []
        self._past: tuple[ModeEvent, ...] = ()
        self._since_cut = SETTLED
        self._first_after_cut = 0
        self._all: tuple[tuple[ModeEvent, ...], list[Life]] = ((), [])

    @property
    def newest(self) -> Diagnosed | None:
        """The last finding."""
        return self._found[-1] if self._found else None

    def add(self, found: Diagnosed) -> None:
        """Hold a finding; those of the same step or later ones go, for the run has gone back behind them."""
        if self._found and self._found[-1].step >= found.step:
            self.cut_after(found.step - 1)
        self._settle(found)
        told = {*self._past, *found.events}
        self.events = tuple(sorted(told, key=lambda event: (event.step, event.mode, event.born)))
        self._found.append(replace(found, events=(), age=self._ages(found)))  # the last one's events tell all
        if len(self._found) > LIMIT:
            self._thin()

    def at(self, step: int) -> Diagnosed | None:
        """The finding at this step or the nearest before it."""
        place = bisect.bisect_right([found.step for found in self._found], step)
        return self._found[place - 1] if place else None

    def cut_after(self, step: int) -> None:
        """The run goes on from this step: whoever observes it now knows nothing of what was before."""
        self._found = [found for found in self._found if found.step <= step]
        self._past = self.events = tuple(event for event in self.events if event.step <= step)
        self._since_cut = 0

    def clear(self) -> None:
        """Another run."""
        self.cut_after(-1)
        self._since_cut = SETTLED

    def lives(self, until: int) -> list[Life]:
        """All lives that began up to a step, as they were known there."""
        if self.events and self.events[-1].step > until:
            return lives(event for event in self.events if event.step <= until)
        if self._all[0] is not self.events:  # asked for with every picture
            self._all = self.events, lives(self.events)
        return self._all[1]

    def lost(self, until: int) -> dict[int, int]:
        """Modes that were alive once and are not at this step, with the step of their last death."""
        last = {life.mode: life.died for life in self.lives(until)}
        return {mode: died for mode, died in last.items() if died is not None}

    def _settle(self, found: Diagnosed) -> None:
        """What was alive before a cut and is not once the new observer has settled died at the cut."""
        if self._since_cut == 0:
            self._first_after_cut = found.step
        self._since_cut += 1
        if self._since_cut == SETTLED:
            alive = [life.mode for life in lives(self._past) if life.died is None]
            gone = [mode for mode in alive if mode < len(found.age) and found.age[mode] < 0]
            self._past += tuple(ModeEvent(self._first_after_cut, mode, born=False) for mode in gone)

    def _ages(self, found: Diagnosed) -> Array:
        """Ages from the births that are known here, some of which lie before a cut."""
        ages = found.age.copy()
        for life in self.lives(found.step) if self._past else ():
            if life.died is None and life.mode < len(ages):
                ages[life.mode] = found.step - life.born
        return ages

    def _thin(self) -> None:
        """Drop the finding that leaves the smallest hole."""
        steps = [found.step for found in self._found]
        holes = [steps[i + 1] - steps[i - 1] for i in range(1, len(steps) - 1)]
        del self._found[1 + holes.index(min(holes))]


def lives(events: Iterable[ModeEvent]) -> list[Life]:
    """Births and deaths joined; what is born while alive, or dies while dead, is told twice and counts once."""
    joined: list[Life] = []
    alive: dict[int, int] = {}
    for event in events:
        if event.born:
            if event.mode not in alive:
                alive[event.mode] = len(joined)
                joined.append(Life(event.mode, event.step, None))
        elif event.mode in alive:
            place = alive.pop(event.mode)
            joined[place] = replace(joined[place], died=event.step)
    return joined
