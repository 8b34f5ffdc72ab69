"""The bottom row: reset, play and step; speed; time; and how the run is doing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QSlider, QWidget

from explorer.widgets.glyph_button import GlyphButton
from explorer.widgets.theme import DARK, Theme
from explorer.widgets.time_slider import TimeSlider

FASTEST: Final = 10_000.0
"""Steps a second at the end of the dial, before "unlimited"."""

UNLIMITED: Final = 100
"""The dial's last place."""


@dataclass(frozen=True)
class Standing:
    """How the run is doing, as the transport shows it.

    Attributes:
        ready: whether there is a run at all.
        playing: whether it trains now.
        step: the newest step.
        shown: the step that is looked at.
        looking: whether that is an earlier one.
        kept: steps that can be looked at.
        rate: steps per second.
        frames: pictures per second.
        seconds: of training.
        device: where it trains.
    """

    ready: bool = False
    playing: bool = False
    step: int = 0
    shown: int = 0
    looking: bool = False
    kept: tuple[int, ...] = ()
    rate: float = 0.0
    frames: float = 0.0
    seconds: float = 0.0
    device: str = "cpu"


def speed_at(place: int) -> float | None:
    """Steps a second at a place of the dial, from 1 at 0 over decades; None, unlimited, at the end."""
    return None if place >= UNLIMITED else FASTEST ** (place / (UNLIMITED - 1))


def place_of(speed: float | None) -> int:
    """The dial's place for a speed."""
    if speed is None:
        return UNLIMITED
    return min(UNLIMITED - 1, max(0, round(math.log(speed, FASTEST) * (UNLIMITED - 1))))


