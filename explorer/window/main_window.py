"""The window: header, recipe, data space with its banner, cards at the right, transport; joined to one session."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QMainWindow, QStatusBar, QVBoxLayout, QWidget

from explorer.session.control import Recipe
from explorer.session.messages import Lack
from explorer.session.snapshot import Scene
from explorer.widgets.banner import Banner, Remark
from explorer.widgets.header import Header
from explorer.widgets.icons import window_icon
from explorer.widgets.theme import GAP, Theme
from explorer.widgets.transport import Standing, Transport
from explorer.window.actions import Actions
from explorer.window.alarm import join_alarm
from explorer.window.any_session import AnySession
from explorer.window.appearance import Appearance
from explorer.window.conductor import Conductor
from explorer.window.docks import HANDLE_PX, Place
from explorer.window.documents import Documents
from explorer.window.fetching import FetchSheet
from explorer.window.hint import Hint
from explorer.window.keys import KeyGuard
from explorer.window.layout import Layout
from explorer.window.menu_bar import Menus
from explorer.window.middle import HOST, Middle
from explorer.window.parts import Parts, make_parts
from explorer.window.preferences import Preferences
from explorer.window.presets import Preset, first_recipe
from explorer.window.reproduction import ReproductionSheet
from explorer.window.sheets import about_sheet, shortcuts_sheet, stop_sheet
from explorer.window.skeleton import Skeleton

CLOSE_S: Final = 0.8
"""How long the processes are given to end when the window closes, seconds."""


class MainWindow(QMainWindow):
    """Everything that the user sees.

    Signals:
        assembled: panel and views are there.
    """

    assembled = Signal()
    close_s: float = 0.0
    _watch_for: Remark | None = None
    middle: Middle | None = None

    def __init__(
        self,
        session: AnySession,
        preferences: Preferences,
        *,
        theme: str | None = None,
        make: Callable[[], Parts] = make_parts,
    ) -> None:
        super().__init__()
        self.preferences, self._make = preferences, make
        self._closed = False
        chosen = preferences.theme if theme is None else theme
        self.appearance = Appearance(self, preferences, chosen, self._take_up)
        self.conductor = Conductor(session, self)
        self.documents = Documents(self, self.conductor, preferences)
        self.actions_ = Actions(self)
        self.parts: Parts | None = None
        self._build()
        self.menus = Menus(self, self.header.menu_bar, self.actions_)
        self._connect()
        self._keys = KeyGuard(self)
        self.appearance.refresh()
        self.actions_.set_running(False)
        for deed in ("middle", "play_middle"):
            self.actions_[deed].setEnabled(False)
        self.layout_.recall()

    # ---- building

    def _build(self) -> None:
        self.setWindowTitle("Pushforward")
        self.setWindowIcon(window_icon(QColor("#f0a33a")))
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.setMinimumSize(760, 520)
        self.resize(1280, 800)
        self.header, self.transport = Header(self), Transport(self)
        self.setMenuWidget(self.header)
        self.banner = Banner()
        self.setCentralWidget(self._make_workspace())
        self.layout_ = Layout(self, self.preferences)
        self.docks = self.layout_.docks
        # The status bar's place is the only one that spans the window below the docks.
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.addWidget(self.transport, 1)
        self._tighten(bar)

    def _make_workspace(self) -> QWidget:
        self.data_place = Place(Skeleton())
        self.hint = Hint(self.data_place)
        workspace = QWidget(self)
        workspace.setObjectName("workspace")
        workspace.setMinimumWidth(320)
        self._column = QVBoxLayout(workspace)
        self._column.setContentsMargins(0, HANDLE_PX, 0, GAP)
        self._column.setSpacing(GAP)
        self._column.addWidget(self.banner)
        self._column.addWidget(self.data_place, 1)
        return workspace

    def _tighten(self, bar: QStatusBar) -> None:
        layout = bar.layout()
        assert layout is not None
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)

    # ---- wiring

    def _connect(self) -> None:
        conductor, control, transport = self.conductor, self.conductor.control, self.transport
        self.actions_.bind(self._doings())
        self.actions_["presenter"].triggered.connect(self.set_presenter)
        self.actions_["average"].setChecked(conductor.average)
        self.actions_["average"].triggered.connect(self._show_average)
        join_alarm(conductor.alarm, self.banner, self.actions_, self.preferences)
        conductor.alarm.why.connect(self.docks["modes"].show)
        for deed in ("copy", "theme", "recipe", "presenter"):
            getattr(self.header, deed).clicked.connect(self.actions_[deed].trigger)
        self.docks["recipe"].toggleViewAction().toggled.connect(self.header.recipe.setHidden)
        transport.toggled.connect(self.toggle)
        transport.stepped.connect(control.take_step)
        transport.restarted.connect(control.reset)
        transport.reseeded.connect(partial(control.reset, new_seed=True))
        transport.speed_changed.connect(control.speed)
        transport.looked.connect(control.look)
        transport.forked.connect(conductor.fork)
        for source in (conductor, self.documents):
            source.remarked.connect(self.say)
        conductor.settled.connect(self.banner.dismiss)
        conductor.ready.connect(lambda _: self.docks["recipe"].place.reveal())
        conductor.lacked.connect(self._fetch)
        conductor.unnamed.connect(self.documents.ask_for)
        conductor.begun.connect(self._begun)
        conductor.framed.connect(self._framed)
        conductor.stood.connect(self._stood)
        self.documents.recent_changed.connect(self.menus.fill_recent)

    def _doings(self) -> Mapping[str, Callable[[], object]]:
        conductor, control, documents = self.conductor, self.conductor.control, self.documents
        return {
            "new": self._open_presets,
            "open_recipe": documents.ask_recipe,
            "open_run": documents.ask_run,
            "open_data": documents.ask_data,
            "open_pictures": documents.ask_pictures,
            "save_recipe": documents.save_recipe,
            "save_recipe_as": documents.save_recipe_as,
            "save_run": documents.save_run,
            "export_picture": partial(documents.export_picture, "data"),
            "export_numbers": documents.export_numbers,
            "copy": documents.copy_recipe,
            "quit": self.close,
            "play": self.toggle,
            "step": control.take_step,
            "step_critic": partial(control.take_step, "critic"),
            "step_generator": partial(control.take_step, "generator"),
            "reset": control.reset,
            "reseed": partial(control.reset, new_seed=True),
            "stop_at": self._ask_stop,
            "slower": partial(self.transport.nudge_speed, -5),
            "faster": partial(self.transport.nudge_speed, 5),
            "back": partial(conductor.look_beside, -1),
            "forth": partial(conductor.look_beside, 1),
            "newest": partial(control.look, None),
            "play_from_here": conductor.fork,
            "theme": self.appearance.choose_other,
            "recipe": self.docks["recipe"].toggleViewAction().trigger,
            "middle": lambda: self.middle and self.middle.turn_on(),
            "play_middle": lambda: self.middle and self.middle.play(),
            "reset_layout": self._reset_layout,
            "shortcuts": lambda: shortcuts_sheet(self).open(),
            "reproduce": lambda: ReproductionSheet(self, self.appearance.theme).open(),
            "about": lambda: about_sheet(self, control.catalogue, control.recipe).open(),
        }

    def begin(self, recipe: Recipe | None = None, folder: str | None = None) -> None:
        """Start the session with a recipe, a saved run, what was open last, or the newcomer's preset."""
        self.conductor.session.start()
        if folder:
            self.conductor.load(folder)
        else:
            chosen = recipe if recipe is not None else self.preferences.recipe or first_recipe()
            self.conductor.apply(chosen)
            self.transport.suggest_speed(chosen.get("about", {}).get("speed", 0.0))
        # Panel and views come after the window is on the screen: loading them takes several frames.
        QTimer.singleShot(0, self, self.assemble)

    def assemble(self) -> None:
        """Make panel and views, and join them to the session."""
        if self.parts or self._closed:
            return
        self.parts = parts = self._make()
        self.docks["recipe"].place.put(parts.panel)
        self.middle = middle = Middle(parts.data)
        middle.turned.connect(self._place_hint)
        middle.recall(self.preferences.middle)
        self.data_place.put(middle)
        for guest in parts.guests:
            add = middle.add if guest.beside == HOST else self.layout_.add
            self.menus.add_card(guest.key, guest.title, add(guest))
            bring = middle.show_card if guest.beside == HOST else self.layout_.bring
            guest.called.connect(partial(bring, guest.key))
        for key, view in (("latent", parts.latent), ("modes", parts.modes), ("curves", parts.curves)):
            self.docks[key].show_view(view)
        self._take_up(self.appearance.theme, self.appearance.scale)
        self.conductor.join(parts)
        self.assembled.emit()

    # ---- what the user does

    def toggle(self) -> None:
        """Play or pause."""
        self.hint.hide()
        self.conductor.control.toggle()

    def new_from(self, preset: Preset) -> None:
        """Begin again from a preset, and say what to watch for."""
        self.documents.recipe_path = None
        self.conductor.apply(preset.recipe)
        self.transport.suggest_speed(preset.recipe.get("about", {}).get("speed", 0.0))
        self._watch_for = Remark("notice", preset.title, f"{preset.watch} It takes about {preset.time}.")

    def say(self, remark: Remark) -> None:
        """Show a remark on the banner."""
        self.banner.say(remark)

    def set_presenter(self, on: bool) -> None:  # noqa: FBT001  (a slot of a switch)
        """Larger text and lines on the full screen, or back."""
        for switch in (self.actions_["presenter"], self.header.presenter):
            switch.setChecked(on)
        self.layout_.present(on, self.screen().size().width())
        self.appearance.present(on)

    def _take_up(self, theme: Theme, scale: float) -> None:
        for part in (self.header, self.banner, self.transport, self.data_place, *self.docks.values()):
            part.set_theme(theme, scale)
        self.menus.check_theme(self.appearance.chosen)
        if self.parts:
            self.parts.set_theme(theme, scale)
        self._place_hint()

    def _show_average(self, on: bool) -> None:  # noqa: FBT001
        self.conductor.average = on
        self.conductor.watching.soon()

    def _reset_layout(self) -> None:
        self.layout_.reset()
        if self.middle:
            self.middle.reset()

    def _open_presets(self) -> None:
        button = self.header.presets
        self.menus.presets.popup(button.mapToGlobal(button.rect().bottomLeft()))
        self.menus.presets.setActiveAction(self.menus.presets.actions()[0])

    def _fetch(self, lack: Lack, recipe: Recipe) -> None:
        """Ask for the data that a recipe lacks, and begin when they are here."""
        sheet = FetchSheet(self, self.appearance.theme, lack)
        data = dict(recipe["data"]) if isinstance(recipe["data"], Mapping) else {"key": recipe["data"]}
        sheet.fetched.connect(partial(self.conductor.apply, recipe))
        sheet.pointed.connect(lambda folder: self.conductor.apply({**recipe, "data": {**data, "path": folder}}))
        sheet.open()

    def _ask_stop(self) -> None:
        control = self.conductor.control
        stop_sheet(self, control.step, control.play).open()

    # ---- what the session reports

    def _begun(self, recipe: Mapping[str, Any], label: str) -> None:
        self.header.set_label(label)
        self.setWindowTitle(f"{label} – Pushforward" if label else "Pushforward")
        self.preferences.recipe = dict(recipe)
        self.actions_.set_running(True)
        self.actions_["average"].setEnabled(self.conductor.averages)
        remark, self._watch_for = self._watch_for, None
        if remark:
            self.say(remark)

    def _framed(self, scene: Scene) -> None:
        assert self.parts is not None
        assert self.middle is not None
        for steps in (self.actions_, self.transport):
            steps.set_critic(scene.critic_parameters > 0)
        present = [guest.key for guest in self.parts.present_guests]
        self.layout_.arrange(self.middle.others(present), self.parts.absent(scene))
        self.middle.arrange(present)
        for deed in ("middle", "play_middle"):
            self.actions_[deed].setEnabled(self.middle.has_guests)
        for place in (self.data_place, *(dock.place for key, dock in self.docks.items() if key != "recipe")):
            place.reveal()
        control = self.conductor.control
        self.hint.setVisible(control.step == 0 and not control.playing)
        self._place_hint()

    def _stood(self, standing: Standing) -> None:
        self.transport.show_standing(standing)
        if standing.playing or standing.step:
            self.hint.hide()

    # ---- Qt's own events

    def event(self, event: QEvent) -> bool:
        """Count real paintings."""
        if event.type() == QEvent.Type.UpdateRequest:
            self.conductor.frames.painted()
        return super().event(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Place the cards when the size is known."""
        super().showEvent(event)
        self.data_place.setFocus()  # no button is lit before a key has been pressed
        self.layout_.settle()
        self._place_hint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the hint in its place."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._place_hint)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Recipes, run folders and data files are welcome."""
        if self.documents.accepts(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        event.acceptProposedAction()
        self.documents.drop(event.mimeData())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the layout, and end the processes."""
        if not self._closed:
            self._closed = True
            if self.isVisible() and not self.actions_["presenter"].isChecked():
                self.layout_.keep()
                if self.middle and self.middle.has_guests:
                    self.preferences.middle = self.middle.front
            self.preferences.flush()
            self.conductor.stop()
            self.hide()
            started = time.monotonic()
            self.conductor.session.close(CLOSE_S)
            self.close_s = time.monotonic() - started
        super().closeEvent(event)

    def _place_hint(self) -> None:
        self.hint.settle(self.appearance.scale, self.middle.foot if self.middle else 0)
