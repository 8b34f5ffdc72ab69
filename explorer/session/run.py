"""One run in the trainer's process: its trainer, where its weights are published, and what was last told of it."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from explorer.session.commands import Turn
from explorer.session.history import size_of
from explorer.session.messages import Kept, Noticed, Progress, Rows
from explorer.session.weights import WeightsWriter
from explorer.session.workshop import Trainer, as_array

PUBLISH_EVERY: Final = 0.004  # seconds: far more often than anybody looks
PUBLISH_SHARE: Final = 0.05  # of the time may go into that: hundreds of megabytes take as long as a step
ROWS_EVERY: Final = 0.025
PROGRESS_EVERY: Final = 0.08
RATE_OVER: Final = 1.0  # seconds of steps that the rate is taken over
KEEP_EVERY: Final = 0.5
KEEP_SHARE: Final = 0.01  # of the time may go into keeping states …
KEEP_AT_LEAST_EVERY: Final = 5.0  # … but never may more than this be lost, unless …
KEEP_BYTES_PER_S: Final = 16 * 2**20  # … it is so much that sending it to the window would take most of a core


class Run:
    """A trainer with all that reports on it. Times are seconds of ``clock``."""

    def __init__(
        self, number: int, trainer: Trainer, folder: Path, send: Callable[[Any], None], clock: Callable[[], float]
    ) -> None:
        """Publish the weights of the trainer's present step.

        Raises:
            OSError: there is no room to publish them.
        """
        self.number = number
        self.trainer = trainer
        self._send = send
        self._clock = clock
        self._weights = WeightsWriter(folder, number, len(as_array(trainer.values())))
        self._publish_at = -math.inf
        self._names: tuple[str, ...] = ()
        self._rows: list[tuple[int, tuple[float, ...]]] = []
        self._flushed = self._reported = clock()
        self._marks: deque[tuple[float, int]] = deque()
        self._good: Kept | None = None
        self._remark = ""
        self._keep_at = clock()
        self.publish()

    @property
    def weights(self) -> Path:
        """The file that the weights are published in."""
        return self._weights.path

    def take_step(self, turn: Turn = "both") -> None:
        """Take one step and note its scalars; what the trainer raises passes through."""
        scalars = self.trainer.take_step(turn)
        names = tuple(scalars)
        if names != self._names:
            self.flush()
            self._names = names
        self._rows.append((self.trainer.step, tuple(scalars.values())))
        if self._clock() >= self._publish_at:
            self.publish()

    def publish(self) -> None:
        """Publish the weights of the present step."""
        started = self._clock()
        self._weights.write(self.trainer.step, self.trainer.seconds, as_array(self.trainer.values()))
        now = self._clock()
        self._publish_at = now + max(PUBLISH_EVERY, (now - started) / PUBLISH_SHARE)

    def flush(self) -> None:
        """Report the scalars of all steps since the last report."""
        self._flushed = self._clock()
        if not self._rows:
            return
        steps = np.array([step for step, _ in self._rows], dtype=np.int64)
        values = np.array([row for _, row in self._rows], dtype=np.float64)
        self._rows.clear()
        self._send(Rows(self.number, self._names, steps, values))

    def report(self) -> None:
        """While training: whatever is due."""
        now = self._clock()
        if now - self._flushed >= ROWS_EVERY:
            self.flush()
        if now - self._reported >= PROGRESS_EVERY:
            self.progress(playing=True)
        if now >= self._keep_at:
            self.keep()

    def _notice(self) -> None:
        if self.trainer.remark != self._remark:
            self._remark = self.trainer.remark
            self._send(Noticed(self.number, self._remark))

    def catch_up(self) -> None:
        """While waiting for the next step: let everybody see the last one at once."""
        if self._rows:
            self.publish()
            self.flush()

    def settle(self) -> None:
        """The run is paused: bring all reports up to the present step, but for a state so shortly after the last."""
        self.publish()
        self.flush()
        self._marks.clear()
        self.progress(playing=False)

    def rest(self) -> float:
        """While paused: keep the present state when it is time; seconds until then, infinite if it is kept."""
        if self._good is not None and self._good.step == self.trainer.step:
            return math.inf
        delay = self._keep_at - self._clock()
        if delay <= 0:
            self.keep()
            return math.inf
        return delay

    def progress(self, *, playing: bool) -> None:
        """Report where the run is."""
        self._reported = self._clock()
        rate = self._rate(self._reported) if playing else 0.0
        self._send(Progress(self.number, self.trainer.step, self.trainer.seconds, rate, playing))
        self._notice()

    def keep(self, *, asked: bool = False) -> None:
        """Send the present state, and remember it as the last good one.

        Raises:
            ArithmeticError: it is not good: to come back to it would be to diverge again.
        """
        started = self._clock()
        self.trainer.inspect()
        self._good = Kept(self.number, self.trainer.step, self.trainer.seconds, self.trainer.state(), asked)
        self._send(self._good)
        now = self._clock()
        interval = min(max(KEEP_EVERY, (now - started) / KEEP_SHARE), KEEP_AT_LEAST_EVERY)
        self._keep_at = now + max(interval, size_of(self._good.state) / KEEP_BYTES_PER_S)

    def go_back(self) -> None:
        """Return to the last good state; what led to its loss stays reported."""
        self.flush()
        if self._good is not None:
            self.trainer.restore(self._good.state)

    def close(self) -> None:
        """Report the last rows and remove the file of weights."""
        self.flush()
        self._weights.close()

    def _rate(self, now: float) -> float:
        self._marks.append((now, self.trainer.step))
        while len(self._marks) > 2 and now - self._marks[0][0] > RATE_OVER:
            self._marks.popleft()
        began, step = self._marks[0]
        return (self.trainer.step - step) / (now - began) if now > began else 0.0