def clock(seconds: float) -> str:
    """Elapsed time, as 0:42, 12:03 or 1:02:03."""
    whole = int(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


class Figure(QWidget):
    """A number in semi-bold with its unit, wide enough not to jump about while it counts."""

    def __init__(self, unit: str, widest: str, help: str, parent: QWidget, *, unit_first: bool = False) -> None:
        super().__init__(parent)
        self._widest = widest
        self._number, self._unit = QLabel(self), QLabel(unit, self)
        self._number.setProperty("role", "figure")
        self._number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._unit.setProperty("role", "muted")
        self.setToolTip(help)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        parts = (self._unit, self._number) if unit_first else (self._number, self._unit)
        for part in parts:
            row.addWidget(part)
        if unit_first:
            self._number.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def set_text(self, text: str) -> None:
        """Show a number."""
        if self._number.text() != text:
            self._number.setText(text)

    def text(self) -> str:
        """The number that is shown."""
        return self._number.text()

    def fit(self) -> None:
        """Reserve the width of the widest number in the present font."""
        self._number.ensurePolished()
        self._number.setMinimumWidth(self._number.fontMetrics().horizontalAdvance(self._widest) + 2)


class Transport(QFrame):
    """Buttons, dials and figures; knows nothing of sessions.

    Signals:
        toggled: play or pause.
        stepped: one step, with whose turn it is.
        restarted: again with the same seed.
        reseeded: again with a new seed.
        speed_changed: steps a second, or None for unlimited.
        looked: a kept step to look at, or None for the newest.
        forked: play on from the step that is looked at.
    """

    toggled = Signal()
    stepped = Signal(str)
    restarted = Signal()
    reseeded = Signal()
    speed_changed = Signal(object)
    looked = Signal(object)
    forked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transport")
        self._theme, self._scale = DARK, 1.0
        self.standing = Standing()
        self._make_buttons()
        self._make_dials()
        self._make_figures()
        self._arrange()
        self._connect()
        self.show_standing(Standing())

    def _make_buttons(self) -> None:
        self.reset = GlyphButton("restart", "Back to step 0 with the same seed (R)", self)
        self.play = GlyphButton("play", "Train (Space)", self, side=38)
        self.play.is_round = True
        self.step = GlyphButton("step", "Take one step (→)", self)
        self.reset.set_menu(self._menu({"Same seed": self.restarted.emit, "New seed": self.reseeded.emit}))
        turns = {"Whole step": "both", "Critic only": "critic", "Generator only": "generator"}
        self._turns = self._menu({words: self._turn(turn) for words, turn in turns.items()})
        self.step.set_menu(self._turns)
        self.fork = QPushButton("Play from here", self)
        self.fork.setToolTip("Train on from the step that is shown; what came after it is dropped")
        self.newest = QPushButton("Newest", self)
        self.newest.setToolTip("Show the newest step again (End)")
        for button in (self.fork, self.newest):
            button.hide()

    def set_critic(self, there: bool) -> None:  # noqa: FBT001
        """Offer the steps of single players where there are two."""
        _, *single = self._turns.actions()
        for action in single:
            action.setVisible(there)

    def _turn(self, turn: str) -> object:
        return lambda: self.stepped.emit(turn)

    def _menu(self, entries: dict[str, object]) -> QMenu:
        menu = QMenu(self)
        for words, act in entries.items():
            menu.addAction(words).triggered.connect(act)
        return menu

    def _make_dials(self) -> None:
        self.speed = QSlider(Qt.Orientation.Horizontal, self)
        self.speed.setRange(0, UNLIMITED)
        self.speed.setPageStep(10)
        self.speed.setAccessibleName("speed")
        self.speed.setToolTip("How fast to train, from one step a second to as fast as the machine allows ([ and ])")
        self._speed_text = QLabel(self)
        self._speed_text.setProperty("role", "muted")
        self.time = TimeSlider(self)
        self._time_text = QLabel(self)
        self._time_text.setProperty("role", "muted")

    def _make_figures(self) -> None:
        self.at = Figure("step", "00,000", "Steps taken", self, unit_first=True)
        self.rate = Figure("steps/s", "0,000", "Training steps per second", self)
        self.frames = Figure("fps", "00", "Pictures drawn per second", self)
        self.elapsed = Figure("", "00:00", "Training time", self)
        self.device = QLabel("CPU", self)
        self.device.setProperty("role", "muted")
        self.device.setToolTip("Where the networks train")

    def _arrange(self) -> None:
        self._row = QHBoxLayout(self)
        self._row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)  # a narrow window hides, see _fit
        for widget in (self.reset, self.play, self.step):
            self._row.addWidget(widget)
        self._speed_name, self._time_name = QLabel("speed", self), QLabel("time", self)
        for label in (self._speed_name, self._time_name):
            label.setProperty("role", "muted")
        for widget in (self._speed_name, self.speed, self._speed_text, self._time_name):
            self._row.addWidget(widget)
        self._row.addWidget(self.time, 1)
        for widget in (self._time_text, self.fork, self.newest):
            self._row.addWidget(widget)
        for widget in (self.at, self.rate, self.frames, self.elapsed, self.device):
            self._row.addWidget(widget)
        self._spare: tuple[QWidget, ...] = (
            self.device, self.frames, self._time_name, self._speed_name, self.elapsed, self._speed_text, self.rate,
            self.speed,
        )  # fmt: skip
        self._was_looking = False

    def _connect(self) -> None:
        self.reset.clicked.connect(self.restarted)
        self.play.clicked.connect(self.toggled)
        self.step.clicked.connect(lambda: self.stepped.emit("both"))
        self.fork.clicked.connect(self.forked)
        self.newest.clicked.connect(lambda: self.looked.emit(None))
        self.time.looked.connect(self.looked)
        self.speed.valueChanged.connect(self._speed_moved)
        self.speed.setValue(UNLIMITED)

    def suggest_speed(self, steps_per_second: float) -> None:
        """Turn the dial to where a recipe can be followed; for 0, back again if another recipe had turned it."""
        if steps_per_second or self._is_suggested:
            self.speed.setValue(place_of(steps_per_second or None))
        self._is_suggested = steps_per_second > 0

    _is_suggested: bool = False

    def nudge_speed(self, places: int) -> None:
        """Turn the dial by so many places."""
        self.speed.setValue(self.speed.value() + places)

    def show_standing(self, standing: Standing) -> None:
        """Show how the run is doing."""
        self.standing = standing
        for widget in (self.reset, self.play, self.step, self.time):
            widget.setEnabled(standing.ready)
        icon, words = ("pause", "Pause (Space)") if standing.playing else ("play", "Train (Space)")
        if self.play.icon_name != icon:
            self.play.set_icon(icon, words)
        self.time.show_times(standing.kept, standing.step, standing.shown)
        self.at.set_text(f"{standing.step:,}" if standing.ready else "–")
        self.rate.set_text(_count(standing.rate) if standing.playing else "–")
        self.frames.set_text(f"{standing.frames:.0f}" if standing.frames else "–")
        self.elapsed.set_text(clock(standing.seconds))
        self.device.setText(standing.device.upper())
        self._show_looking(standing)

    def _show_looking(self, standing: Standing) -> None:
        self._time_text.setText(f"step {standing.shown:,} of {standing.step:,}")
        for widget in (self._time_text, self.fork, self.newest):
            widget.setVisible(standing.looking)
        # The number beside the slider says the same, and there is no room for both on a small screen.
        self.at.setVisible(not standing.looking)
        if standing.looking != self._was_looking or self._row.minimumSize().width() > self.width():
            self._was_looking = standing.looking
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where all does not fit beside one another, let go of what can be spared most."""
        for widget in self._spare:
            widget.show()
        for widget in self._spare:
            if self._row.minimumSize().width() <= self.width():
                return
            widget.hide()

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Take up colours and sizes."""
        self._theme, self._scale = theme, scale
        for widget in (self.reset, self.play, self.step, self.time):
            widget.set_theme(theme, scale)
        self._row.setContentsMargins(*(round(side * scale) for side in (14, 7, 14, 7)))
        self._row.setSpacing(round(10 * scale))
        self.speed.setFixedWidth(round(110 * scale))
        self._speed_text.ensurePolished()
        widest = self._speed_text.fontMetrics().horizontalAdvance("10,000 /s")
        self._speed_text.setFixedWidth(widest + 4)
        for figure in (self.at, self.rate, self.frames, self.elapsed):
            figure.fit()
        self._fit()

    def _speed_moved(self, place: int) -> None:
        speed = speed_at(place)
        self._speed_text.setText("unlimited" if speed is None else f"{_count(speed)} /s")
        self.speed_changed.emit(speed)


def _count(value: float) -> str:
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}"
