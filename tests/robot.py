"""A robot that clicks about in the real window, with real processes, and tells what went wrong.

Not a test that pytest collects: it runs for minutes. From the repository's root, on a screen or a virtual one:

    python -m tests.robot --minutes 10 --seed 0
    xvfb-run -s "-screen 0 1440x900x24" python -m tests.robot --minutes 10 --seed 0

Every move comes from the seed: clicks on visible buttons, chips and menu entries, sliders, menus and fields of the
recipe, shortcuts, presets, the time slider, drags in the pictures, new sizes. Sliders are dragged over their lower part
only, where a step takes no minutes (``--bold``: all of it). Dialogs are answered with Escape; nothing quits and nothing
is written outside a scratch folder. Watched are exceptions, Qt's warnings, what the processes write to standard error,
processes that die, and memory (Linux: of this process and all its children, every ten seconds).

At the end the window must still train the newcomer's preset, close within two seconds, and leave no process and no
thread. Exit status: 0; 1 if there was any trouble, which is listed.
"""

# ruff: noqa: E402  (threads are counted out before numpy is loaded)

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np
from PySide6.QtCore import QPoint, QRect, Qt, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGraphicsView,
    QLineEdit,
    QMenu,
    QWidget,
)
from shiboken6 import isValid

from explorer.app import application
from explorer.session.client import Session
from explorer.session.messages import Remedy
from explorer.views.process import ProcessView
from explorer.widgets.banner import Remark
from explorer.window.collector import Collector
from explorer.window.main_window import MainWindow
from explorer.window.mishaps import Mishaps
from explorer.window.preferences import Preferences
from explorer.window.presets import first_recipe, presets

PAUSE_MS = 60
SAMPLE_S = 10.0
AWAKE_MS = 20
FORBIDDEN = ("Quit", "Show log")
KEYS = (
    "Space", "Right", "C", "G", "R", "Shift+R", "[", "]", "Left", "Shift+Right", "End", "Shift+Space", "Ctrl+T", "F11",
    "Ctrl+Shift+C", "Ctrl+G", "F1", "F4", "Ctrl+O", "Ctrl+S", "Ctrl+E", "Tab", "Shift+Tab", "Escape", "N",
)  # fmt: skip
VALUES = (
    "0",
    "1",
    "2",
    "3",
    "7",
    "0.5",
    "1e-3",
    "1e-9",
    "1e6",
    "-1",
    "abc",
    "",
    "64",
    "1000",
    "nan",
    "[[0, 0]]",
    "∞",
)
PROCESS_CHIPS = (
    "particles", "start", "class", "noised", "trails", "marginal", "field", "exact_field", "field_error", "streams",
    "velocity", "probe",
)  # fmt: skip
CHIPS = {
    "modes": ("bars", "table", "timeline", "why"),
    "curves": ("losses", "measures", "truth"),
    "data": ("optimal", "ratio", "model_density"),
    "process": PROCESS_CHIPS,
}
"""Pages and layers that a click at random would seldom find, by the card that has them."""
REMEDIES = (
    Remedy("R1", "A stronger penalty; taken up where there is one.", ("objective.r1=0.5",)),
    Remedy("Half the rate", "Taken up at once.", ("optimizer.lr=5e-4",)),
    Remedy("Wider", "A new run.", ("architecture.width=48",)),
    Remedy("Not there", "Refused.", ("objective.no_such_option=1",)),
)
SIZES = ((760, 520), (1024, 640), (1280, 800), (1440, 900))
QUIET = ("propagateSizeHints", "This plugin does not support")
FOUL = ("Something went wrong", "ended unexpectedly")
GROWTH = 1.15
SLACK_MB = 60.0


