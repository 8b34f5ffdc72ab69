"""The trainer's loop: obeys commands between two steps, trains, reports."""

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
from explorer.session.pace import Pace
from explorer.session.rehearsal import Rehearsal
from explorer.session.run import Run
from explorer.session.workshop import ModelsWorkshop, Workshop

FOREVER: Final = math.inf
BUDGET: Final = 0.025  # seconds of steps between two looks at what has to be reported

_ADVICE: Final[dict[type[BaseException], str]] = {
    MemoryError: "Choose a smaller batch or smaller networks, then play on or restart.",
}
_logger = logging.getLogger(__name__)

_OTHER_ADVICE: Final = "Change the recipe or restart the run; if it happens again, please report it with the recipe."


class TrainerLoop:
    """Trains as told over a channel. ``tick`` never waits; whoever calls it sleeps as long as it says."""

    def __init__(
        self,
        channel: Channel,
        folder: Path,
        workshop: Workshop | None = None,
        *,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Report the catalogue; there is no run yet.

        Args:
            channel: to the window.
            folder: where weights are published.
            workshop: makes the trainers.
            clock: seconds, for pacing and for what is due.
        """
        self.running = True
        self._channel = channel
        self._folder = folder
        self._workshop = workshop or ModelsWorkshop()
        self._clock = clock
        self._pace = Pace()
        self._run: Run | None = None
        self._rehearsal: Rehearsal | None = None
        self._playing = False
        self._until: float | None = None
        self._commands: deque[Any] = deque()
        self._obey_any: dict[type, Callable[[Any], None]] = {
            commands.Start: self._start,
            commands.Load: self._load,
            commands.Speed: lambda command: self._pace.set(command.steps_per_second),
            commands.Quit: lambda _: self._quit(),
        }
        self._obey_run: dict[type, Callable[[Run, Any], None]] = {
            commands.Change: self._change,
            commands.Play: self._play,
            commands.Pause: lambda run, _: self._stop(run),
            commands.Step: self._step,
            commands.Keep: lambda run, _: run.keep(asked=True),
            commands.Save: self._save,
        }
        channel.send(messages.Ready(self._workshop.catalogue()))

    def tick(self, budget: float = BUDGET) -> float:
        """Obey what has come in, then train for up to ``budget`` seconds.

        Returns:
            Seconds until there is something to do again without a new command: 0 while training.
        """
        self._commands.extend(self._channel.receive())
        try:
            while self._commands:
                self._obey(self._commands.popleft())
            return self._advance(budget)
        except Exception as error:  # noqa: BLE001  whatever a step raises becomes a message: the window lives on
            self._fail(error)
            return 0.0

    def close(self) -> None:
        """Report the last rows and clean up."""
        if self._run is not None:
            self._run.close()
            self._run = None
        self.running = False

    def _obey(self, command: Any) -> None:
        if type(command) in self._obey_any:
            self._obey_any[type(command)](command)
        elif self._run is not None and command.run == self._run.number:
            self._obey_run[type(command)](self._run, command)

    def _advance(self, budget: float) -> float:
        run = self._run
        if run is None:
            return FOREVER
        end = self._clock() + budget
        while self._playing and not self._channel.has_pending():
            now = self._clock()
            if run.trainer.step >= self._goal(run):
                self._arrive(run)
            elif now >= end:
                run.report()
                return 0.0
            elif delay := self._pace.delay(now):
                return self._wait(run, delay)
            else:
                run.take_step()
                self._pace.stepped(now)
        return 0.0 if self._playing else min(run.rest(), self._rehearse())

    def _rehearse(self) -> float:
        return self._rehearsal.go_on() if self._rehearsal else FOREVER

    def _wait(self, run: Run, delay: float) -> float:
        run.catch_up()
        run.report()
        return min(delay, BUDGET)

    def _goal(self, run: Run) -> float:
        return self._until if self._until is not None else run.trainer.experiment.steps

    def _arrive(self, run: Run) -> None:
        self._stop(run)
        if self._until is None or self._until == run.trainer.experiment.steps:
            self._channel.send(messages.Finished(run.number, run.trainer.step))

    def _stop(self, run: Run) -> None:
        self._playing = False
        run.settle()
        if run.rest() < FOREVER:
            run.keep()

    def _start(self, command: commands.Start) -> None:
        self._begin(command.run, lambda: (self._workshop.experiment(command.recipe), command.state))

    def _load(self, command: commands.Load) -> None:
        self._begin(command.run, lambda: self._workshop.load(Path(command.folder)))

    def _begin(self, number: int, read: Callable[[], tuple[Any, commands.State | None]]) -> None:
        """Set up a run beside the present one, which goes on if that cannot be done."""
        try:
            experiment, state = read()
            trainer = self._workshop.trainer(experiment)
            if state is not None:
                trainer.restore(state)
                trainer.inspect()  # of weights that are no numbers there is no good state to go back to
            run = Run(number, trainer, self._folder, self._channel.send, self._clock)
        except Exception as error:  # noqa: BLE001  a recipe that cannot be set up is refused, whatever the reason
            self._refuse(number, error)
            return
        if self._run is not None:
            self._run.close()
        self._run, self._playing = run, False
        recipe, label = trainer.experiment.to_dict(), self._workshop.label(trainer.experiment)
        self._channel.send(messages.Started(number, recipe, label, trainer.step, str(run.weights)))
        self._rehearsal = Rehearsal(run, self._workshop.cost(trainer), self._channel.send, self._clock)
        run.keep()
        run.settle()

    def _change(self, run: Run, command: commands.Change) -> None:
        try:
            run.trainer.adopt(self._workshop.experiment(command.recipe))
        except ValueError as error:
            self._refuse(run.number, error)
            return
        experiment = run.trainer.experiment
        changed = messages.Changed(run.number, experiment.to_dict(), self._workshop.label(experiment), run.trainer.step)
        self._channel.send(changed)

    def _play(self, run: Run, command: commands.Play) -> None:
        self._rehearsal = None  # what a step takes is seen now
        beyond = run.trainer.step >= run.trainer.experiment.steps
        self._until = FOREVER if command.until is None and beyond else command.until
        self._playing = True
        run.progress(playing=True)

    def _step(self, run: Run, command: commands.Step) -> None:
        self._playing, self._rehearsal = False, None
        run.take_step(command.turn)
        run.settle()

    def _save(self, run: Run, command: commands.Save) -> None:
        try:
            self._workshop.save(run.trainer, Path(command.folder))
        except (OSError, ValueError) as error:
            self._channel.send(messages.NotSaved(run.number, command.folder, sentence(error)))
        else:
            self._channel.send(messages.Saved(run.number, command.folder))

    def _refuse(self, number: int, error: Exception) -> None:
        if not isinstance(error, (OSError, ValueError, ArithmeticError, MemoryError)):
            _logger.error("run %d cannot be set up", number, exc_info=error)
        problem = getattr(error, "problem", "") or sentence(error)
        path, settings = getattr(error, "path", ""), getattr(error, "settings", ())
        lack = getattr(error, "lack", None)
        told = messages.Lack(*lack) if lack else None
        self._channel.send(messages.Refused(number, path, problem, settings, told))

    def _fail(self, error: Exception) -> None:
        """Stop, go back to the last good state, and say what happened."""
        run, self._playing = self._run, False
        if run is None:
            raise error
        if not isinstance(error, ArithmeticError):  # divergence is an ordinary end of a run, the rest is a fault
            _logger.error("run %d failed", run.number, exc_info=error)
        run.go_back()
        run.settle()
        advice = getattr(error, "advice", "") or _ADVICE.get(type(error), _OTHER_ADVICE)
        self._channel.send(messages.Failed(run.number, run.trainer.step, sentence(error), advice))

    def _quit(self) -> None:
        self.close()


def sentence(error: BaseException) -> str:
    """What an error says, for people: its text, led by its kind where the text alone would be a riddle."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    text = str(error) or type(error).__name__
    return text if isinstance(error, (ArithmeticError, ValueError)) else f"{type(error).__name__}: {text}"
