"""The sheet that fetches data before a run begins, and how the window comes to ask."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from explorer.panels.member_form import divide
from explorer.session import commands, messages
from explorer.widgets.theme import DARK
from explorer.window.fetching import FetchSheet

from .fake_session import CATALOGUE, RECIPE
from .handmade import ring_scene

pytestmark = pytest.mark.gui

LACK = messages.Lack("mnist", "MNIST", 11_594_722, "example.org")


class Told(QObject):
    """Fetches nothing, and says what it is told to."""

    said = Signal(dict)
    ended = Signal(str)

    def __init__(self):
        super().__init__()
        self.words = None

    def start(self, words):
        self.words = list(words)

    def stop(self):
        self.words = None


@pytest.fixture
def sheet(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    sheet = FetchSheet(parent, DARK, LACK, Told())
    sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    sheet.show()
    yield sheet
    parent.close()


def test_nothing_is_fetched_before_it_is_asked_for(sheet, qtbot):
    assert sheet.fetch.text() == "Fetch 12 MB"
    assert "example.org" in sheet.text.text()
    assert sheet._work.words is None
    assert not sheet.bar.isVisible()
    qtbot.mouseClick(sheet.fetch, Qt.MouseButton.LeftButton)
    assert sheet._work.words == ["mnist"]
    sheet._work.said.emit({"bytes": 3_000_000, "of": 12_000_000})
    assert sheet.bar.value() == 25
    with qtbot.waitSignal(sheet.fetched):
        sheet._work.ended.emit("")
    assert not sheet.isVisible()


def test_a_failure_is_told_and_can_be_tried_again(sheet, qtbot):
    qtbot.mouseClick(sheet.fetch, Qt.MouseButton.LeftButton)
    sheet._work.ended.emit("pushforward: MNIST: cannot be reached; is there a network?")
    assert sheet.problem.text() == "MNIST: cannot be reached; is there a network?"
    assert (sheet.fetch.text(), sheet.fetch.isEnabled(), sheet.bar.isVisible()) == ("Try again", True, False)
    qtbot.mouseClick(sheet.fetch, Qt.MouseButton.LeftButton)
    assert not sheet.problem.isVisible()


def test_to_cancel_ends_the_fetching(sheet, qtbot):
    qtbot.mouseClick(sheet.fetch, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(sheet.cancel, Qt.MouseButton.LeftButton)
    assert sheet._work.words is None
    assert not sheet.isVisible()


@pytest.fixture
def asked(empty, session):
    """A window whose panel chose data that is not here, and the sheet that it opened."""
    session.coming += [messages.Ready(CATALOGUE), messages.Started(1, RECIPE, "Ring", 0, "w"), ring_scene()]
    empty.conductor.poll()
    empty.conductor.fill_panel()
    empty.parts.panel.recipe_changed.emit({**RECIPE, "data": {"key": "mnist", "held": 3}})
    wanted = session.of(commands.Start)[-1]
    session.coming.append(messages.Refused(wanted.run, "data.path", "is not here", (), LACK))
    empty.conductor.poll()
    (sheet,) = empty.findChildren(FetchSheet)
    return empty, session, sheet


def test_the_window_asks_and_then_begins(asked):
    window, session, sheet = asked
    assert sheet.isVisible()
    assert not window.banner.isVisible()
    assert window.parts.panel.recipe()["data"]["key"] == "ring"
    sheet.fetched.emit()
    assert session.of(commands.Start)[-1].recipe["data"] == {"key": "mnist", "held": 3}


def test_files_that_cannot_be_read_are_told_on_the_banner(asked):
    window, session, sheet = asked
    sheet.reject()
    session.coming.append(messages.Noticed(1, "Left out: a.png is empty."))
    window.conductor.poll()
    assert (window.banner.remark.severity, window.banner.remark.text) == ("notice", "Left out: a.png is empty.")


def test_a_folder_is_taken_instead(asked):
    _, session, sheet = asked
    sheet._point("/published")
    assert session.of(commands.Start)[-1].recipe["data"] == {"key": "mnist", "held": 3, "path": "/published"}


@pytest.mark.parametrize(("name", "key"), [("photographs", "image_folder"), ("train-images-idx3-ubyte.gz", "idx")])
def test_pictures_are_opened_from_a_folder_or_an_idx_file(empty, session, tmp_path, name, key):
    place = tmp_path / name
    place.mkdir() if key == "image_folder" else place.write_bytes(b"")
    empty.documents.open(place)
    assert session.of(commands.Start)[-1].recipe["data"] == {"key": key, "path": str(place)}


def test_the_path_of_own_data_stands_in_the_panel_at_once():
    path, *rest = ({"name": name, "type": "str", "default": ""} for name in ("path", "a", "b", "c", "d"))
    assert divide([path, *rest]) == ([path], rest)
