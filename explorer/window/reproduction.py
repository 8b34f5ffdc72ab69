"""The sheet that sets published numbers beside our own, worked out in a process of its own while one watches."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import QEvent, QObject, QProcess, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from explorer.widgets.theme import Theme

COLUMNS: Final = ("Protocol", "Case", "Quantity", "Ours", "Published", "Exact", "Floor", "Check")
VERDICTS: Final = {True: "met", False: "not met", None: "–"}
WIDE: Final = 2
"""The column that takes the room that is left."""

ACROSS: Final = 3
"""Protocols beside one another."""

PARTS: Final = 1000


class Work(QObject):
    """A command of the program as a process: says what it says, and can be stopped at any time."""

    said = Signal(dict)
    ended = Signal(str)
    """With the reason if it failed."""

    def __init__(self, parent: QObject | None = None, command: str = "reproduce") -> None:
        super().__init__(parent)
        self._command = command
        self._process: QProcess | None = None

    @property
    def busy(self) -> bool:
        """Whether it is at work."""
        return self._process is not None

    def start(self, words: Sequence[str]) -> None:
        """Run the command with these words."""
        self.stop()
        process = self._process = QProcess(self)
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._end)
        process.errorOccurred.connect(self._fail)
        process.start(sys.executable, ["-m", "explorer", self._command, "--stream", *words])

    def stop(self) -> None:
        """End it now; its own workers end with it."""
        process, self._process = self._process, None
        if process is not None:
            process.blockSignals(True)  # noqa: FBT003
            process.kill()
            process.waitForFinished(1000)
            process.deleteLater()

    def _read(self) -> None:
        while self._process is not None and self._process.canReadLine():
            self.said.emit(json.loads(bytes(self._process.readLine().data())))

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        last = bytes(process.readAllStandardError().data()).decode(errors="replace").strip().splitlines()
        process.deleteLater()
        self.ended.emit((last or ["it ended without a reason"])[-1] if process.exitCode() else "")

    def _fail(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            process, self._process = self._process, None
            self.ended.emit(process.errorString())


class ReproductionSheet(QDialog):
    """Choose protocols, watch their rows come, copy them."""

    def __init__(self, parent: QWidget, theme: Theme, work: Work | None = None) -> None:
        """Open and ask what protocols there are.

        Args:
            parent: the window.
            theme: whose colours mark what is met.
            work: what does it, a process unless given.
        """
        super().__init__(parent)
        self.setWindowTitle("Reproduce published numbers")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(1080, 640)
        self._theme = theme
        self._titles: dict[str, str] = {}
        self._rows: list[Mapping[str, Any]] = []
        self._choices: dict[str, QCheckBox] = {}
        self.work = work or Work(self)
        self.table = self._make_table()
        self.state = QLabel("Looking for protocols…", self)
        self.note = QLabel("", self)
        self.bar = QProgressBar(self)
        self.run = QPushButton("Run", self)
        self.copy = QPushButton("Copy as text", self)
        self._lay_out()
        self.work.said.connect(self._hear)
        self.work.ended.connect(self._ended)
        self.work.start(["--list"])
        parent.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The sheet closes with the window, and its work ends."""
        if event.type() == QEvent.Type.Close and watched is self.parent():
            self.close()
        return False

    def text(self) -> str:
        """The table as text, a tab between two columns."""
        lines = [(*COLUMNS, "Note"), *((*self._cells(row), row["note"]) for row in self._rows)]
        return "\n".join("\t".join(line) for line in lines)

    def done(self, result: int) -> None:
        """Stop the work with the sheet."""
        self.work.stop()
        super().done(result)

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(0, len(COLUMNS), self)
        table.setHorizontalHeaderLabels(COLUMNS)
        table.verticalHeader().hide()
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setShowGrid(False)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(WIDE, QHeaderView.ResizeMode.Stretch)
        table.currentCellChanged.connect(lambda row, *_: self._explain(row))
        return table

    def _lay_out(self) -> None:
        self.bar.setRange(0, PARTS)
        self.bar.setTextVisible(False)
        self.run.setEnabled(False)
        self.copy.setEnabled(False)
        for label in (self.state, self.note):
            label.setProperty("role", "muted")
            label.setWordWrap(True)
        self.run.clicked.connect(self._toggle)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text()))
        self._chooser = QGridLayout()
        close = QPushButton("Close", self)
        close.clicked.connect(self.close)
        buttons = QHBoxLayout()
        for widget in (self.run, self.copy):
            buttons.addWidget(widget)
        buttons.addWidget(self.bar, 1)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(12)
        column.addLayout(self._chooser)
        column.addWidget(self.state)
        column.addWidget(self.table, 1)
        column.addWidget(self.note)
        column.addLayout(buttons)

    def _hear(self, what: Mapping[str, Any]) -> None:
        if "protocols" in what:
            self.work.stop()  # it has said all: Run must not be taken for Cancel until it is gone
            self._offer(what["protocols"])
        if "share" in what:
            self.bar.setValue(round(PARTS * what["share"]))
        if "row" in what:
            self._add(what["row"])

    def _offer(self, protocols: Sequence[Mapping[str, Any]]) -> None:
        for place, protocol in enumerate(protocols):
            key = protocol["key"]
            self._titles[key] = protocol["title"]
            box = self._choices[key] = QCheckBox(f"{protocol['title']}  ({protocol['seconds']:g} s a seed)", self)
            box.setToolTip(" ".join(filter(None, (protocol["summary"], protocol["source"], protocol["scaled"]))))
            box.toggled.connect(self._ready)
            self._chooser.addWidget(box, place // ACROSS, place % ACROSS)
        self.state.setText("Choose what to run. Each runs with the seeds 0, 1 and 2; training goes on meanwhile.")

    def _chosen(self) -> list[str]:
        return [key for key, box in self._choices.items() if box.isChecked()]

    def _ready(self) -> None:
        self.run.setEnabled(self.work.busy or bool(self._chosen()))

    def _toggle(self) -> None:
        if self.work.busy:
            self.work.stop()
            self._rest("Cancelled; the rows that were done stay.")
            return
        self._rows.clear()
        self.table.setRowCount(0)
        self.copy.setEnabled(False)
        self.bar.setValue(0)
        self.work.start(self._chosen())
        self.run.setText("Cancel")
        self.state.setText("At work. Rows appear when all seeds of their case are done.")

    def _ended(self, problem: str) -> None:
        if problem:
            self._rest(f"It ended early: {problem}")
        elif self._rows:
            missed = sum(row["met"] is False for row in self._rows)
            self._rest(f"Done. Checks that are not met: {missed or 'none'}.")

    def _rest(self, words: str) -> None:
        self.run.setText("Run")
        self.state.setText(words)
        self._ready()

    def _add(self, row: Mapping[str, Any]) -> None:
        self._rows.append(row)
        place = self.table.rowCount()
        self.table.insertRow(place)
        items = [QTableWidgetItem(words) for words in self._cells(row)]
        for column, item in enumerate(items):
            item.setToolTip(row["note"])
            self.table.setItem(place, column, item)
        colour = {True: self._theme.floor, False: self._theme.alarm}.get(row["met"], self._theme.muted)
        items[-1].setForeground(QBrush(QColor(colour)))
        self.copy.setEnabled(True)

    def _explain(self, place: int) -> None:
        self.note.setText(self._rows[place]["note"] if 0 <= place < len(self._rows) else "")

    def _cells(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        ours = _number(row["ours"]) + ("" if row["spread"] is None else f" ± {_number(row['spread'])}")
        beside = (_number(row[name]) for name in ("published", "oracle", "floor"))
        return (
            self._titles.get(row["name"]) or str(row["name"]),
            row["case"],
            row["quantity"],
            ours,
            *beside,
            VERDICTS[row["met"]],
        )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"