class Watcher:
    """Takes down whatever goes wrong."""

    def __init__(self) -> None:
        self.troubles: Counter[str] = Counter()
        self.remarks: Counter[str] = Counter()
        self.acts: Counter[str] = Counter()
        self.memory: list[tuple[float, dict[str, float]]] = []
        self.threads: list[int] = []
        self.late: list[float] = []
        self.started = time.monotonic()

    def trouble(self, text: str) -> None:
        if not self.troubles[text]:
            print(f"[{self.seconds:6.1f} s] TROUBLE {text}", flush=True)
        self.troubles[text] += 1

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def heard(self, remark: Remark) -> None:
        self.remarks[f"{remark.severity}: {remark.title}: {remark.text[:160]}"] += 1
        if any(word in remark.title for word in FOUL):
            self.trouble(f"{remark.title}: {remark.text}")

    def qt_said(self, kind: QtMsgType, _: object, text: str) -> None:
        if kind != QtMsgType.QtDebugMsg and not any(word in text for word in QUIET):
            self.trouble(f"Qt: {text}")

    def sample(self) -> None:
        found = memory_mb()
        self.memory.append((self.seconds, found))
        self.threads.append(threading.active_count())
        parts = "  ".join(f"{name} {mb:.0f}" for name, mb in found.items())
        print(f"[{self.seconds:6.1f} s] {parts}  threads {self.threads[-1]}  acts {self.acts.total()}", flush=True)

    def judge_memory(self) -> None:
        """Compare the last quarter of the samples with the second: by then everything has been loaded once."""
        n = len(self.memory)
        if n < 18:
            return
        totals = np.array([sum(found.values()) for _, found in self.memory])
        early, last = float(np.median(totals[n // 4 : n // 2])), float(np.median(totals[-(n // 4) :]))
        print(f"memory in all: second quarter {early:.0f} MB, last quarter {last:.0f} MB")
        if last > early * GROWTH + SLACK_MB:
            self.trouble(f"memory grew from {early:.0f} to {last:.0f} MB")


class Robot:
    """One window and a random user."""

    def __init__(self, window: MainWindow, watcher: Watcher, chance: random.Random, seconds: float) -> None:
        self.window, self.watcher, self.chance = window, watcher, chance
        self.until = time.monotonic() + seconds
        self.finish: Callable[[], None] = lambda: None
        self.reach = 0.6
        self.moves: tuple[tuple[int, Callable[[], object]], ...] = (
            (24, self.click), (12, self.slide), (8, self.pick), (6, self.write), (16, self.press), (8, self.drag),
            (5, self.scrub), (2, self.preset), (3, self.resize), (5, self.menu), (3, self.dock), (6, self.play),
            (10, self.turn), (4, self.swap), (6, self.cure), (3, self.submenu), (4, self.denoise), (10, self.way),
        )  # fmt: skip

    def tick(self) -> None:
        """One move; the next is asked for first, because this one may open a menu that waits for it."""
        if time.monotonic() > self.until and QApplication.activePopupWidget() is None:
            self.finish()
            return
        QTimer.singleShot(PAUSE_MS, self.window, self.tick)
        popup, modal = QApplication.activePopupWidget(), QApplication.activeModalWidget()
        if popup is not None:
            self.choose(popup)
        elif modal is not None:
            QTest.keyClick(modal, Qt.Key.Key_Escape)
            if isValid(modal) and modal.isVisible() and self.chance.random() < 0.3:
                modal.close()
        else:
            act = self.chance.choices([move for _, move in self.moves], [weight for weight, _ in self.moves])[0]
            self.watcher.acts[act.__name__] += 1
            act()

    def seen(self, kind: type[QWidget]) -> list[QWidget]:
        return [w for w in self.window.findChildren(kind) if w.isVisible() and w.isEnabled() and reachable(w)]

    def one(self, widgets: Iterable[QWidget]) -> QWidget | None:
        found = list(widgets)
        return self.chance.choice(found) if found else None

    def spot(self, widget: QWidget, reach: float = 1.0) -> QPoint:
        width = max(1, round(widget.width() * reach))
        return QPoint(self.chance.randrange(width), self.chance.randrange(max(1, widget.height())))

    def choose(self, popup: QWidget) -> None:
        if isinstance(popup, QMenu) and self.chance.random() < 0.7:
            entries = [
                a for a in popup.actions() if a.isEnabled() and not a.isSeparator() and a.text() not in FORBIDDEN
            ]
            if entries:
                place = popup.actionGeometry(self.chance.choice(entries)).center()
                QTest.mouseClick(popup, Qt.MouseButton.LeftButton, pos=place)
                return
        QTest.keyClick(popup, self.chance.choice((Qt.Key.Key_Escape, Qt.Key.Key_Down, Qt.Key.Key_Return)))
        if isinstance(popup, QMenu) and isValid(popup) and self.chance.random() < 0.5:
            popup.close()

    def click(self) -> None:
        button = self.one(b for b in self.seen(QAbstractButton) if b.text() not in FORBIDDEN)  # type: ignore[attr-defined]
        if button:
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def slide(self) -> None:
        slider = self.one(self.seen(QAbstractSlider))
        if slider:
            self._drag(slider, self.reach)

    def pick(self) -> None:
        menu = self.one(self.seen(QComboBox))
        if menu:
            menu.setFocus()
            for _ in range(self.chance.randint(1, 4)):
                if isValid(menu):
                    QTest.keyClick(menu, self.chance.choice((Qt.Key.Key_Down, Qt.Key.Key_Up)))

    def write(self) -> None:
        field = self.one([*self.seen(QLineEdit), *self.seen(QAbstractSpinBox)])
        if field:
            field.setFocus()
            QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
            for letter in self.chance.choice(VALUES):
                if isValid(field) and ord(letter) < 128:
                    QTest.keyClick(field, letter)
            if isValid(field):
                QTest.keyClick(field, self.chance.choice((Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_Escape)))

    def press(self) -> None:
        QTest.keySequence(self.window, self.chance.choice(KEYS))

    def drag(self) -> None:
        view = self.one(v.viewport() for v in self.seen(QGraphicsView))  # type: ignore[attr-defined]
        if view:
            self._drag(view)

    def scrub(self) -> None:
        if self.window.transport.time.isEnabled():
            self._drag(self.window.transport.time)

    def preset(self) -> None:
        self.window.new_from(self.chance.choice(presets()))

    def turn(self) -> None:
        """Another page of a card, or a layer of what is true; one whose chip has no room is switched by the menu."""
        parts, card = self.window.parts, self.chance.choice(list(CHIPS))
        chips = dict(parts.cards())[card].chips if parts else {}
        key = self.chance.choice(CHIPS[card])
        if key in chips:
            self.watcher.acts[f"{card} {key}"] += 1
            self._click(chips[key])

    def swap(self) -> None:
        """Another divergence that the same networks serve."""
        control, parts = self.window.conductor.control, self.window.parts
        known = {member["key"]: member["swaps"] for member in control.catalogue.get("divergences", ())}
        form = parts.panel._forms.get("divergence") if parts else None
        if form is None or not control.recipe:
            return
        now = form.menu.currentData()
        others = [key for key, swaps in known.items() if swaps and swaps == known.get(now) and key != now]
        index = form.menu.findData(self.chance.choice(others)) if others else -1
        if index >= 0 and form.menu.model().index(index, 0).flags() & Qt.ItemFlag.ItemIsEnabled:
            self.watcher.acts["swapped"] += 1
            form.menu.activated.emit(index)

    def cure(self) -> None:
        """What the banner offers: a remedy, the reasons, the rest of them in a menu."""
        button = self.one(b for b in self.window.banner.buttons() if b.isVisible() and b.text() not in FORBIDDEN)
        if button is None:
            self.fall_ill()
        else:
            self.watcher.acts[f"banner {button.text()}"] += 1  # type: ignore[attr-defined]
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def fall_ill(self) -> None:
        """Ring the alarm on what was found last: a run that is clicked about seldom comes to collapse by itself."""
        found = self.window.parts.modes.found if self.window.parts else None
        if found is not None and found.run == self.window.conductor.control.run:
            self.window.conductor.alarm.forget()
            self.window.conductor.alarm.take(replace(found, verdict="collapse", alarm=True, remedies=REMEDIES))

    def denoise(self) -> None:
        """A preset of a denoising family, unless one of them is there already."""
        if not self._process():
            self.window.new_from(self.chance.choice([p for p in presets() if p.group.startswith("Denoising")]))

    def way(self) -> None:
        """In the card from noise to data: its tab, the bar of time, play, pace, small pictures, the held point."""
        view = self._process()
        if view is None:
            return
        tabs = self.window.middle.tabs
        if not view.isVisible() or self.chance.random() < 0.1:
            self.watcher.acts["way tab"] += 1
            place = tabs.tabRect(self.chance.randrange(tabs.count())).center()
            QTest.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=place)
            return
        deed = self.chance.choice((self._bar, self._play, self._pace, self._hold, self._hold, self._move_point))
        self.watcher.acts[f"way{deed.__name__}"] += 1
        deed(view)

    def _process(self) -> ProcessView | None:
        """The card, where the model has a way from noise to data."""
        present = self.window.parts.present_guests if self.window.parts else ()
        return next((guest for guest in present if isinstance(guest, ProcessView)), None)

    def _bar(self, view: ProcessView) -> None:
        if self.chance.random() < 0.5:
            self._drag(view.strip)
        else:
            QTest.keyClick(view.strip, self.chance.choice((Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home)))

    def _play(self, view: ProcessView) -> None:
        self._click(view.strip.play)

    def _pace(self, view: ProcessView) -> None:
        self._click(view.strip.speed)

    def _hold(self, view: ProcessView) -> None:
        plot = view.plot.viewport()
        QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=self.spot(plot))

    def _move_point(self, view: ProcessView) -> None:
        view.plot.setFocus()
        QTest.keyClick(view.plot, self.chance.choice((Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Down)))

    def submenu(self) -> None:
        """A preset from the menu: the next moves choose among its entries, and among those of a group."""
        self.window.actions_["new"].trigger()
        popup = QApplication.activePopupWidget()
        groups = [a for a in popup.actions() if a.menu()] if isinstance(popup, QMenu) else []
        if groups:
            QTest.mouseClick(
                popup, Qt.MouseButton.LeftButton, pos=popup.actionGeometry(self.chance.choice(groups)).center()
            )

    def resize(self) -> None:
        if not self.window.isFullScreen():
            self.window.resize(*self.chance.choice(SIZES))

    def menu(self) -> None:
        bar = self.window.header.menu_bar
        action = self.chance.choice(bar.actions())
        place = bar.actionGeometry(action)
        if bar.isVisible() and not place.isEmpty():
            QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=place.center())

    def dock(self) -> None:
        self.chance.choice(list(self.window.docks.values())).toggleViewAction().trigger()

    def play(self) -> None:
        """Most of the time something trains."""
        if not self.window.conductor.control.playing:
            self.window.toggle()

    def _click(self, chip: QAbstractButton) -> None:
        if chip.isVisible() and reachable(chip):
            QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
        elif chip.isEnabled():
            chip.click()

    def _drag(self, widget: QWidget, reach: float = 1.0) -> None:
        button = Qt.MouseButton.LeftButton
        QTest.mousePress(widget, button, pos=self.spot(widget, reach))
        for _ in range(self.chance.randint(0, 4)):
            if isValid(widget):
                QTest.mouseMove(widget, self.spot(widget, reach))
        if isValid(widget):
            QTest.mouseRelease(widget, button, pos=self.spot(widget, reach))


