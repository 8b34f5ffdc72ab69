"""Curves: the losses of every step, and how far the model is, with the floor of a perfect sampler."""

from __future__ import annotations

import math
import time
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QButtonGroup, QMenu, QWidget

from explorer.session.messages import Floors, Measured, Rows
from explorer.session.snapshot import Scene
from explorer.views._base import View
from explorer.views._curve_notes import Floor
from explorer.views._curve_plot import CurvePlot
from explorer.views._header import Chip
from explorer.views._pages import BOUND, CHIPS, LEAK, Page, TruthPage
from explorer.views._scalars import scalar
from explorer.views._series import Series

ROLES: Final = ("model", "critic_low", "data", "critic_high", "muted", "floor")
"""The theme's colours for columns that have none by their name."""

REDRAW_MS: Final = 120
"""Rows may come with every picture; lines over thousands of steps need not be drawn so often."""

ASIDE_MS: Final = 8
"""Rows come together with a snapshot, which is drawn at once; the curves wait for a turn without it."""

TURN_MS: Final = 15
"""So long after the curves a snapshot is not taken up: both in one turn would make a long one."""

EARLY: Final = 0.05
"""Share of a run, its beginning, whose losses and log-likelihoods may lie far from all that follows."""

NEAR: Final = 0.01
"""Two changes of one option within this share of the run are one movement of a slider."""


