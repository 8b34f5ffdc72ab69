"""The modes: their mass, a table, their births and deaths, and what is wrong with them, if anything."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QWidget

from explorer.session.messages import Diagnosed
from explorer.session.snapshot import Arrays, Scene, Snapshot
from explorer.views._base import View
from explorer.views._header import Chip
from explorer.views._mode_bars import WAITING, Bars
from explorer.views._mode_history import ModeHistory
from explorer.views._mode_rows import RowsView
from explorer.views._mode_signs import Signs, verdict_ink
from explorer.views._mode_timeline import Timeline
from explorer.views.modes import missing, noun

NO_MODES: Final = "This data has no named modes."

CHIPS: Final = {
    "bars": "Share of high-quality samples at each mode, against its target.",
    "table": "Each mode in numbers: mass, target, quality, distance, age.",
    "timeline": "When each mode was born and when it died; samples near it count, of high quality or not.",
    "why": "What is wrong, if anything, and the signs that say so.",
}
"""The pages of the card, with what each shows."""


class ModesView(View):
    """How the modes fare: four pages of one card, all of the step that is shown, under one verdict.

    Signals:
        pointed: number of the mode that the user points at; None for no mode.
        chosen: the remedy that the user wants to try.
    """

    pointed = Signal(object)
    chosen = Signal(object)
    title = "Modes"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.history = ModeHistory()
        self.found: Diagnosed | None = None
        self._filled: tuple[Diagnosed | None, int | None] | None = None  # what the page shows, and of which step
        self.bars, self.table, self.timeline, self.signs = Bars(self), RowsView(self), Timeline(self), Signs(self)
        self.pages = dict(zip(CHIPS, (self.bars, self.table, self.timeline, self.signs), strict=True))
        for page in self.pages.values():
            self.put(page)
        self.chips = self._make_chips()
        self.table.pointed.connect(self.pointed)
        self.signs.chosen.connect(self.chosen)
        self.show_page("bars")

    def needs(self) -> frozenset[str]:
        """The modes, where there are any."""
        there = self.scene is not None and len(self.scene.mode_means) > 0
        return frozenset({"modes"}) if there else frozenset()

    def show_page(self, key: str) -> None:
        """Turn to one of the pages."""
        self.page = key
        for name, page in self.pages.items():
            page.setVisible(name == key)
        self.chips[key].setChecked(True)
        self._fill_page()
        self.pointed.emit(None)

    def show_why(self) -> None:
        """Turn to the signs of the verdict."""
        self.show_page("why")

    def add_diagnosed(self, found: Diagnosed) -> None:
        """How the newest weights fare; shown at once unless an earlier step is looked at."""
        self.history.add(found)
        self._look_up()

    def cut_after(self, step: int) -> None:
        """The run goes on from this step: forget what came after it."""
        self.history.cut_after(step)
        self._look_up()

    def clear(self) -> None:
        """A new run: nothing is known of it."""
        self.history.clear()
        self.snapshot = None
        self._empty(WAITING)
        self._look_up()

    def take_scene(self, scene: Scene) -> None:
        """Empty bars."""
        self._empty(WAITING if len(scene.mode_means) else NO_MODES)
        self.bars.names, self.bars.noun = tuple(scene.mode_names), noun(scene)
        self._look_up()

    def draw(self, snapshot: Snapshot) -> None:
        """The masses at this step, and what was found at it or before it."""
        arrays = snapshot.pictures.get("modes")
        if arrays is not None:
            self._show_masses(arrays, snapshot.step)
            self._describe(float(arrays["quality"]))
        else:
            self._empty(snapshot.missing.get("modes", self.bars.message))
        self._look_up()

    def restyle(self) -> None:
        """Colours and sizes of the pages."""
        for page in self.pages.values():
            page.theme, page.scale = self.theme, self.scale
        for chip in self.chips.values():
            chip.set_theme(self.theme, self.scale, "")
        self.table.restyle()
        self.signs.restyle()
        self.header.arrange()
        self._tell_verdict()
        for page in (self.bars, self.timeline):
            page.update()

    @property
    def looked_at(self) -> int | None:
        """The earlier step that is shown; None while the newest is."""
        return None if self.snapshot is None or self.snapshot.live else self.snapshot.step

    def _make_chips(self) -> dict[str, Chip]:
        chips = {key: Chip(key, help_text, fades=False) for key, help_text in CHIPS.items()}
        group = QButtonGroup(self)
        for key, chip in chips.items():
            group.addButton(chip)
            chip.clicked.connect(partial(self._turn_to, key))
        self.header.set_parts(list(chips.values()))
        return chips

    def _turn_to(self, key: str, *_: object) -> None:
        self.show_page(key)

    def _look_up(self) -> None:
        """Take what belongs to the step that is shown."""
        found = self.history.newest if self.looked_at is None else self.history.at(self.looked_at)
        if found is not self.found:
            self.found = found
            self._tell_verdict()
        if self.isVisible() and not self._is_filled():
            self._fill_page()

    def _is_filled(self) -> bool:
        return self._filled is not None and self._filled[0] is self.found and self._filled[1] == self.looked_at

    def _fill_page(self) -> None:
        """Only what is seen is made."""
        self._filled = self.found, self.looked_at
        fill = {"table": self._fill_table, "timeline": self._fill_timeline, "why": self._fill_signs}.get(self.page)
        if fill is not None:
            fill()

    def _fill_table(self) -> None:
        self.table.show_found(self.found)

    def _fill_signs(self) -> None:
        self.signs.show_found(self.found)

    def _fill_timeline(self) -> None:
        newest, timeline = self.history.newest, self.timeline
        shown = self.snapshot.step if self.snapshot else 0
        now = max(newest.step if newest else 0, shown)
        timeline.noun, timeline.looked_at = self.bars.noun, self.looked_at
        timeline.show_lives(newest.names if newest else (), self.history.lives(now), now)

    def _show_masses(self, arrays: Arrays, step: int) -> None:
        bars = self.bars
        bars.mass, bars.good, bars.target = arrays["mass"], arrays["good"], arrays["target"]
        bars.samples = int(arrays.get("samples", 0))
        if len(bars.names) != len(bars.mass):
            bars.names = tuple(str(number + 1) for number in range(len(bars.mass)))
        bars.missing = missing(bars.mass, bars.target, step)
        bars.update()

    def _describe(self, quality: float) -> None:
        gone = 0 if self.bars.is_many else int(self.bars.missing.sum())  # of many, some have no sample by chance
        lost = f"{gone} missing" if gone else ""
        good = f"{100 * quality:.1f} % high quality"
        whole = " · ".join(part for part in (good, lost) if part)
        self.header.set_subtitle(whole, whole.replace("high quality", "quality"), lost or good)

    def _tell_verdict(self) -> None:
        found = self.found
        if found is None:
            self.header.set_mark("", "", "")
        else:
            self.header.set_mark(found.title, verdict_ink(found, self.theme), found.text)

    def _empty(self, message: str) -> None:
        bars = self.bars
        bars.mass = bars.good = bars.target = np.zeros(0)
        bars.missing = np.zeros(0, bool)
        bars.chosen, bars.message = None, message
        bars.update()
        self.header.set_subtitle("mass against target")