class Ending:
    """After the robot: does the window still train, and close?"""

    def __init__(self, window: MainWindow, watcher: Watcher) -> None:
        self.window, self.watcher = window, watcher
        self.deadline = 0.0
        self._timer = QTimer(window)
        self._timer.timeout.connect(self._look)

    def begin(self) -> None:
        modal = QApplication.activeModalWidget()
        if modal is not None:
            modal.close()
        if not self.window.isVisible():
            self.watcher.trouble("the window is gone")
        self.window.transport.speed.setValue(self.window.transport.speed.maximum())
        self.window.conductor.apply(first_recipe())
        self.run = self.window.conductor.control.run
        self.deadline = time.monotonic() + 60
        self._timer.start(100)

    def _look(self) -> None:
        control = self.window.conductor.control
        if not control.playing and control.run > self.run - 1 and control.step == 0:
            control.play()
        if control.step > 200 and self.window.conductor.shown_step > 100:
            self._close()
        elif time.monotonic() > self.deadline:
            shown = self.window.conductor.shown_step
            self.watcher.trouble(f"the first preset is not trained and shown: step {control.step}, shown {shown}")
            self._close()

    def _close(self) -> None:
        self._timer.stop()
        started = time.monotonic()
        self.window.close()
        taken = time.monotonic() - started
        print(f"closed in {taken:.2f} s")
        if taken > 2.0:
            self.watcher.trouble(f"closing took {taken:.1f} s")