class CurvesView(View):
    """Losses or measures against the step, with exact values under the mouse."""

    title = "Curves"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = CurvePlot(self)
        self.put(self.plot)
        self.losses = Page("losses", "losses", exclusive=False)
        self.measures = Page("measures", "measures", exclusive=True)
        self.truth = TruthPage("truth", CHIPS[False][0], exclusive=False, prefix="truth_")
        self.truth.learn(tuple(BOUND))
        self.page = self.losses
        self._floors: Floors | None = None
        self._late = False
        self._drawn, self._drawn_at = 0, -math.inf
        self._pause = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._pause.timeout.connect(self._after_pause)
        self.chips = self._make_chips()
        self.plot.pointed.connect(self._tell)

    @property
    def pages(self) -> tuple[Page, ...]:
        """All sides of the segmented control."""
        return self.losses, self.measures, self.truth

    def add_rows(self, rows: Rows) -> None:
        """Scalars of every step since the last report."""
        self.losses.take(tuple(rows.names), rows.steps, rows.values)
        self.plot.exploded_after = None
        self._changed(self.losses)

    def add_measures(self, measured: Measured) -> None:
        """Measures at one step; a measure that is not there this time is NaN."""
        self.measures.take(tuple(measured.values), [measured.step], [list(measured.values.values())])
        self._changed(self.measures)
        self.truth.take_truth(measured.step, measured.truth, measured.unknown)
        self._name_truth()
        self._changed(self.truth)

    def set_floors(self, floors: Floors) -> None:
        """What a perfect sampler of the same size scores, and what the measures are called."""
        self._floors = floors
        self.refresh()

    def add_event(self, step: int, text: str) -> None:
        """Mark a step with a dashed line and a word."""
        self.plot.events.append((step, text))
        self.refresh()

    def add_change(self, step: int, text: str) -> None:
        """Mark a step at the foot; the words are read beside the exact values. One movement is one mark."""
        steps = self.losses.series.steps
        reach = NEAR * float(steps[-1] - steps[0]) if len(steps) else 0.0
        last = self.plot.changes[-1:] or [(-math.inf, "")]
        if last[0][1] == text and step - last[0][0] <= reach:
            self.plot.changes.pop()
        self.plot.changes.append((step, text))
        self.refresh()

    def keep_in_view(self, step: int) -> None:
        """What comes after this step has exploded: the axis follows what came before, until there are new rows."""
        self.plot.exploded_after = step
        self.refresh()

    def set_cursor(self, step: int | None) -> None:
        """Mark the step that is looked at; None while the newest one is."""
        self.plot.looked_at = step
        self.refresh()

    def clear(self) -> None:
        """A new run: no numbers, no floors, no events."""
        for page in self.pages:
            page.series = Series(page.series.names)
        self._floors, self.plot.events, self.plot.changes, self.plot.looked_at = None, [], [], None
        self.plot.exploded_after = None
        self.truth.forget()
        self.plot.go_home()
        self.refresh()

    def cut_after(self, step: int) -> None:
        """The run goes on from this step: forget what came after it."""
        for page in self.pages:
            page.series.cut_after(step)
        self.plot.events = [event for event in self.plot.events if event[0] <= step]
        self.plot.changes = [change for change in self.plot.changes if change[0] <= step]
        self.plot.exploded_after = None
        self.refresh()

    def export_rows(self) -> tuple[tuple[str, ...], np.ndarray]:
        """Losses and measures, whichever page is shown: names, and a row for each step that has any of them.

        Returns:
            "step" and the names of all columns; values, shape (N, 1 + columns), NaN where a step has no such number.
        """
        pages = [(page.series, page.prefix) for page in self.pages if len(page.series)]
        pages = pages or [(self.losses.series, "")]
        steps = np.unique(np.concatenate([series.steps for series, _ in pages]))
        names, columns = ["step"], [steps.astype(np.float64)]
        for series, prefix in pages:
            at = np.searchsorted(steps, series.steps)
            for name in series.names:
                names.append(prefix + name)
                columns.append(np.full(len(steps), np.nan))
                columns[-1][at] = series.column(name)
        return tuple(names), np.stack(columns, axis=1)

    def show_page(self, key: str) -> None:
        """Turn to "losses", "measures" or "truth"."""
        self.page = {page.key: page for page in self.pages}[key]
        self.chips[key].setChecked(True)
        self.plot.go_home()
        self.refresh()

    def toggle(self, name: str) -> None:
        """Show or hide one column of the present page."""
        self.page.toggle(name)
        self.plot.go_home()
        self.refresh()

    def refresh(self) -> None:
        """Draw now if seen, else when it is seen."""
        self._late = not self.isVisible()
        if self._late:
            return
        self._drawn = len(self.page.series)
        inks = {name: self._ink(name) for name in self.page.shown if name in self.page.series.names}
        self.plot.titles = {name: self._title(name) for name in self.page.series.names}
        is_truth = self.page is self.truth
        self.plot.names_one = is_truth
        self.plot.notes.message = self.truth.unknown if is_truth and not len(self.truth.series) else ""
        self.plot.early = EARLY if self.truth.is_likelihood and self.page is not self.measures else 0.0
        self._tell_verdict()
        self.plot.show_columns(self.page.series, inks, self._floor())
        self.header.set_subtitle(*self._words())

    def restyle(self) -> None:
        """Colours and sizes of plot and chips."""
        self.plot.set_theme(self.theme, self.scale)
        for chip in self.chips.values():
            chip.set_theme(self.theme, self.scale, "")
        self.header.arrange()
        self.refresh()

    @property
    def has_turn(self) -> bool:
        """Whether new rows were drawn just now and may still have to be painted."""
        return 1000 * (time.perf_counter() - self._drawn_at) < TURN_MS

    def give_way(self) -> None:
        """Something else is drawn in this turn of the event loop: wait for another."""
        if self._pause.isActive():
            self._pause.start(max(ASIDE_MS, self._pause.remainingTime()))

    def export_picture(self, path: str | Path, ratio: float = 2.0) -> None:
        """Write the card with all rows that are there."""
        self.refresh()
        super().export_picture(path, ratio)

    def column_menu(self) -> QMenu:
        """Which columns are shown: many losses, or one measure at a time, for their units differ."""
        menu = QMenu(self)
        group = QActionGroup(menu)
        group.setExclusive(self.page.exclusive)
        for name in self.page.series.names:
            action = QAction(self._title(name), group)
            action.setCheckable(True)
            action.setChecked(name in self.page.shown)
            action.triggered.connect(partial(self._toggle_from_menu, name))
            menu.addAction(action)
        return menu

    def showEvent(self, event: Any) -> None:
        """Draw what came meanwhile."""
        super().showEvent(event)
        if self._late:
            self.refresh()

    def _make_chips(self) -> dict[str, Chip]:
        chips = {
            "losses": Chip("losses", "Losses of every step.", fades=False),
            "measures": Chip("measures", "How far P_θ is from P_X, with the floor of a perfect sampler.", fades=False),
            "truth": Chip(*CHIPS[False], fades=False),
            "columns": Chip("show", "Choose what is drawn.", fades=False),
            "log x": Chip("log x", "Logarithmic steps.", fades=False),
            "log y": Chip("log y", "Logarithmic values; what is not positive is left out.", fades=False),
        }
        group = QButtonGroup(self)
        for page in self.pages:
            group.addButton(chips[page.key])
            chips[page.key].clicked.connect(partial(self._turn_to, page.key))
        chips["losses"].setChecked(True)
        chips["columns"].setCheckable(False)
        chips["columns"].clicked.connect(self._open_columns)
        for axis, key in enumerate(("log x", "log y")):
            chips[key].toggled.connect(partial(self.plot.set_log, axis))
        self.header.set_parts(list(chips.values()))
        return chips

    def take_scene(self, scene: Scene) -> None:
        """Whether the third page tells of a critic or of a likelihood."""
        self.truth.set_scene(scene)
        self._name_truth()

    def amend_scene(self, scene: Scene) -> None:
        """The numbers so far stay; the third page may get its other name."""
        super().amend_scene(scene)
        self.take_scene(scene)

    def _name_truth(self) -> None:
        word, help_text = CHIPS[self.truth.is_likelihood]
        chip = self.chips["truth"]
        if chip.text() != word:
            chip.rename(word, help_text)
            self.header.arrange()

    def _tell_verdict(self) -> None:
        """Overfitting and leaks, in words beside the title and with the best step marked."""
        found = self.truth.overfitting() if self.page is self.truth else None
        self.plot.marks = [(found.best, "best held out")] if found else []
        if found:
            self.header.set_mark("overfitting", self.theme.alarm, found.sentence)
        elif self.page is self.truth and self.truth.is_leak():
            self.header.set_mark("leak", self.theme.alarm, LEAK)
        else:
            self.header.set_mark("", "", "")

    def _turn_to(self, key: str, *_: Any) -> None:
        self.show_page(key)

    def _toggle_from_menu(self, name: str, *_: Any) -> None:
        self.toggle(name)

    def _open_columns(self) -> None:
        menu = self.column_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        chip = self.chips["columns"]
        menu.popup(chip.mapToGlobal(chip.rect().bottomLeft()))

    def _changed(self, page: Page) -> None:
        if page is not self.page:
            return
        if not self._drawn:
            self.refresh()
            return
        self._late = True
        self._pause.start(max(ASIDE_MS, self._pause.remainingTime()))

    def _after_pause(self) -> None:
        if self._late and self.isVisible():
            self._drawn_at = time.perf_counter()
            self.refresh()
            self._pause.start(REDRAW_MS)

    def _floor(self) -> Floor | None:
        if self.page is self.truth:
            return self.truth.floor()
        name = self.page.shown[0] if self.page.shown else ""
        known = self._floors.floors.get(name) if self.page.exclusive and self._floors else None
        return Floor(*known) if known and not math.isnan(known[0]) else None

    def _ink(self, name: str) -> str:
        if self.page is self.truth:
            return getattr(self.theme, self.truth.columns[name][1])
        if self.page.exclusive:
            return self.theme.model
        names = self.page.series.names
        taken = {scalar(other).role for other in names}
        free = [role for role in ROLES if role not in taken]
        rest = [other for other in names if not scalar(other).role]
        return getattr(self.theme, scalar(name).role or free[rest.index(name) % len(free)])

    def _title(self, name: str) -> str:
        if self.page is self.truth:
            return self.truth.columns[name][0]
        return (self._floors.titles.get(name) if self._floors else None) or scalar(name).title

    def _unit(self, name: str) -> str:
        return (self._floors.units.get(name, "") if self._floors else "") or scalar(name).unit

    def _words(self) -> tuple[str, ...]:
        if self.plot.notes.message:  # the reason stands in the picture
            return ("",)
        if not len(self.page.series):
            return ("press Space to train",)
        if self.page is self.truth:
            found = self.truth.overfitting()
            return self.truth.reasons or (found.wordings if found else self.truth.words)
        if not self.page.exclusive:
            thinned = ("mean and range of each pixel's steps", "mean and range")
            detail = thinned if self.plot.is_thinned else ("every step",)
            return tuple(f"{self._quantity()} · {words}" if self._quantity() else words for words in detail)
        return (self._quantity(), self._title(self.page.shown[0]))

    def _quantity(self) -> str:
        """What is drawn, and its unit, where it is one line; of several lines the unit that they share."""
        units = {self._unit(name) for name in self.page.shown}
        unit = units.pop() if len(units) == 1 else ""
        if len(self.page.shown) == 1:
            title = self._title(self.page.shown[0])
            return title + (f", {unit}" if unit and unit not in title.lower() else "")
        return unit

    def _tell(self, row: int | None) -> None:
        if row is None:
            self.plot.readout.hide()
            return
        series = self.page.series
        lines = [f"{self._title(name)}  {_digits(series.column(name)[row], 6)}" for name in self.plot.lines]
        if floor := self._floor():
            mean, low, high = (_digits(value, 4) for value in (floor.mean, floor.low, floor.high))
            lines.append(f"{'floor' if floor.title == Floor.title else 'noise'}  {mean}  [{low}, {high}]")
        at, reach = int(series.steps[row]), NEAR * float(series.steps[-1] - series.steps[0])
        lines += [f"{text} at step {step:,}" for step, text in self.plot.changes if abs(step - at) <= reach]
        text = "\n".join([f"step {series.steps[row]:,}", *lines])
        at = self.plot.box.mapViewToScene(QPointF(float(self.plot.drawn(int(series.steps[row]), 0)), 0.0))
        self.plot.readout.tell(text, QPointF(self.plot.mapFromScene(at).x(), 4.0))


def _digits(value: float, count: int) -> str:
    """A number with a true minus sign; a name keeps its hyphen."""
    return f"{value:.{count}g}".replace("-", "−")
