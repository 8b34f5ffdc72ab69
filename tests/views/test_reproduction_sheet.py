"""The sheet of published numbers, with a runner that says what it is told to."""

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from explorer.widgets.theme import DARK
from explorer.window.reproduction import COLUMNS, ReproductionSheet

pytestmark = pytest.mark.gui

RING = {"key": "ring", "title": "Ring", "summary": "How.", "source": "Paper", "scaled": "", "seconds": 3.0}
ROW = {
    "name": "ring", "case": "ours", "quantity": "modes", "ours": 7.5, "spread": 0.5, "published": 7.8, "oracle": None,
    "floor": 8.0, "seeds": [0, 1], "met": False, "note": "Check: 8, not met.",
}  # fmt: skip


class Told(QObject):
    said = Signal(dict)
    ended = Signal(str)
    busy = False

    def start(self, words):
        self.busy, self.words = True, list(words)

    def stop(self):
        self.busy = False

    def end(self, problem=""):
        self.busy = False
        self.ended.emit(problem)


@pytest.fixture
def sheet(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    sheet = ReproductionSheet(parent, DARK, Told())
    sheet.show()
    assert sheet.work.words == ["--list"]
    assert not sheet.run.isEnabled()
    sheet.work.said.emit({"protocols": [RING]})
    sheet.work.end()
    sheet._choices["ring"].setChecked(True)
    yield sheet
    parent.close()


def test_rows_come_as_they_are_done_and_can_be_copied(sheet, qtbot):
    qtbot.mouseClick(sheet.run, Qt.MouseButton.LeftButton)
    assert sheet.work.words == ["ring"]
    assert sheet.run.text() == "Cancel"
    sheet.work.said.emit({"share": 0.5})
    sheet.work.said.emit({"row": ROW})
    assert sheet.bar.value() == 500
    last = sheet.table.item(0, len(COLUMNS) - 1)
    assert last.text() == "not met"
    assert last.foreground().color().name() == DARK.alarm
    sheet.table.setCurrentCell(0, 0)
    assert sheet.note.text() == ROW["note"]
    sheet.work.end()
    assert "not met: 1" in sheet.state.text()
    qtbot.mouseClick(sheet.copy, Qt.MouseButton.LeftButton)
    assert "Ring\tours\tmodes\t7.5 ± 0.5\t7.8\t–\t8\tnot met" in QGuiApplication.clipboard().text()


def test_it_can_be_cancelled_and_says_why_it_failed(sheet, qtbot):
    qtbot.mouseClick(sheet.run, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(sheet.run, Qt.MouseButton.LeftButton)
    assert not sheet.work.busy
    assert sheet.run.text() == "Run"
    qtbot.mouseClick(sheet.run, Qt.MouseButton.LeftButton)
    sheet.work.end("no memory")
    assert "no memory" in sheet.state.text()
    assert sheet.run.isEnabled()


def test_closing_ends_the_work(sheet, qtbot):
    qtbot.mouseClick(sheet.run, Qt.MouseButton.LeftButton)
    work = sheet.work
    sheet.close()
    assert not work.busy


def test_the_work_ends_with_the_window(sheet, qtbot):
    qtbot.mouseClick(sheet.run, Qt.MouseButton.LeftButton)
    work = sheet.work
    sheet.parent().show()
    sheet.parent().close()
    assert not work.busy


def test_run_is_never_taken_for_cancel_after_the_list(sheet):
    sheet.work.start(["--list"])
    sheet.work.said.emit({"protocols": []})
    assert not sheet.work.busy
