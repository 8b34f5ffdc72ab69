"""How things stand, as the training thread knows it: which run, playing or not, all that a new process must be told."""

from __future__ import annotations

from typing import Any

from explorer.session import commands, messages
from explorer.session.commands import Command
from explorer.session.history import History
from explorer.session.messages import Message


class Standing:
    """Follows commands and messages, keeps the history, and tells what belongs to an older run."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._run: messages.Started | None = None
        self._recipe: Any = None
        self._kept: messages.Kept | None = None
        self._beginning: dict[int, commands.Start | commands.Load] = {}
        self._playing: commands.Play | None = None
        self._speed: commands.Speed | None = None
        self._watch: commands.Watch | None = None
        self._look: commands.Look | None = None

    def note(self, command: Command) -> None:
        """Remember a command that is on its way."""
        match command:
            case commands.Start() | commands.Load():
                self._beginning[command.run] = command
            case commands.Play():
                self._playing = command
            case commands.Pause() | commands.Step():
                self._playing = None
            case commands.Speed():
                self._speed = command
            case commands.Watch():
                self._watch = command
            case commands.Look():
                self._look = command

    def learn(self, message: Message) -> bool:
        """Take in a message; False if it is of an older run and nobody is to see it."""
        if isinstance(message, messages.Started):
            self._begin(message)
            return True
        if isinstance(message, messages.Refused):
            self._beginning.pop(message.run, None)
            return True
        run = getattr(message, "run", None)
        if run is not None and (self._run is None or run != self._run.run):
            return False
        self._follow(message)
        return True

    def settings(self) -> list[Command]:
        """What a new trainer must be told before any run."""
        return [self._speed] if self._speed else []

    def trainer_commands(self) -> list[Command]:
        """What a trainer that was started again must be told: the run goes on from its last kept state."""
        told = self.settings()
        if self._beginning:
            told.append(self._beginning[max(self._beginning)])
        elif self._run is not None:
            told.append(commands.Start(self._run.run, self._recipe, self._kept.state if self._kept else None))
        if self._playing is not None:
            told.append(self._playing)
        return told

    def observer_commands(self) -> list[Command]:
        """What an observer that was started again must be told."""
        told: list[Command] = [self._watch] if self._watch else []
        if self._run is not None:
            told.append(commands.Observe(self._run.run, self._recipe, self._run.weights))
            told += [self._look] if self._look is not None and self._look.run == self._run.run else []
        return told

    def _begin(self, started: messages.Started) -> None:
        """A run has begun: on a kept state it is the same story told differently, else a new one."""
        command = self._beginning.get(started.run)
        self._beginning = {number: other for number, other in self._beginning.items() if number > started.run}
        state = command.state if isinstance(command, commands.Start) else None
        is_again = self._run is not None and self._run.run == started.run
        branch = self._history.at(started.step)
        if is_again or (state is not None and branch is not None and branch.state is state):
            self._history.cut_after(started.step)
        else:
            self._history.clear()
            self._kept = None
        self._run, self._recipe = started, started.recipe

    def _follow(self, message: Message) -> None:
        match message:
            case messages.Changed():
                self._recipe = message.recipe
            case messages.Kept():
                self._kept = message
                self._history.add(message)
            case messages.Finished() | messages.Failed():
                self._playing = None
