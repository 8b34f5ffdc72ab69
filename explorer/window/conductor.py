"""Joins a session to the widgets: polls what the processes report, and hands each message to those whom it concerns."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from explorer.session import commands, messages
from explorer.session.control import Control
from explorer.session.history import History
from explorer.session.messages import Message
from explorer.session.pace import Allowance
from explorer.session.settings import with_settings
from explorer.session.snapshot import Scene, Snapshot
from explorer.widgets.transport import Standing
from explorer.window import alterations, remarks
from explorer.window.alarm import Alarm
from explorer.window.frames import FrameMeter
from explorer.window.own_data import OwnData
from explorer.window.parts import Parts
from explorer.window.presets import first_recipe
from explorer.window.turns import Turns

POLL_MS: Final = 16

DRAWING: Final = 0.4 if (os.cpu_count() or 1) < 4 else 1.0
"""Share of a core for the window, at most: on two, trainer and observer need the rest."""

BURST_S: Final = 0.05
PATIENCE_S: Final = 0.25
"""So long may the window be in debt before it looks all the same."""

STANDING_S: Final = 0.08
"""Between two repaintings of the transport: its numbers change no faster than can be read."""

PANEL_MS: Final = 700
"""How long the recipe panel, which takes a while to fill, waits for the first picture to be drawn before it."""


class AnySession(Protocol):
    """What the window needs of a session."""

    history: History

    def start(self) -> None:
        """Begin, without waiting."""

    def send(self, command: commands.Command) -> None:
        """Hand a command over, without waiting."""

    def take(self) -> tuple[Snapshot | None, list[Message]]:
        """The newest snapshot and all other messages since the last time."""
        ...

    def close(self, timeout: float = 5.0) -> None:
        """End everything."""


class Conductor(QObject):
    """Knows the session and the parts; the window knows neither's messages.

    Signals:
        remarked: something to say on the banner.
        settled: the last trouble is over; an old alarm may go.
        ready: the catalogue is here.
        begun: a run began or took up a change: its recipe and its label.
        framed: a scene is here: there is something to see.
        stood: how the run is doing.
        drawn: the data space has drawn a snapshot; the other views follow, one in each turn of the event loop.
    """

    remarked = Signal(object)
    settled = Signal()
    ready = Signal(object)
    begun = Signal(object, str)
    framed = Signal(object)
    stood = Signal(object)
    drawn = Signal(object)

    def __init__(self, session: AnySession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.control = Control(session.send, session.history)
        self.alarm = Alarm(self.control, self)
        self.own_data = OwnData(self.control, self.apply)
        self.frames, self._turns = FrameMeter(), Turns(self)
        self.parts: Parts | None = None
        self.measured_step = self.shown_step = -1
        self.average = True
        self._questions = 0
        self._from_panel = self._stopped = self._has_failed = self._is_filled = False
        self._scene: Scene | None = None
        self._known: Mapping[str, Any] = {}
        self._curves_run = self._row_step = -1
        self._forked: tuple[int | None, str] = (None, "")
        self._cursor: int | None = None
        self._watched: commands.Watch | None = None
        self._takers = self._make_takers()
        self._allowance = Allowance(DRAWING, BURST_S, time.perf_counter())
        self._spent, self._polled, self._told = time.thread_time(), 0.0, 0.0
        self._poll = QTimer(self)
        self._poll.setTimerType(Qt.TimerType.PreciseTimer)
        self._poll.setInterval(POLL_MS)
        self._poll.timeout.connect(self._poll_in_credit)
        self._watch = QTimer(self, singleShot=True)
        self._watch.timeout.connect(self.send_watch)
        self._panel = QTimer(self, singleShot=True)
        self._panel.timeout.connect(self.fill_panel)

    def _make_takers(self) -> Mapping[type, Callable[[Any], None]]:
        return {
            messages.Ready: self._on_ready,
            messages.Started: self._on_started,
            messages.Changed: self._on_changed,
            messages.Refused: self._on_refused,
            messages.Rows: self._on_rows,
            messages.Measured: self._on_measured,
            messages.Floors: self._on_floors,
            messages.Diagnosed: self._on_diagnosed,
            messages.Finished: lambda message: self.remarked.emit(remarks.finished(message, self.control.play)),
            messages.Failed: self._on_failed,
            messages.Died: lambda message: self.remarked.emit(remarks.died(message)),
            messages.Saved: lambda message: self.remarked.emit(remarks.saved(message)),
            messages.NotSaved: lambda message: self.remarked.emit(remarks.not_saved(message)),
            messages.Answer: self._on_answer,
            Scene: self._on_scene,
        }

    def join(self, parts: Parts) -> None:
        """Take over the panel and the views, and begin to poll."""
        self.parts = parts
        parts.panel.recipe_changed.connect(self._panel_changed)
        parts.latent.asked.connect(self.ask)
        parts.modes.pointed.connect(parts.data.point_out)
        for source in (parts.modes, self.alarm):
            source.chosen.connect(self.try_remedy)
        self.alarm.why.connect(parts.modes.show_why)
        for view in parts.views:
            view.wanted_changed.connect(self.watch_soon)
        self._poll.start()
        self.watch_soon()

    def stop(self) -> None:
        """Poll no more, and tell the processes nothing more."""
        self._stopped = True
        self._poll.stop()
        self._watch.stop()
        self._panel.stop()
        self._turns.clear()

    def apply(self, recipe: Mapping[str, Any]) -> None:
        """Train a recipe that came from a file, a preset or the last day."""
        self._from_panel = False
        if self.control.apply(recipe) != "restart":
            self.control.reset()  # what is opened begins at step 0, even if it is what trains already

    def load(self, folder: str) -> None:
        """Go on with a saved run."""
        self._from_panel = False
        self.control.load(folder)

    def ask(self, z: Any) -> None:
        """Ask where a point of latent space lands."""
        self._questions += 1
        self.session.send(commands.Ask(self.control.run, self._questions, "push", {"z": z}))

    def watch_soon(self) -> None:
        """Tell the observer which pictures are on the screen, once for all changes of this moment."""
        if not self._stopped:
            self._watch.start(0)

    def send_watch(self) -> None:
        """Tell the observer now, if it does not know yet."""
        if self.parts is None:
            return
        keys = frozenset[str]().union(*(view.wanted() for view in self.parts.views))
        watch = commands.Watch(keys, average=self.average and self.averages)
        if watch != self._watched:
            self._watched = watch
            self.session.send(watch)

    @property
    def averages(self) -> bool:
        """Whether the recipe keeps a running average of the weights."""
        return float(self.control.recipe.get("optimizer", {}).get("ema", 0.0)) > 0.0

    def _poll_in_credit(self) -> None:
        """Draw no more often than leaves the other core to training: what comes is late, never lost."""
        now, spent = time.perf_counter(), time.thread_time()
        self._allowance.spend(spent - self._spent)
        self._spent = spent
        is_busy = self._turns.is_busy or (self.parts is not None and self.parts.curves.has_turn)
        is_free = self._allowance.delay(now) == 0.0 and not is_busy
        if is_free or now - self._polled > PATIENCE_S:
            self._polled = now
            self._take()
        if now - self._told > STANDING_S:
            self._tell()

    def poll(self) -> None:
        """Take what has come, and show it, now."""
        self._take()
        self._tell()

    def _tell(self) -> None:
        self._told = time.perf_counter()
        self._mark_time()
        has_failed = self.control.failed is not None
        if self._has_failed and not has_failed:
            self.settled.emit()  # it was put right, and trains again
        self._has_failed = has_failed
        self.stood.emit(self.standing())

    def _take(self) -> None:
        snapshot, received = self.session.take()
        for message in received:
            self.hand_out(message)
        if snapshot is not None and snapshot.run == self.control.run:
            self._show(snapshot)

    def hand_out(self, message: Message) -> None:
        """One message to those whom it concerns; one of another run to nobody."""
        self.control.handle(message)
        taker = self._takers.get(type(message))
        run = getattr(message, "run", self.control.run)
        if taker and (run == self.control.run or isinstance(message, messages.Refused)):
            taker(message)

    def standing(self) -> Standing:
        """How the run is doing, for the transport."""
        control = self.control
        return Standing(
            ready=control.run > 0,
            playing=control.playing,
            step=control.step,
            shown=control.step if control.looking is None else control.looking,
            looking=control.looking is not None,
            kept=self.session.history.steps,
            rate=control.rate,
            frames=self.frames.rate,
            seconds=control.seconds,
            device=str(control.recipe.get("device", "cpu")),
        )

    def fork(self) -> None:
        """Train on from the step that is looked at; the curves keep what came before it."""
        self._forked = (self.control.looking, "")
        self.control.play_from_here()

    def try_remedy(self, remedy: messages.Remedy) -> None:
        """Train with a remedy: on from the step that is shown where the run can take it up, else from step 0."""
        self._from_panel = False
        recipe = with_settings(self.control.wanted, remedy.settings)
        self._forked = (self.control.branch(recipe), remedy.title)

    def look_beside(self, places: int) -> None:
        """Look at the kept step so many places before or after the one that is shown."""
        kept = self.session.history.steps
        here = self.control.step if self.control.looking is None else self.control.looking
        before = [step for step in kept if step < here]
        after = [step for step in kept if step > here]
        row = before if places < 0 else after
        if row:
            self.control.look(row[places] if places < 0 else row[places - 1])
        elif places > 0:
            self.control.look(None)

    def _mark_time(self) -> None:
        if self.parts and self._cursor != self.control.looking:
            self._cursor = self.control.looking
            self.parts.curves.set_cursor(self._cursor)

    def _show(self, snapshot: Snapshot) -> None:
        assert self.parts is not None
        self.parts.curves.give_way()
        self._turns.show(self.parts.views, snapshot)
        self.frames.shown()
        self.shown_step = snapshot.step
        self.drawn.emit(snapshot)
        if not self._is_filled:
            self._panel.start(0)

    def _panel_changed(self, recipe: Mapping[str, Any]) -> None:
        self._from_panel = True
        self.control.apply(recipe)

    def fill_panel(self) -> None:
        """Put the catalogue into the recipe panel, once."""
        if self._is_filled or not self.control.catalogue or self._stopped:
            return
        assert self.parts is not None
        self._is_filled = True
        self.parts.panel.set_catalogue(self.control.catalogue)
        if self._scene is not None:
            self.parts.panel.set_scene(self._scene)
        if self.control.recipe:
            self.parts.panel.set_recipe(self.control.wanted)
        self.ready.emit(self.control.catalogue)

    def _on_ready(self, _: messages.Ready) -> None:
        self._panel.start(PANEL_MS)

    def _on_started(self, message: messages.Started) -> None:
        assert self.parts is not None
        self.measured_step = self.shown_step = -1
        forked_at, remedy = self._forked
        is_again = message.run == self._curves_run  # the trainer was started again
        if is_again or forked_at is not None:
            self.parts.cut_after(message.step)
        else:
            self._turns.clear()
            self.parts.clear(same_data=self._known.get("data") == message.recipe.get("data"))
            self.alarm.forget()
        if forked_at is not None and remedy:
            self.parts.curves.add_event(message.step, remedy)
        self._curves_run, self._row_step, self._forked = message.run, message.step, (None, "")
        self.settled.emit()
        self._take_up(message.recipe, message.label)
        if told := self.own_data.take_remark(message.run):
            self.remarked.emit(told)

    def _on_changed(self, message: messages.Changed) -> None:
        assert self.parts is not None
        alterations.mark_on(self.parts.curves, message, self._known, self.control.catalogue)
        self._take_up(message.recipe, message.label)

    def _take_up(self, recipe: Mapping[str, Any], label: str) -> None:
        assert self.parts is not None
        self._known = recipe
        if self._is_filled:
            self.parts.panel.set_recipe(self.control.wanted)
        self.parts.panel.clear_problem()
        self.begun.emit(recipe, label)
        self.watch_soon()

    def _on_refused(self, message: messages.Refused) -> None:
        assert self.parts is not None
        self._forked = (None, "")
        if self.own_data.amend(message):
            return
        self.fill_panel()
        if self.control.run:
            self.parts.panel.set_recipe(self.control.recipe)
        if self._from_panel:
            self.parts.panel.show_problem(message.path, message.problem)
        self.remarked.emit(remarks.refused(message, goes_on=self.control.run > 0))
        if not self.control.run and not self._from_panel and message.run == 1:
            self.control.apply(first_recipe())

    def _on_scene(self, scene: Scene) -> None:
        assert self.parts is not None
        self._turns.clear()
        self._scene = scene
        if self._is_filled:
            self.parts.panel.set_scene(scene)
        for view in self.parts.views:
            view.set_scene(scene)
        self.framed.emit(scene)
        self.watch_soon()

    def _on_rows(self, message: messages.Rows) -> None:
        """New rows; where the run has gone back to a kept state, they take the place of those that were there."""
        assert self.parts is not None
        if len(message.steps) and message.steps[0] <= self._row_step:
            self.parts.curves.cut_after(int(message.steps[0]) - 1)
            self.parts.phase.cut_after(int(message.steps[0]) - 1)
        self.parts.curves.add_rows(message)
        self.parts.phase.add_rows(message)
        self._row_step = int(message.steps[-1]) if len(message.steps) else self._row_step

    def _on_measured(self, message: messages.Measured) -> None:
        assert self.parts is not None
        self.measured_step = max(self.measured_step, message.step)
        self.parts.curves.add_measures(message)

    def _on_floors(self, message: messages.Floors) -> None:
        assert self.parts is not None
        self.parts.curves.set_floors(message)

    def _on_diagnosed(self, message: messages.Diagnosed) -> None:
        assert self.parts is not None
        self.parts.modes.add_diagnosed(message)
        self.parts.data.remember_modes(self.parts.modes.history.lost)
        self.alarm.take(message)

    def _on_failed(self, message: messages.Failed) -> None:
        assert self.parts is not None
        self.parts.curves.keep_in_view(message.step)
        self.remarked.emit(remarks.failed(message, self.control))

    def _on_answer(self, message: messages.Answer) -> None:
        assert self.parts is not None
        if message.number == self._questions:
            self.parts.latent.show_answer(message.arrays)
            self.parts.data.show_probe(message.arrays["x"], message.arrays["log_det"])
