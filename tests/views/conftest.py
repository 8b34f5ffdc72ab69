"""Nothing of the GUI outlives its test: no thread, window or running timer; nothing is freed in a wrong thread."""

import gc
import threading

import pytest
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from explorer.session import messages
from explorer.widgets.theme import DARK
from explorer.window.main_window import MainWindow
from explorer.window.preferences import Preferences

from .fake_session import CATALOGUE, RECIPE, FakeSession
from .handmade import ring_scene


@pytest.fixture(autouse=True, scope="module")
def _keeps_what_is_there():
    """What the modules hold stays: no collection after a test has to go through all of it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _leaves_nothing(request):
    before, was_enabled = set(threading.enumerate()), gc.isenabled()
    gc.disable()
    yield
    app = QApplication.instance()
    if app is not None:
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    if was_enabled:
        gc.enable()
    threads = set(threading.enumerate()) - before
    windows = [widget for widget in app.topLevelWidgets() if widget.isVisible()] if app else []
    timers = [timer for widget in windows for timer in widget.findChildren(QTimer) if timer.isActive()]
    for widget in windows:  # or every later test would fail for it too
        widget.close()
    assert not threads, f"the test left threads: {threads}"
    assert not windows, f"the test left windows: {windows}"
    assert not timers, f"the test left timers: {timers}"


@pytest.fixture
def make(qtbot):
    """Makes a view of some size and theme in a window, with a scene if one is given."""
    hosts = []

    def made(cls, size=(620, 560), theme=DARK, scene=None):
        host = QWidget()
        hosts.append(host)
        qtbot.addWidget(host)
        host.resize(*size)
        view = cls(host)
        view.resize(*size)
        view.set_theme(theme, 1.0)
        host.show()
        if scene is not None:
            view.set_scene(scene)
        return view

    yield made
    hosts.clear()


@pytest.fixture
def session():
    """Takes down what the window sends, and hands it what a test puts in."""
    return FakeSession()


@pytest.fixture
def preferences(tmp_path):
    return Preferences(tmp_path / "settings.ini")


@pytest.fixture
def empty(qtbot, session, preferences):
    """A window that has just been opened."""
    window = MainWindow(session, preferences, theme="dark")
    qtbot.addWidget(window)
    window.show()
    window.begin(RECIPE)
    window.assemble()
    return window


@pytest.fixture
def window(empty, session):
    """A window with a run at step 0."""
    session.coming += [
        messages.Ready(CATALOGUE), messages.Started(1, RECIPE, "Ring of 8 · MLP · JS", 0, "w"), ring_scene(),
    ]  # fmt: skip
    empty.conductor.poll()
    empty.conductor.fill_panel()
    session.sent.clear()
    return empty