class Pulse:
    """How late the event loop is."""

    def __init__(self, watcher: Watcher, window: MainWindow) -> None:
        self._watcher, self._last = watcher, time.monotonic()
        self._timer = QTimer(window)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(AWAKE_MS)

    def _beat(self) -> None:
        now = time.monotonic()
        self._watcher.late.append(max(0.0, (now - self._last) * 1000 - AWAKE_MS))
        self._last = now


def reachable(widget: QWidget) -> bool:
    """Whether a mouse could get there: it has a place that nothing hides."""
    shown = widget.visibleRegion().boundingRect()
    return isinstance(shown, QRect) and shown.width() > 3 and shown.height() > 3


def memory_mb() -> dict[str, float]:
    """Resident memory of this process and its descendants by process name; empty where there is no /proc."""
    found = {}
    for pid in [os.getpid(), *descendants(os.getpid())]:
        try:
            fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        except OSError:
            continue
        if "VmRSS" in fields:
            found[f"{fields['Name'].strip()}:{pid}"] = int(fields["VmRSS"].split()[0]) / 1024
    return found


def descendants(root: int) -> list[int]:
    """Process numbers of all children and theirs."""
    children: dict[int, list[int]] = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            continue
        children.setdefault(parent, []).append(int(place.name))
    found, ahead = [], [root]
    while ahead:
        ahead = [child for parent in ahead for child in children.get(parent, [])]
        found += ahead
    return found


