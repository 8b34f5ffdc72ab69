"""The sheet that fetches a published data set before a run with it can begin."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from explorer.session.messages import Lack
from explorer.widgets.theme import GAP, Theme
from explorer.window.reproduction import Work

WIDTH: Final = 480


class FetchSheet(QDialog):
    """Says what is lacking and how much there is to fetch, fetches it in a process of its own, and can be cancelled.

    Signals:
        fetched: it is here.
        pointed: the user named a folder that holds it instead.
    """

    fetched = Signal()
    pointed = Signal(str)

    def __init__(self, parent: QWidget, theme: Theme, lack: Lack, work: Work | None = None) -> None:
        """Ask.

        Args:
            parent: the window.
            theme: whose colours mark a failure.
            lack: what is to be fetched.
            work: what fetches, a process unless given.
        """
        super().__init__(parent)
        self.setWindowTitle("Fetch data")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.lack = lack
        self._work = work or Work(self, "fetch")
        self._work.said.connect(self._show)
        self._work.ended.connect(self._end)
        self.folders: QFileDialog | None = None
        self._build(theme)

    def _build(self, theme: Theme) -> None:
        size, lack = megabytes(self.lack.bytes), self.lack
        title = QLabel(f"{lack.title} is not on this machine")
        title.setStyleSheet("font-weight: 600;")
        self.text = QLabel(f"{size} are fetched once from {lack.host} and checked; then the run begins.")
        self.problem = QLabel()
        self.problem.setStyleSheet(f"color: {theme.alarm};")
        for label in (self.text, self.problem):
            label.setWordWrap(True)
            label.setMinimumWidth(WIDTH)
        self.bar = QProgressBar()
        self.bar.setFormat(f"%p % of {size}")
        self.fetch = QPushButton(f"Fetch {size}")
        self.fetch.setDefault(True)
        self.fetch.clicked.connect(self.start)
        self.folder = QPushButton("Choose a folder…")
        self.folder.setToolTip("One that holds the published files")
        self.folder.clicked.connect(self._ask_folder)
        self.cancel = QPushButton("Cancel")
        self.cancel.clicked.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(GAP)
        for widget in (title, self.text, self.bar, self.problem):
            column.addWidget(widget)
        column.addLayout(self._row())
        self.bar.hide()
        self.problem.hide()

    def _row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(self.folder)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.fetch)
        return row

    def start(self) -> None:
        """Fetch."""
        self.problem.hide()
        self.bar.setValue(0)
        self.bar.show()
        for button in (self.fetch, self.folder):
            button.setEnabled(False)
        self.cancel.setFocus()
        self._work.start([self.lack.key])

    def done(self, result: int) -> None:
        """Whatever closes the sheet ends the fetching; what has come is dropped unless it is whole."""
        self._work.stop()
        super().done(result)

    def _show(self, said: Mapping[str, Any]) -> None:
        self.bar.setValue(round(100 * said["bytes"] / max(1, said["of"])))

    def _end(self, problem: str) -> None:
        if not problem:
            self.fetched.emit()
            self.accept()
            return
        self.bar.hide()
        self.problem.setText(problem.removeprefix("pushforward: "))
        self.problem.show()
        self.fetch.setText("Try again")
        for button in (self.fetch, self.folder):
            button.setEnabled(True)
        self.fetch.setFocus()

    def _ask_folder(self) -> None:
        self.folders = QFileDialog(self, f"Folder with the files of {self.lack.title}")
        self.folders.setFileMode(QFileDialog.FileMode.Directory)
        self.folders.setOption(QFileDialog.Option.ShowDirsOnly)
        self.folders.fileSelected.connect(self._point)
        self.folders.open()

    def _point(self, name: str) -> None:
        self.pointed.emit(str(Path(name).absolute()))
        self.accept()


def megabytes(count: int) -> str:
    """A length for people."""
    return f"{count / 1e6:.0f} MB"
