"""What the user means, turned into commands: which recipe trains, playing or not, which step is looked at. No Qt."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Literal

from explorer.session import commands, messages
from explorer.session.commands import Command, State, Turn
from explorer.session.history import History
from explorer.session.messages import Message

Recipe = Mapping[str, Any]
Effect = Literal["live", "restart", "same"]

NEVER_RESTART: Final = frozenset({"about", "steps", "format"})
"""Fields of a recipe that a run in progress always takes up."""

_SEEDS: Final = 2**31


class Control:
    """The user's intent, and what has become of it.

    Attributes:
        catalogue: every member; empty until the trainer is ready.
        recipe: what trains, complete; empty before the first run.
        label: the recipe in a few words.
        run: number of the run that trains; 0 before the first.
        playing: whether it trains, or is about to.
        step: where it is.
        seconds: training time up to there.
        rate: steps per second.
        finished: whether it has reached its last step.
        looking: the earlier step that is looked at, or None for the newest.
        failed: why the run cannot go on, or None.
        steps_per_second: the speed dial; None for unlimited.
    """

    def __init__(self, send: Callable[[Command], None], history: History) -> None:
        """Begin without a run.

        Args:
            send: hands a command over, never waiting: ``Session.send``.
            history: the kept states: ``Session.history``.
        """
        self.catalogue: Mapping[str, Any] = {}
        self.recipe: Recipe = {}
        self.label = ""
        self.run = 0
        self.playing = False
        self.step = 0
        self.seconds = 0.0
        self.rate = 0.0
        self.finished = False
        self.looking: int | None = None
        self.failed: messages.Failed | None = None
        self.steps_per_second: float | None = None
        self._send = send
        self._history = history
        self._wanted: Recipe | None = None  # sent, and neither taken up nor refused yet
        self._coming: int | None = None  # number of a run that was sent for
        self._forks = False  # whether it goes on from a kept state, and so shares the past of this one
        self._number = 0
        self._take_in: dict[type, Callable[[Any], None]] = {
            messages.Started: self._started,
            messages.Changed: self._changed,
            messages.Refused: self._refused,
            messages.Progress: self._progressed,
            messages.Finished: self._finished,
            messages.Failed: self._failed,
        }

    @property
    def wanted(self) -> Recipe:
        """The recipe that was asked for last: what trains, or is about to."""
        return self.recipe if self._wanted is None else self._wanted

    @property
    def target(self) -> int:
        """The run that commands are meant for: the one that was sent for last."""
        return self.run if self._coming is None else self._coming

    def apply(self, recipe: Recipe) -> Effect:
        """Take up a recipe: in the run in progress if it can, else in a new run, which plays on if this one plays."""
        effect = self.effect_of(recipe)
        if effect == "live":
            self._wanted = dict(recipe)
            self._send(commands.Change(self.target, dict(recipe)))
        elif effect == "restart":
            self._begin(recipe)
        return effect

    def effect_of(self, recipe: Recipe) -> Effect:
        """What ``apply`` would do, without doing it."""
        is_loading = self._coming is not None and self._wanted is None  # of a recipe that nobody here knows yet
        if not self.target or is_loading:
            return "restart"
        changed = changes(self.wanted, recipe, self.catalogue)
        if not changed:
            return "same"
        return "live" if all(is_live for _, is_live in changed) else "restart"

    def play(self, until: int | None = None) -> None:
        """Train on, up to a step if one is given, and look at the newest weights."""
        if self.target:
            self.look(None)
            self._play(until)

    def pause(self) -> None:
        """Stop after the step in progress."""
        if self.target:
            self.playing = False
            self._send(commands.Pause(self.target))

    def toggle(self) -> None:
        """Play or pause."""
        self.pause() if self.playing else self.play()

    def take_step(self, turn: Turn = "both") -> None:
        """Take one step and pause, looking at the newest weights."""
        if self.target:
            self.look(None)
            self.playing = self.finished = False
            self.failed = None
            self._send(commands.Step(self.target, turn))

    def reset(self, *, new_seed: bool = False) -> None:
        """Begin the recipe anew, playing on if it plays; with ``new_seed``, with other random numbers."""
        if self.target:
            seed = {"seed": secrets.randbelow(_SEEDS)} if new_seed else {}
            self._begin({**self.wanted, **seed})

    def speed(self, steps_per_second: float | None) -> None:
        """Train at this many steps a second; None for as fast as the machine allows."""
        self.steps_per_second = steps_per_second
        self._send(commands.Speed(steps_per_second))

    def look(self, step: int | None) -> None:
        """Look at the kept state of this step or the nearest before it, while training goes on; None for the newest."""
        kept = None if step is None else self._own(self._history.at(step))
        if kept is None and self.looking is None:
            return
        self.looking = kept.step if kept else None
        self._send(commands.Look(self.run, kept.state if kept else None))

    def play_from_here(self) -> None:
        """Train on from the step that is looked at: a new run that shares the past of this one."""
        kept = None if self.looking is None else self._own(self._history.at(self.looking))
        if kept is not None:
            self._begin(self.recipe, kept.state)
        self._play(None)

    def branch(self, recipe: Recipe) -> int | None:
        """Train a changed recipe, from ``branch_step`` or from step 0: a new run in either case.

        Returns:
            The step that it goes on from; None if it starts again. A recipe whose steps are all taken there gets as
            many again.
        """
        kept = self._branch_point(recipe)
        self.playing = True
        if kept is None:
            self._begin(recipe)
            return None
        steps = int(recipe.get("steps", 0))
        self._begin({**recipe, "steps": steps if steps > kept.step else steps + kept.step}, kept.state)
        return kept.step

    def branch_step(self, recipe: Recipe) -> int | None:
        """Where ``branch`` would go on from: the step looked at, or the newest kept; None if it would start again."""
        kept = self._branch_point(recipe)
        return kept.step if kept else None

    def save(self, folder: str) -> None:
        """Write the run into a run folder."""
        if self.target:
            self._send(commands.Save(self.target, folder))

    def load(self, folder: str) -> None:
        """Open the run of a run folder, paused."""
        self._send(commands.Load(self._next(), folder))
        self.playing = False

    def handle(self, message: Message) -> None:
        """Take in what the processes report."""
        if isinstance(message, messages.Ready):
            self.catalogue = message.catalogue
        elif type(message) in self._take_in and message.run in (self.run, self._coming):  # type: ignore[union-attr]
            self._take_in[type(message)](message)

    def _branch_point(self, recipe: Recipe) -> messages.Kept | None:
        is_without_past = self._coming is not None and not self._forks
        if is_without_past or self.effect_of(recipe) == "restart":
            return None
        return self._own(self._history.last() if self.looking is None else self._history.at(self.looking))

    def _own(self, kept: messages.Kept | None) -> messages.Kept | None:
        """The state, unless it is of a run that has begun there and is not known here yet: it would not fit."""
        return kept if kept is not None and kept.run <= self.run else None

    def _begin(self, recipe: Recipe, state: State | None = None) -> None:
        self._send(commands.Start(self._next(), dict(recipe), state))
        self._wanted, self._forks = dict(recipe), state is not None
        if self.playing:
            self._play(None)

    def _next(self) -> int:
        self._number += 1
        self._coming, self._forks = self._number, False
        return self._number

    def _play(self, until: int | None) -> None:
        self.playing = True
        self.finished = False
        self.failed = None
        self._send(commands.Play(self.target, until))

    def _started(self, message: messages.Started) -> None:
        self.run, self.step = message.run, message.step
        self.recipe, self.label = message.recipe, message.label
        self.finished, self.failed, self.looking = False, None, None
        if self._coming == message.run:
            self._coming = self._wanted = None

    def _changed(self, message: messages.Changed) -> None:
        self.recipe, self.label = message.recipe, message.label
        if (
            self._coming is None
            and self._wanted is not None
            and not changes(message.recipe, self._wanted, self.catalogue)
        ):
            self._wanted = None

    def _refused(self, message: messages.Refused) -> None:
        """Go back to what trains: so the panel always shows that."""
        if self._coming in (None, message.run):
            self._coming = self._wanted = None

    def _progressed(self, message: messages.Progress) -> None:
        if message.run == self.run:
            self.step, self.seconds, self.rate = message.step, message.seconds, message.rate
            self.playing = message.playing if self._coming is None else self.playing

    def _finished(self, message: messages.Finished) -> None:
        self.step, self.finished, self.playing = message.step, True, False

    def _failed(self, message: messages.Failed) -> None:
        self.step, self.failed, self.playing = message.step, message, False


def changes(old: Recipe, new: Recipe, catalogue: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """Paths that differ, each with whether a run in progress can take the change up.

    Args:
        old: a recipe of plain values; what is left out has its default.
        new: another.
        catalogue: of the trainer: ``sections`` and ``recipe`` say what there is. While it is empty, nothing is known to
            be live.
    """
    if not catalogue:
        return [(name, False) for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
    found = [
        (name, True) for name in sorted(NEVER_RESTART) if old.get(name, new.get(name)) != new.get(name, old.get(name))
    ]
    for section in catalogue.get("sections", ()):
        name = section["field"]
        found += _member_changes(old.get(name), new.get(name), section["kind"], name, catalogue)
    own = [option for option in catalogue.get("recipe", ()) if option["name"] not in NEVER_RESTART]
    return found + _option_changes(old, new, own, "", catalogue)


def _member_changes(old: Any, new: Any, kind: str, path: str, catalogue: Mapping[str, Any]) -> list[tuple[str, bool]]:
    before, after = _table(old), _table(new)
    members: Mapping[str, Mapping[str, Any]] = {member["key"]: member for member in catalogue.get(kind, ())}
    if before.get("key") != after.get("key"):
        swaps = [members.get(str(table.get("key")), {}).get("swaps", "") for table in (before, after)]
        return [(path, swaps[0] == swaps[1] != "")]
    options = members.get(str(after.get("key")), {}).get("options", ())
    return _option_changes(before, after, options, path + ".", catalogue)


def _option_changes(
    old: Recipe, new: Recipe, options: Iterable[Mapping[str, Any]], prefix: str, catalogue: Mapping[str, Any]
) -> list[tuple[str, bool]]:
    found: list[tuple[str, bool]] = []
    for option in options:
        name = option["name"]
        before, after = (_plain(table.get(name, option["default"])) for table in (old, new))
        if option["kind"]:
            found += _member_changes(before, after, option["kind"], prefix + name, catalogue)
        elif before != after:
            found.append((prefix + name, option["live"]))
    return found


def _table(member: Any) -> Recipe:
    """A member as its key and options, however it is written."""
    return {"key": member} if isinstance(member, str) else member or {}


def _plain(value: Any) -> Any:
    """Lists and tuples alike."""
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