def report(watcher: Watcher) -> None:
    print("\nacts:", dict(watcher.acts))
    for text, count in watcher.remarks.most_common(40):
        print(f"  said ×{count}: {text}")
    late = np.array(watcher.late or [0.0])
    p50, p99 = np.percentile(late, [50, 99])
    print(f"event loop late: p50 {p50:.1f} ms, p99 {p99:.1f} ms, most {late.max():.0f} ms")
    watcher.judge_memory()
    for (_, before), (_, after) in list(pairwise([watcher.memory[0], watcher.memory[-1]])) if watcher.memory else []:
        print("first:", {k: round(v) for k, v in before.items()}, "\nlast: ", {k: round(v) for k, v in after.items()})
    for text, count in watcher.troubles.items():
        print(f"TROUBLE ×{count}: {text}")
    print("ok" if not watcher.troubles else f"{len(watcher.troubles)} kinds of trouble")


def main() -> int:
    parser = argparse.ArgumentParser(description="click about in the real window")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bold", action="store_true", help="drag sliders over their whole range: steps of minutes")
    chosen = parser.parse_args()
    watcher = Watcher()
    with tempfile.TemporaryDirectory() as scratch:
        said = Path(scratch) / "stderr.txt"
        before = os.dup(2)
        with said.open("wb") as file:
            os.dup2(file.fileno(), 2)
        try:
            play(Path(scratch), watcher, random.Random(chosen.seed), chosen.minutes * 60, bold=chosen.bold)
        finally:
            os.dup2(before, 2)
        check_texts(watcher, said, Path(scratch) / "robot.log")
    report(watcher)
    return 1 if watcher.troubles else 0


def play(scratch: Path, watcher: Watcher, chance: random.Random, seconds: float, *, bold: bool) -> None:
    """The window's life, from start to end."""
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    os.chdir(scratch)
    app = application()
    qInstallMessageHandler(watcher.qt_said)
    mishaps = Mishaps(scratch / "robot.log", app)
    mishaps.install()
    collector = Collector(app)
    window = MainWindow(Session(), Preferences(scratch / "settings.ini"))
    for source in (mishaps, window.conductor, window.documents):
        source.remarked.connect(watcher.heard)
    mishaps.remarked.connect(window.say)
    window.show()
    window.begin()
    robot, ending, _pulse = Robot(window, watcher, chance, seconds), Ending(window, watcher), Pulse(watcher, window)
    robot.finish, robot.reach = ending.begin, 1.0 if bold else robot.reach
    sampler = QTimer(window)
    sampler.timeout.connect(watcher.sample)
    sampler.start(int(SAMPLE_S * 1000))
    QTimer.singleShot(3000, window, robot.tick)
    app.exec()
    collector.stop()
    mishaps.remove()
    qInstallMessageHandler(None)
    left = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    if left:
        watcher.trouble(f"threads left: {left}")
    time.sleep(0.5)
    orphans = [process.name for process in multiprocessing.active_children()]
    if orphans:
        watcher.trouble(f"processes left: {orphans}")


def check_texts(watcher: Watcher, *files: Path) -> None:
    for file in files:
        text = file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
        for line in [part for part in text.splitlines() if not any(word in part for word in QUIET)][:40]:
            watcher.trouble(f"{file.name}: {line}")


if __name__ == "__main__":
    sys.exit(main())
