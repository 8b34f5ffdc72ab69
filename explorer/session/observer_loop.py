"""The observer's loop: makes pictures and measures of whatever weights there are, and never holds up the training."""

from __future__ import annotations

import logging
import math
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from explorer.session import commands, messages
from explorer.session.channel import Channel
from explorer.session.pace import Allowance
from explorer.session.sight import Sight
from explorer.session.snapshot import freeze
from explorer.session.workshop import ModelsWorkshop, Workshop

FRAME: Final = 1 / 30  # seconds: no picture comes sooner after the last
SHARE: Final = 0.3  # of a core, at most
BURST: Final = 0.1
MEASURE_EVERY: Final = 0.5
MEASURE_SHARE: Final = 0.1  # of a core, at most, goes into measures, and as much into the diagnosis
GATHER_SHARE: Final = 0.2  # the same of making what is measured, where the pictures have not enough samples
PIECE: Final = 0.1  # seconds that what measures need beforehand may take at a time
DIAGNOSE_EVERY: Final = 0.2  # far more often than measures: a collapse may last for few of a fast run's seconds
PICTURE_FIRST: Final = 0.5  # seconds: for so long, measures wait for the first picture of a run

_logger = logging.getLogger(__name__)


def _nothing() -> None:
    pass


class ObserverLoop:
    """Looks as told over a channel. ``tick`` does one piece of work at most, and never waits."""

    def __init__(
        self,
        channel: Channel,
        workshop: Workshop | None = None,
        *,
        clock: Callable[[], float] = time.perf_counter,
        cost: Callable[[], float] = time.thread_time,
        at_work: Callable[[], object] = _nothing,
    ) -> None:
        """Begin with nothing to look at.

        Args:
            channel: to the window.
            workshop: makes the witnesses.
            clock: seconds, for what is due.
            cost: seconds of processor time that this thread has used.
            at_work: called once, after the first picture.
        """
        self.running = True
        self._channel = channel
        self._workshop = workshop or ModelsWorkshop()
        self._clock = clock
        self._cost = cost
        self._at_work = at_work
        self._sight: Sight | None = None
        self._watch = commands.Watch(frozenset())
        self._asked: deque[commands.Ask] = deque()
        self._is_taken = True
        self._allowance = Allowance(SHARE, BURST, clock())
        self._frame_at = self._measure_at = self._diagnose_at = self._prepare_at = -math.inf
        self._is_first = True
        self._has_shown = False
        self._known_floors: tuple[Any, messages.Floors] | None = None
        self._orders: dict[type, Callable[[Any], None]] = {
            commands.Observe: self._observe,
            commands.Change: self._change,
            commands.Look: self._look,
            commands.Watch: self._set_watch,
            commands.Taken: self._taken,
            commands.Ask: self._asked.append,
            commands.Quit: lambda _: self.close(),
        }

    def tick(self, budget: float = 0.0) -> float:
        """Obey what has come in, then do the most urgent piece of work there is.

        Args:
            budget: of no use here: no piece of work can be divided.

        Returns:
            Seconds to sleep unless a command comes; infinite with nothing to look at.
        """
        for command in self._channel.receive():
            self._orders[type(command)](command)
        sight = self._sight
        if sight is None or not self.running:
            return math.inf
        sight.refresh()
        self._answer(sight)
        delay = self._allowance.delay(self._clock())
        if delay > 0:
            return delay
        began = self._cost()
        done = self._diagnose(sight) or any(work(sight) for work in self._by_turns())
        self._allowance.spend(self._cost() - began)
        return 0.0 if done else self._rest()

    def _by_turns(self) -> tuple[Callable[[Sight], bool], ...]:
        """Pictures come first, but not after a picture: one that takes long is due again before all else."""
        others = (self._measure, self._prepare, self._weigh_floors)
        return (*others, self._show) if self._has_shown else (self._show, *others)

    def close(self) -> None:
        """Let go of the run."""
        self._forget()
        self.running = False

    def _rest(self) -> float:
        """Until the next picture may be made, or else until it is worth looking for new weights again."""
        delay = self._frame_at - self._clock()
        return delay if delay > 0 else FRAME / 2

    def _forget(self) -> None:
        if self._sight is not None:
            self._sight.close()
            self._sight = None
        self._asked.clear()

    def _observe(self, command: commands.Observe) -> None:
        self._forget()
        experiment = self._workshop.experiment(command.recipe)
        try:
            self._sight = Sight(command.run, experiment, self._workshop.witness(experiment), Path(command.weights))
        except FileNotFoundError:  # the run is over already: the next one is on its way
            return
        self._frame_at, self._measure_at = -math.inf, self._clock() + PICTURE_FIRST
        self._diagnose_at = self._prepare_at = self._measure_at
        self._is_first, self._has_shown = True, False
        self._channel.send(self._sight.scene())

    def _change(self, command: commands.Change) -> None:
        if self._sight is not None and self._sight.run == command.run:
            amended = self._sight.adopt(self._workshop.experiment(command.recipe))
            if amended is not None:
                self._channel.send(amended)

    def _look(self, command: commands.Look) -> None:
        if self._sight is not None and self._sight.run == command.run:
            self._sight.look(command.state)
            self._frame_at, self._has_shown = -math.inf, False

    def _set_watch(self, command: commands.Watch) -> None:
        self._watch = command
        self._frame_at, self._has_shown = -math.inf, False

    def _taken(self, _: commands.Taken) -> None:
        self._is_taken = True

    def _answer(self, sight: Sight) -> None:
        while self._asked and sight.shown is not None:
            asked = self._asked.popleft()
            if asked.run != sight.run:
                continue
            try:
                arrays = sight.answer(asked.question, asked.arrays, average=self._watch.average, state=asked.state)
            except Exception:
                _logger.exception("question %d cannot be answered", asked.number)
                arrays = {}
            self._channel.send(messages.Answer(asked.run, asked.number, dict(freeze(arrays))))

    def _show(self, sight: Sight) -> bool:
        now = self._clock()
        if not self._is_taken or now < self._frame_at or not self._watch.pictures:
            return False
        snapshot = sight.snapshot(self._watch.pictures, average=self._watch.average)
        self._has_shown = snapshot is not None
        if snapshot is None:
            return False
        self._is_taken = False
        self._frame_at = now + FRAME
        self._channel.send(snapshot)
        if self._is_first:
            self._is_first, self._measure_at = False, now
            self._diagnose_at = self._prepare_at = now
            self._at_work()
            self._at_work = _nothing
        return True

    def _measure(self, sight: Sight) -> bool:
        now = self._clock()
        if now < self._measure_at:
            return False
        began = self._cost()
        measured = sight.measure(average=self._watch.average)
        if measured is None and not sight.is_gathering:
            return False
        self._has_shown = False
        spent = self._cost() - began
        pause = spent / GATHER_SHARE if sight.is_gathering else max(MEASURE_EVERY, spent / MEASURE_SHARE)
        self._measure_at = now + pause
        if measured is not None:
            self._channel.send(measured)
        return True

    def _prepare(self, sight: Sight) -> bool:
        """Go on with what measures need beforehand; once it is done, measure."""
        if sight.is_prepared or self._clock() < self._prepare_at:
            return False
        self._has_shown = False
        if sight.prepare(PIECE):
            self._measure_at = self._clock()
        return True

    def _diagnose(self, sight: Sight) -> bool:
        now = self._clock()
        if now < self._diagnose_at:
            return False
        is_first, began = not sight.is_diagnosed, self._cost()
        diagnosed = sight.diagnose(average=self._watch.average)
        # The first look also finds what all later ones need, so its cost says nothing of theirs.
        spent = 0.0 if is_first else self._cost() - began
        self._diagnose_at = now + max(DIAGNOSE_EVERY, spent / MEASURE_SHARE)
        if diagnosed is None:
            return False
        self._channel.send(diagnosed)
        return True

    def _weigh_floors(self, sight: Sight) -> bool:
        """Find the floors of one measure more; those of the same data need not be found again."""
        if sight.floors_sent or not sight.measures or not sight.is_prepared or sight.is_gathering:
            return False
        self._has_shown = False
        if self._known_floors is None or self._known_floors[0] != sight.floors_of:
            floors = sight.next_floors()
            if floors is None:
                return True
            self._known_floors = (sight.floors_of, floors)
        _, known = self._known_floors
        self._channel.send(messages.Floors(sight.run, known.floors, known.titles, known.units))
        sight.floors_sent = True
        return True
