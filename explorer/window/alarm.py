"""The alarm: what a finding says on the banner, with the remedies one click away. It does not nag."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal

from explorer.session.control import Control
from explorer.session.messages import Diagnosed, Remedy
from explorer.session.settings import with_settings
from explorer.widgets.banner import Action, Banner, Remark
from explorer.window.actions import Actions
from explorer.window.preferences import Preferences

HEALTHY: Final = "healthy"
"""The verdict after which every trouble is a new one."""


class Alarm(QObject):
    """Rings once for each trouble of a run, until the run has been healthy in between.

    Attributes:
        rings: whether it is switched on.
        pauses: whether training pauses when it rings.

    Signals:
        rang: what to say on the banner.
        calmed: what was said, and is over.
        why: the user asks what the verdict rests on.
        chosen: the remedy that the user wants to try.
    """

    rang = Signal(object)
    calmed = Signal(object)
    why = Signal()
    chosen = Signal(object)

    def __init__(self, control: Control, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rings, self.pauses = True, False
        self._control = control
        self._told: set[str] = set()
        self._remark: Remark | None = None

    def take(self, found: Diagnosed) -> None:
        """Ring, or be still."""
        if found.verdict == HEALTHY:
            self._told.clear()
            self._calm()
        elif found.alarm and self.rings and found.verdict not in self._told:
            self._told.add(found.verdict)
            self._ring(found)

    def forget(self) -> None:
        """Another run: all troubles are new."""
        self._told.clear()
        self._remark = None

    def tip(self, remedy: Remedy) -> str:
        """What a remedy is, which settings it changes, and where the run goes on with it."""
        step = self._control.branch_step(with_settings(self._control.wanted, remedy.settings))
        place = "The run starts again." if step is None else f"The run goes on from step {step:,}."
        return "\n".join((remedy.help, "  ".join(remedy.settings), place))

    def _ring(self, found: Diagnosed) -> None:
        text = found.text
        if self.pauses and self._control.playing:
            self._control.pause()
            text += " Training is paused."
        why = Action("Why?", self.why.emit, lambda: "Show the signs that say so.")
        self._remark = Remark("alarm", found.title, text, (*map(self._action, found.remedies), why))
        self.rang.emit(self._remark)

    def _action(self, remedy: Remedy) -> Action:
        return Action(remedy.title, partial(self.chosen.emit, remedy), partial(self.tip, remedy))

    def _calm(self) -> None:
        if self._remark is not None:
            self.calmed.emit(self._remark)
            self._remark = None


def join_alarm(alarm: Alarm, banner: Banner, actions: Actions, preferences: Preferences) -> None:
    """Let an alarm speak on a banner; its two switches are in the menu, and are remembered."""

    def set_rings(on: bool) -> None:  # noqa: FBT001  (a slot of a switch)
        preferences.alarm = alarm.rings = on
        actions["auto_pause"].setEnabled(on)

    def set_pauses(on: bool) -> None:  # noqa: FBT001
        preferences.auto_pause = alarm.pauses = on

    alarm.rang.connect(banner.say)
    alarm.calmed.connect(banner.withdraw)
    for name, slot, is_on in (
        ("alarm", set_rings, preferences.alarm),
        ("auto_pause", set_pauses, preferences.auto_pause),
    ):
        actions[name].toggled.connect(slot)
        actions[name].setChecked(is_on)
        slot(is_on)
