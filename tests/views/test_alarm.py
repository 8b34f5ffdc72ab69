"""The alarm against a session of hand-made messages: what it says, what its buttons send, and when it is still."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QWidget

from explorer.session import commands, messages
from explorer.session.settings import with_settings
from explorer.widgets.banner import Banner, Remark
from explorer.widgets.theme import DARK
from explorer.window.main_window import MainWindow
from explorer.window.preferences import Preferences

from .fake_session import CATALOGUE, RECIPE, FakeSession, keep, progress
from .handmade import ring_scene
from .mode_story import AGAIN, LIVE, OTHER, found

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("propagateSizeHints", "raise()")]

RATE = {"name": "lr", "default": 1e-3, "live": True, "kind": ""}
MODES = {"name": "modes", "default": 8, "live": False, "kind": ""}
LOOK = {"label": "x", "symbol": "", "type": "float", "low": None, "high": None, "log": False, "unit": "",
        "help": "Help.", "choices": []}  # fmt: skip


def with_options():
    """The catalogue with a rate that can change in mid-run and a number of modes that cannot."""
    data, optimizers = CATALOGUE["data"][0], CATALOGUE["optimizers"][0]
    return CATALOGUE | {
        "data": [data | {"options": [MODES | LOOK | {"type": "int"}]}],
        "optimizers": [optimizers | {"options": [RATE | LOOK]}],
    }


@pytest.fixture
def window(empty, session):
    """A window whose run is at step 720 and plays; states of steps 300 and 700 are kept."""
    started = messages.Started(1, RECIPE, "Ring of 8", 0, "w")
    session.coming += [messages.Ready(with_options()), started, ring_scene(), progress(720)]
    empty.conductor.poll()
    keep(session, 300, 700)
    session.sent.clear()
    return empty


@pytest.fixture
def hear(window, session):
    def hear(*received):
        session.coming += received
        window.conductor.poll()

    return hear


def press(window, title):
    next(button for button in window.banner.buttons() if button.text() == title).click()


def entries(window):
    return {entry.text(): entry for entry in window.banner.buttons()[-1].menu().actions()}


def test_the_alarm_says_what_happened_with_two_remedies_and_more(window, hear):
    hear(found(710))
    assert window.banner.isVisible()
    assert window.banner.remark.severity == "alarm"
    assert window.banner._title.text() == "Collapse"
    assert window.banner._text.text() == found().text
    assert [button.text() for button in window.banner.buttons()] == [LIVE.title, AGAIN.title, "More"]
    assert list(entries(window)) == [OTHER.title, "Why?"]
    assert window.parts.modes.header.mark[0] == "Collapse"


@pytest.mark.parametrize(("width", "is_below"), [(700, False), (420, True), (620, False)])
def test_no_button_is_cut_off_however_narrow_the_banner(qtbot, width, is_below):
    host = QWidget()  # a window of its own would keep a least width
    qtbot.addWidget(host)
    host.resize(900, 200)
    banner = Banner(host)
    banner.resize(900, 60)
    host.show()
    names = [(name, print) for name in ("Non-saturating loss", "R1 penalty", "Packing of 2", "Why?")]
    banner.say(Remark("alarm", "Mode collapse", found().text, names))
    qtbot.waitUntil(lambda: all(button.isVisible() for button in banner.buttons()))
    for step in (900, width):
        banner.resize(step, 160)
        banner._column.activate()
    assert all(button.width() >= button.sizeHint().width() for button in banner.buttons())
    tops = [button.y() for button in banner.buttons()]
    assert (min(tops) > banner._title.geometry().bottom()) is is_below
    lefts = [button.x() for button in banner.buttons()]
    assert lefts == sorted(lefts)


def test_healthy_and_learning_are_not_said_on_the_banner(window, hear):
    hear(found(100, "learning"), found(200, "healthy"))
    assert not window.banner.isVisible()
    assert window.parts.modes.header.mark[0] == "Healthy"


def test_a_live_remedy_forks_from_the_newest_kept_state_and_the_curves_mark_it(window, session, hear):
    hear(found(710))
    press(window, LIVE.title)
    (start,) = session.of(commands.Start)
    assert start.recipe == with_settings(RECIPE, LIVE.settings)
    assert start.state is session.history.at(700).state
    assert session.of(commands.Play) == [commands.Play(2)]
    assert not window.banner.isVisible()
    hear(messages.Started(2, start.recipe, "Ring of 8", 700, "w"))
    assert window.parts.curves.plot.events == [(700, LIVE.title)]


def test_a_live_remedy_while_looking_back_forks_from_there(window, session, hear):
    hear(found(710))
    window.conductor.control.look(300)
    press(window, LIVE.title)
    assert session.of(commands.Start)[0].state is session.history.at(300).state


def test_a_remedy_that_cannot_be_taken_up_starts_again(window, session, hear):
    hear(found(710))
    press(window, AGAIN.title)
    assert session.of(commands.Start) == [commands.Start(2, with_settings(RECIPE, AGAIN.settings))]
    assert session.of(commands.Play) == [commands.Play(2)]
    hear(messages.Started(2, session.of(commands.Start)[0].recipe, "Ring of 4", 0, "w"))
    assert window.parts.curves.plot.events == []
    assert window.parts.modes.header.mark[0] == ""


def test_the_buttons_say_where_the_run_goes_on(window, hear):
    hear(found(710))
    live, again, more = window.banner.buttons()
    for button in (live, again):
        QApplication.sendEvent(button, QHelpEvent(QEvent.Type.ToolTip, QPoint(3, 3), button.mapToGlobal(QPoint(3, 3))))
    assert live.toolTip().splitlines() == [LIVE.help, LIVE.settings[0], "The run goes on from step 700."]
    assert again.toolTip().splitlines()[-1] == "The run starts again."
    more.menu().aboutToShow.emit()
    assert entries(window)[OTHER.title].toolTip().startswith(OTHER.help)


def test_the_menu_holds_the_other_remedies_and_the_reasons(window, session, hear):
    hear(found(710))
    entries(window)["Why?"].trigger()
    assert window.parts.modes.page == "why"
    assert not window.banner.isVisible()
    hear(found(715, "oscillation"))
    entries(window)[OTHER.title].trigger()
    assert session.of(commands.Start)[0].recipe["optimizer"]["beta1"] == 0.5


def test_a_remedy_can_be_tried_from_the_card_too(window, session, hear):
    hear(found(710))
    window.parts.modes.show_page("why")
    window.parts.modes.signs.buttons[0].click()
    assert session.of(commands.Start)[0].recipe["optimizer"]["lr"] == 1e-4


def test_it_does_not_nag(window, hear):
    hear(found(710))
    window.banner.dismiss()
    hear(found(720))
    assert not window.banner.isVisible()
    hear(found(730, "oscillation"))  # another trouble is news
    assert window.banner.isVisible()
    window.banner.dismiss()
    hear(found(740, "healthy"), found(750))  # so is the same one after health
    assert window.banner.isVisible()


def test_health_takes_the_alarm_away_but_no_other_remark(window, hear):
    hear(found(710), found(720, "healthy"))
    assert not window.banner.isVisible()
    hear(found(730), messages.Saved(1, "runs/one"), found(740, "healthy"))
    assert window.banner._title.text() == "Run saved"


def test_after_a_remedy_the_same_trouble_is_no_news_but_after_a_restart_it_is(window, session, hear):
    hear(found(710))
    press(window, LIVE.title)
    hear(messages.Started(2, session.of(commands.Start)[0].recipe, "Ring of 8", 700, "w"), found(740, run=2))
    assert not window.banner.isVisible()
    assert window.parts.modes.header.mark[0] == "Collapse"
    window.conductor.control.reset()
    hear(messages.Started(3, RECIPE, "Ring of 8", 0, "w"), found(600, run=3))
    assert window.banner.isVisible()


def test_training_goes_on_unless_the_alarm_is_to_pause_it(window, session, hear):
    hear(found(710))
    assert not session.of(commands.Pause)
    window.banner.dismiss()
    window.actions_["auto_pause"].trigger()
    hear(found(720, "oscillation"))
    assert session.of(commands.Pause) == [commands.Pause(1)]
    assert window.banner._text.text().endswith("Training is paused.")
    session.sent.clear()
    press(window, LIVE.title)  # a remedy is there to be seen at work
    assert session.of(commands.Play) == [commands.Play(2)]


def test_the_alarm_can_be_switched_off(window, hear):
    window.actions_["alarm"].trigger()
    hear(found(710))
    assert not window.banner.isVisible()
    assert not window.actions_["auto_pause"].isEnabled()
    assert window.parts.modes.header.mark[0] == "Collapse"


def test_both_switches_are_remembered(qtbot, window, preferences, tmp_path):
    alarm, pause = window.actions_["alarm"], window.actions_["auto_pause"]
    assert (alarm.isChecked(), pause.isChecked()) == (True, False)
    pause.trigger()
    alarm.trigger()
    preferences.flush()
    again = MainWindow(FakeSession(), Preferences(tmp_path / "settings.ini"), theme="dark")
    qtbot.addWidget(again)
    assert (again.actions_["alarm"].isChecked(), again.actions_["auto_pause"].isChecked()) == (False, True)
    assert (again.conductor.alarm.rings, again.conductor.alarm.pauses) == (False, True)
    menu = next(action for action in again.header.menu_bar.actions() if action.text() == "Run").menu()
    assert {alarm.text(), pause.text()} <= {action.text() for action in menu.actions()}


def test_a_refused_remedy_leaves_no_trace(window, session, hear):
    hear(found(710))
    press(window, LIVE.title)
    hear(messages.Refused(2, "optimizer.lr", "is not possible"))
    window.conductor.control.reset()
    window.parts.curves.add_rows(messages.Rows(1, ("loss",), np.array([5]), np.array([[1.0]])))
    hear(messages.Started(3, RECIPE, "Ring of 8", 0, "w"))
    assert window.parts.curves.plot.events == []
    assert len(window.parts.curves.losses.series) == 0


def test_pointing_at_a_row_rings_the_mode_in_the_data_space(window, qtbot, hear):
    hear(found(710))
    window.parts.modes.show_page("table")
    window.parts.modes.table.setFocus(Qt.FocusReason.TabFocusReason)
    (rings,) = next(layer.items for layer in window.parts.data.layers if layer.key == "modes")
    window.parts.modes.table.pointed.emit(2)
    assert rings.chosen is not None
    window.parts.modes.show_page("bars")
    assert rings.chosen is None


def test_a_notice_without_buttons_is_not_squeezed_beside_its_title(qtbot):
    banner = Banner()
    qtbot.addWidget(banner)
    banner.resize(540, 200)
    banner.set_theme(DARK, 1.5)
    banner.say(Remark("notice", "Variational autoencoder on moons", "ELBO and evidence rise together. " * 5))
    banner.show()
    assert banner._text.width() > 0.8 * banner.width()
