"""Joins a session to the widgets: polls what the processes report, and hands each message to those whom it concerns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.session import commands, messages
from explorer.session.control import Control
from explorer.session.messages import Message
from explorer.session.settings import with_settings
from explorer.session.snapshot import Scene, Snapshot
from explorer.widgets.transport import Standing
from explorer.window import alterations, remarks
from explorer.window.alarm import Alarm
from explorer.window.amendments import OF_CHOICE, OF_DATA, Amendments
from explorer.window.any_session import AnySession
from explorer.window.frames import FrameMeter
from explorer.window.parts import Parts
from explorer.window.presets import first_recipe
from explorer.window.pulse import Pulse
from explorer.window.questions import Questions, join_questions
from explorer.window.records import Records
from explorer.window.turns import Turns
from explorer.window.watching import Watching

PANEL_MS: Final = 700
"""How long the recipe panel, which takes a while to fill, waits for the first picture to be drawn before it."""


class Conductor(QObject):
    """Knows the session and the parts; the window knows neither's messages.

    Signals:
        remarked: something to say on the banner.
        settled: the last trouble is over; an old alarm may go.
        ready: the catalogue is here.
        lacked: data must be fetched (``messages.Lack``) before the recipe that was asked for can begin.
        unnamed: data were picked that a file or folder must be named for: the option that names it, and the data's key.
        begun: a run began or took up a change: its recipe and its label.
        framed: a scene is here: there is something to see.
        stood: how the run is doing.
        drawn: the data space has drawn a snapshot; the other views follow, one in each turn of the event loop.
    """

    remarked = Signal(object)
    settled = Signal()
    ready = Signal(object)
    begun = Signal(object, str)
    lacked = Signal(object, object)
    unnamed = Signal(object, str)
    framed = Signal(object)
    stood = Signal(object)
    drawn = Signal(object)

    def __init__(self, session: AnySession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.control = Control(session.send, session.history)
        self.alarm = Alarm(self.control, self)
        self.amendments = Amendments(self.control, self.control.apply)
        self.frames, self._turns = FrameMeter(), Turns(self)
        self.parts: Parts | None = None
        self.measured_step = self.shown_step = -1
        self.average = True
        self.questions = Questions(session.send, lambda: self.control.run)
        self.watching = Watching(session.send, self._watch, self)
        self.pulse = Pulse(self._take, self._tell, self._is_busy, self)
        self._records: Records | None = None
        self._from_panel = self._has_failed = self._is_filled = False
        self._scene: Scene | None = None
        self._known: Mapping[str, Any] = {}
        self._curves_run = -1
        self._forked: tuple[int | None, str] = (None, "")
        self._cursor: int | None = None
        self._takers = self._make_takers()
        self._panel = QTimer(self, singleShot=True)
        self._panel.timeout.connect(self.fill_panel)

    def _make_takers(self) -> dict[type, Callable[[Any], None]]:
        return {
            messages.Ready: self._on_ready,
            messages.Started: self._on_started,
            messages.Changed: self._on_changed,
            messages.Refused: self._on_refused,
            messages.Finished: lambda message: self.remarked.emit(remarks.finished(message, self.control.play)),
            messages.Died: self._on_died,
            messages.Saved: lambda message: self.remarked.emit(remarks.saved(message)),
            messages.Noticed: lambda message: self.remarked.emit(remarks.noticed(message)),
            messages.NotSaved: lambda message: self.remarked.emit(remarks.not_saved(message)),
            messages.Answer: self.questions.answer,
            Scene: self._on_scene,
        }

    def _takers_of(self, records: Records) -> dict[type, Callable[[Any], None]]:
        return {
            messages.Rows: records.add_rows,
            messages.Costed: records.set_cost,
            messages.Measured: self._on_measured,
            messages.Floors: records.set_floors,
            messages.Diagnosed: self._on_diagnosed,
            messages.Failed: self._on_failed,
        }

    def join(self, parts: Parts) -> None:
        """Take over the panel and the views, and begin to poll."""
        self.parts, self._records = parts, Records(parts)
        self._takers |= self._takers_of(self._records)
        parts.panel.recipe_changed.connect(self._panel_changed)
        join_questions(self.questions, self.session.history, parts)
        parts.modes.pointed.connect(parts.data.point_out)
        for source in (parts.modes, self.alarm):
            source.chosen.connect(self.try_remedy)
        self.alarm.why.connect(parts.modes.show_why)
        for view in parts.views:
            view.wanted_changed.connect(self.watching.soon)
        self.pulse.start()
        self.watching.soon()

    def stop(self) -> None:
        """Poll no more, and tell the processes nothing more."""
        self.pulse.stop()
        self.watching.stop()
        self._panel.stop()
        self._turns.clear()

    def apply(self, recipe: Mapping[str, Any], fitted: str = "", told: str = "") -> None:
        """Train a recipe that came from a file, a preset or the last day; ``fitted`` and ``told``: see ``Request``."""
        self._from_panel = False
        if self.control.apply(recipe) != "restart":
            self.control.reset()  # what is opened begins at step 0, even if it is what trains already
        self.amendments.note(recipe, fitted, told)

    def learn(self, part: Mapping[str, Any], title: str, told: str = "") -> None:
        """Train on other data, with whatever else follows from them.

        Args:
            part: the data of a recipe: key and options.
            title: what the recipe is called from now on.
            told: what is to be said when it begins.
        """
        self.fill_panel()  # it knows what follows
        recipe = dict(self.control.wanted) | {"data": dict(part)}
        if self._is_filled and self.parts is not None:
            self.parts.panel.set_recipe(self.control.wanted)
            recipe = self.parts.panel.recipe_with("data", part)
        self.apply({**recipe, "about": {"title": title}}, OF_DATA, told)

    def load(self, folder: str) -> None:
        """Go on with a saved run."""
        self._from_panel = False
        self.control.load(folder)

    def _watch(self) -> commands.Watch | None:
        if self.parts is None:
            return None
        keys = frozenset[str]().union(*(view.wanted() for view in self.parts.present))
        return commands.Watch(keys, average=self.average and self.averages)

    @property
    def averages(self) -> bool:
        """Whether the recipe keeps a running average of the weights."""
        return float(self.control.recipe.get("optimizer", {}).get("ema", 0.0)) > 0.0

    def _is_busy(self) -> bool:
        return self._turns.is_busy or (self.parts is not None and self.parts.curves.has_turn)

    def poll(self) -> None:
        """Take what has come, and show it, now."""
        self.pulse.poll()

    def _tell(self) -> None:
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
        self._turns.show(self.parts.present, snapshot)
        self.frames.shown()
        self.shown_step = snapshot.step
        self.drawn.emit(snapshot)
        if not self._is_filled:
            self._panel.start(0)

    def _panel_changed(self, recipe: Mapping[str, Any]) -> None:
        self._from_panel = True
        wanted = self.control.wanted
        is_choice = alterations.is_choice(wanted, recipe, self.control.catalogue)
        of_data = OF_DATA if recipe.get("data") != wanted.get("data") else ""
        self.control.apply(recipe)
        self.amendments.note(recipe, OF_CHOICE if is_choice else of_data)

    def fill_panel(self) -> None:
        """Put the catalogue into the recipe panel, once."""
        if self._is_filled or not self.control.catalogue:
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
        assert self._records is not None
        self.questions.forget()
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
        self._records.begin(message.step)
        self._curves_run, self._forked = message.run, (None, "")
        self.settled.emit()
        self._take_up(message.recipe, message.label)
        if told := self.amendments.take_remark(message.run):
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
        self.watching.soon()

    def _on_refused(self, message: messages.Refused) -> None:
        assert self.parts is not None
        self._forked = (None, "")
        self.questions.forget()  # those about a run that never came
        if self.amendments.amend(message):
            return
        self.fill_panel()
        if self.control.run:
            self.parts.panel.set_recipe(self.control.recipe)
        wanted = self.amendments.wanted(message)
        if wanted is not None and self._ask_for_data(message, wanted):
            self._begin_first(message)
            return
        if self._from_panel:
            self.parts.panel.show_problem(message.path, message.problem)
        ways = self.amendments.offer(message)
        self.remarked.emit(remarks.refused(message, ways, goes_on=self.control.run > 0))
        self._begin_first(message)

    def _ask_for_data(self, refused: messages.Refused, wanted: Mapping[str, Any]) -> bool:
        """Ask the user for data that are to be fetched, or named; whether it is these that are lacking."""
        option = alterations.unnamed(refused.path, wanted, self.control.catalogue) if self._from_panel else None
        if refused.lack is not None:
            self.lacked.emit(refused.lack, wanted)
        elif option is not None:
            self.unnamed.emit(option, wanted["data"]["key"])
        return refused.lack is not None or option is not None

    def _begin_first(self, refused: messages.Refused) -> None:
        """The newcomer's preset, where what was open last cannot begin."""
        if not self.control.run and not self._from_panel and refused.run == 1:
            self.control.apply(first_recipe())

    def _on_scene(self, scene: Scene) -> None:
        assert self.parts is not None
        known, self._scene = self._scene, scene
        if known is not None and known.run == scene.run:
            self.parts.amend_scene(scene)
        else:
            self._turns.clear()
            if self._is_filled:
                self.parts.panel.set_scene(scene)
            self.parts.set_scene(scene)
        self.framed.emit(scene)
        self.watching.soon()

    def _on_measured(self, message: messages.Measured) -> None:
        assert self._records is not None
        self.measured_step = max(self.measured_step, message.step)
        self._records.add_measures(message)

    def _on_diagnosed(self, message: messages.Diagnosed) -> None:
        assert self._records is not None
        self._records.add_diagnosed(message)
        self.alarm.take(message)

    def _on_failed(self, message: messages.Failed) -> None:
        assert self._records is not None
        self._records.keep_in_view(message)
        self.remarked.emit(remarks.failed(message, self.control))

    def _on_died(self, message: messages.Died) -> None:
        self.questions.forget()
        self.remarked.emit(remarks.died(message))
