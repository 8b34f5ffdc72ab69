"""The window against a session that replays hand-made messages: every control sends what it says."""

import json
import sys
import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSize, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QInputDialog, QLabel, QLineEdit, QSpinBox

from explorer.session import commands, messages
from explorer.session.pace import Allowance
from explorer.widgets.banner import Banner, Remark
from explorer.widgets.theme import DARK, PRESENTER_SCALE
from explorer.widgets.transport import UNLIMITED, Standing, Transport, clock, place_of, speed_at
from explorer.window.actions import DEEDS
from explorer.window.frames import FrameMeter
from explorer.window.mishaps import Mishaps
from explorer.window.presets import presets
from explorer.window.pulse import PATIENCE_S

from .fake_session import RECIPE, keep, progress
from .handmade import ring_pictures, ring_scene, scene, snapshot

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("propagateSizeHints")]


def test_before_the_catalogue_empty_cards_are_shown_and_nothing_can_be_trained(empty, session):
    assert session.started
    assert session.of(commands.Start)[0].recipe == RECIPE
    assert not empty.data_place.is_revealed
    assert not empty.docks["recipe"].place.is_revealed
    assert not empty.transport.play.isEnabled()
    assert not empty.actions_["play"].isEnabled()


def test_a_run_fills_the_window_and_says_how_to_begin(window):
    assert window.header.label.full == "Ring of 8 · MLP · JS"
    assert window.data_place.is_revealed
    assert all(dock.place.is_revealed for dock in window.docks.values())
    assert window.hint.isVisible()
    assert window.hint.text() == "Press Space to train"


def guest(window, key):
    return dict(window.parts.cards())[key]


def planar_scene(run=1):
    return scene(run=run, title="Dirac", dimension=1, latent_dimension=1, parameters=1, critic_parameters=1)


def test_the_phase_portrait_takes_the_place_of_the_modes_while_the_game_is_one_of_two_numbers(window, session, qtbot):
    phase, modes = window.docks["phase"], window.docks["modes"]
    assert phase.isHidden()
    assert modes.isVisible()
    session.coming.append(planar_scene())
    window.conductor.poll()
    qtbot.waitUntil(lambda: guest(window, "phase").isVisible())
    assert modes.isHidden()
    window.conductor.watching.now()
    assert "phase_portrait" in session.of(commands.Watch)[-1].pictures
    window.layout_.reset()
    assert not phase.isHidden()
    session.coming.append(ring_scene())
    window.conductor.poll()
    assert phase.isHidden()
    assert modes.isVisible()
    window.conductor.watching.now()
    assert "phase_portrait" not in session.of(commands.Watch)[-1].pictures


def test_the_path_of_the_phase_portrait_is_made_of_the_rows_and_cut_with_them(window, session):
    session.coming.append(planar_scene())
    steps = np.arange(1, 41)
    row = messages.Rows(1, ("bound", "theta", "psi"), steps, np.stack([steps * 0.0, steps * 0.1, -steps * 0.1], 1))
    session.coming.append(row)
    window.conductor.poll()
    assert guest(window, "phase").series.column("psi").tolist() == (-steps * 0.1).tolist()
    session.coming.append(messages.Rows(1, row.names, steps[:5] + 10, row.values[:5]))
    window.conductor.poll()
    assert guest(window, "phase").series.steps.tolist() == list(range(1, 16))


def test_a_preset_that_has_to_be_followed_turns_the_speed_dial_and_the_next_one_turns_it_back(window, session):
    slow = next(preset for preset in presets() if preset.recipe["about"].get("speed"))
    fast = next(preset for preset in presets() if not preset.recipe["about"].get("speed"))
    window.new_from(slow)
    assert session.of(commands.Speed)[-1].steps_per_second == pytest.approx(slow.recipe["about"]["speed"], rel=0.1)
    window.new_from(fast)
    assert session.of(commands.Speed)[-1] == commands.Speed(None)
    window.transport.speed.setValue(50)
    window.new_from(fast)
    assert window.transport.speed.value() == 50


def test_play_and_pause_by_button(window, session, qtbot):
    qtbot.mouseClick(window.transport.play, Qt.MouseButton.LeftButton)
    assert session.orders == [commands.Play(1)]
    assert not window.hint.isVisible()
    session.coming.append(progress(5))
    window.conductor.poll()
    assert window.transport.play.icon_name == "pause"
    qtbot.mouseClick(window.transport.play, Qt.MouseButton.LeftButton)
    assert session.orders[-1] == commands.Pause(1)


@pytest.mark.parametrize(
    ("key", "modifier", "sent"),
    [
        (Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, commands.Play(1)),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, commands.Step(1, "both")),
        (Qt.Key.Key_C, Qt.KeyboardModifier.NoModifier, commands.Step(1, "critic")),
        (Qt.Key.Key_G, Qt.KeyboardModifier.NoModifier, commands.Step(1, "generator")),
        (Qt.Key.Key_R, Qt.KeyboardModifier.NoModifier, commands.Start(2, RECIPE)),
    ],
)
def test_shortcuts_of_the_run(window, session, qtbot, key, modifier, sent):
    window.activateWindow()
    window.parts.data.setFocus()
    qtbot.keyClick(window, key, modifier)
    assert session.orders == [sent]


def test_a_new_seed_begins_another_run(window, session, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
    (start,) = session.of(commands.Start)
    assert start.run == 2
    assert start.recipe["seed"] != RECIPE["seed"]


def test_space_plays_even_from_a_number_field_but_not_from_a_text_field(window, session, qtbot):
    number, text = QSpinBox(window), QLineEdit(window)
    for field in (number, text):
        field.show()
    number.setFocus()
    qtbot.keyClick(number, Qt.Key.Key_Space)
    assert session.orders == [commands.Play(1)]
    text.setFocus()
    qtbot.keyClick(text, Qt.Key.Key_Space)
    assert text.text() == " "
    assert session.orders == [commands.Play(1)]


def test_arrow_keys_stay_with_a_slider_that_has_the_focus(window, session, qtbot):
    speed = window.transport.speed
    speed.setValue(50)
    session.sent.clear()
    speed.setFocus()
    qtbot.keyClick(speed, Qt.Key.Key_Right)
    assert speed.value() == 51
    assert not session.of(commands.Step)


def test_the_speed_dial_runs_over_decades_and_ends_without_limit(window, session, qtbot):
    assert speed_at(0) == 1.0
    assert speed_at(99) == pytest.approx(10_000)
    assert speed_at(UNLIMITED) is None
    assert all(place_of(speed_at(place)) == place for place in range(UNLIMITED + 1))
    qtbot.keyClick(window, Qt.Key.Key_BracketLeft)
    assert session.of(commands.Speed) == [commands.Speed(speed_at(95))]
    qtbot.keyClick(window, Qt.Key.Key_BracketRight)
    assert session.orders[-1] == commands.Speed(None)


def test_looking_back_shows_where_and_offers_the_ways_on(window, session, qtbot):
    keep(session, 0, 100, 200)
    session.coming.append(progress(250))
    window.conductor.poll()
    qtbot.keyClick(window, Qt.Key.Key_Left)
    window.conductor.poll()
    assert session.of(commands.Look)[-1].state is session.history.at(200).state
    assert window.transport.fork.isVisible()
    assert window.transport._time_text.text() == "step 200 of 250"
    qtbot.mouseClick(window.transport.newest, Qt.MouseButton.LeftButton)
    window.conductor.poll()
    assert session.of(commands.Look)[-1] == commands.Look(1, None)
    assert not window.transport.fork.isVisible()


def test_dragging_the_time_goes_to_kept_steps_only_and_playing_from_there_forks(window, session, qtbot):
    keep(session, 0, 100, 200)
    session.coming.append(progress(400, playing=False))
    window.conductor.poll()
    time = window.transport.time
    at = QPoint(round(time.place_of(120)), time.height() // 2)
    qtbot.mousePress(time, Qt.MouseButton.LeftButton, pos=at)
    window.conductor.poll()
    assert window.conductor.control.looking == 100
    qtbot.mouseClick(window.transport.fork, Qt.MouseButton.LeftButton)
    (start,) = session.of(commands.Start)
    assert start.state is session.history.at(100).state
    assert session.orders[-1] == commands.Play(2)


def test_a_snapshot_is_drawn_and_counted_once_when_painted(window, session, qtbot):
    session.snapshot = snapshot(ring_pictures(), step=40)
    window.conductor.poll()
    assert window.conductor.shown_step == 40
    assert window.parts.data.snapshot.step == 40
    qtbot.waitUntil(lambda: window.conductor.frames.total == 1)


def test_a_snapshot_of_an_older_run_is_dropped(window, session):
    session.coming.append(messages.Started(7, RECIPE, "other", 0, "w"))
    window.conductor.control.run = 7
    session.snapshot = snapshot(ring_pictures(), step=40)
    window.conductor.poll()
    assert window.conductor.shown_step == -1


def test_frames_are_counted_over_the_last_second_and_only_with_a_new_picture():
    now = [0.0]
    meter = FrameMeter(lambda: now[0])
    for tick in range(10):
        now[0] = tick / 10
        meter.shown()
        meter.painted()
        meter.painted()
    assert meter.rate == 10
    now[0] = 5.0
    assert meter.rate == 0


def test_closing_a_card_asks_for_fewer_pictures(window, session, qtbot):
    window.conductor.watching.now()
    before = session.of(commands.Watch)[-1].pictures
    window.docks["latent"].close()
    qtbot.waitUntil(lambda: session.of(commands.Watch)[-1].pictures != before)
    assert before - session.of(commands.Watch)[-1].pictures == {"latent_map"}
    window.docks["latent"].toggleViewAction().trigger()
    qtbot.waitUntil(lambda: session.of(commands.Watch)[-1].pictures == before)


def z_at(x, y):
    return {"z": np.array([[x, y]], np.float32)}


def landing(question):
    arrays = {"x": np.zeros((1, 2), np.float32), "log_det": np.zeros(1, np.float32)}
    return messages.Answer(1, question.number, arrays)


def test_of_many_questions_the_newest_waits_for_the_answer_and_each_answer_says_what_it_answers(window, session):
    told = []
    window.parts.latent.show_answer = told.append
    for x in (0.25, 0.5, 0.75):
        window.parts.latent.asked.emit("push", z_at(x, 0))
    (first,) = session.of(commands.Ask)  # the others wait, and do not pile up
    session.coming.append(landing(first))
    window.conductor.poll()
    second = session.of(commands.Ask)[-1]
    assert [float(question.arrays["z"][0, 0]) for question in (first, second)] == [0.25, 0.75]
    session.coming += [landing(first), landing(second)]  # what was answered already reaches nobody
    window.conductor.poll()
    assert [float(arrays["z"][0, 0]) for arrays in told] == [0.25, 0.75]


def test_an_answer_about_an_earlier_run_is_dropped_and_the_next_question_is_asked_at_once(window, session):
    told = []
    window.parts.latent.show_answer = told.append
    window.parts.latent.asked.emit("push", z_at(0, 0))
    (first,) = session.of(commands.Ask)
    window.conductor.control.reset()
    again = session.of(commands.Start)[-1].run
    session.coming += [messages.Started(again, RECIPE, "Ring", 0, "w"), landing(first)]
    window.conductor.poll()
    assert told == []
    window.parts.latent.asked.emit("push", z_at(1, 0))
    assert session.of(commands.Ask)[-1].run == again


def test_the_banner_shows_the_newest_and_counts_the_same(window):
    for _ in range(50):
        window.say(Remark("alarm", "Trouble", "Again."))
    assert window.banner.isVisible()
    assert window.banner._title.text() == "Trouble ×50"
    window.say(Remark("good", "Saved", "Here."))
    assert window.banner._title.text() == "Saved"
    window.banner._close.click()
    assert not window.banner.isVisible()


def test_a_failed_run_says_what_to_do_and_its_buttons_do_it(window, session, qtbot):
    keep(session, 0, 90)
    session.coming.append(messages.Failed(1, 90, "the critic's loss is NaN", "Lower the learning rate"))
    window.conductor.poll()
    assert window.banner.remark.severity == "alarm"
    assert "Lower the learning rate." in window.banner._text.text()
    look, restart = window.banner.buttons()
    qtbot.mouseClick(restart, Qt.MouseButton.LeftButton)
    assert session.of(commands.Start)
    assert not window.banner.isVisible()
    assert look.text() == "Look at it"


def test_a_refused_recipe_leaves_the_panel_at_what_trains(window, session):
    window.conductor.apply({**RECIPE, "seed": 5, "data": {"key": "table"}})
    session.coming.append(messages.Refused(2, "data.path", "no such file"))
    window.conductor.poll()
    assert window.banner._text.text().startswith("data.path: no such file")
    assert window.parts.panel.recipe()["data"]["key"] == "ring"


@pytest.mark.parametrize(
    "message",
    [
        messages.Died("observer", "it was killed"), messages.Finished(1, 1000), messages.Saved(1, "/run"),
        messages.NotSaved(1, "/run", "disk full"),
    ],
)  # fmt: skip
def test_every_report_reaches_the_banner(window, session, message):
    session.coming.append(message)
    window.conductor.poll()
    assert window.banner.isVisible()


def test_theme_switches_everything_and_is_remembered(window, preferences, qtbot):
    qtbot.mouseClick(window.header.theme, Qt.MouseButton.LeftButton)
    assert window.parts.data.theme.name == "light"
    assert preferences.theme == "light"
    assert "#eef0f3" in window.styleSheet()
    qtbot.keyClick(window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert window.parts.data.theme.name == "dark"
    window.menus._themes[""].trigger()
    assert preferences.theme == ""


def test_presenter_mode_enlarges_and_comes_back(window, qtbot):
    small = window.transport.play.height()
    qtbot.mouseClick(window.header.presenter, Qt.MouseButton.LeftButton)
    assert window.isFullScreen()
    assert window.transport.play.height() > 1.3 * small
    assert window.parts.data.scale > 1.3
    qtbot.keyClick(window, Qt.Key.Key_F11)
    assert not window.isFullScreen()
    assert window.transport.play.height() == small


def test_cards_have_their_widths_again_after_presenter_mode(window, qtbot):
    window.resize(1440, 900)
    QApplication.processEvents()
    before = {key: window.docks[key].width() for key in ("recipe", "latent")}
    qtbot.keyClick(window, Qt.Key.Key_F11)
    QApplication.processEvents()
    qtbot.keyClick(window, Qt.Key.Key_F11)
    qtbot.waitUntil(lambda: {key: window.docks[key].width() for key in before} == before)


@pytest.mark.parametrize(("width", "folds"), [(1024, True), (1280, True), (1920, False)])
def test_on_a_narrow_projector_the_recipe_gives_way_and_is_a_key_or_a_click_away(
    window, qtbot, width, folds, monkeypatch
):
    monkeypatch.setattr(window, "screen", lambda: SimpleNamespace(size=lambda: QSize(width, 720)))
    recipe = window.docks["recipe"]
    assert not window.header.recipe.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_F11)
    assert recipe.isVisible() is not folds
    assert window.header.recipe.isVisible() is folds
    qtbot.waitUntil(lambda: window.data_place.mapTo(window, QPoint(0, 0)).x() >= 8)
    if folds:
        qtbot.mouseClick(window.header.recipe, Qt.MouseButton.LeftButton)
        assert recipe.isVisible()
        assert not window.header.recipe.isVisible()
        qtbot.keyClick(window, Qt.Key.Key_F4)
        assert not recipe.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_F11)
    assert recipe.isVisible()


def test_a_recipe_that_was_closed_stays_closed_after_the_projector(window, qtbot, monkeypatch):
    monkeypatch.setattr(window, "screen", lambda: SimpleNamespace(size=lambda: QSize(1024, 720)))
    qtbot.keyClick(window, Qt.Key.Key_F4)
    assert not window.docks["recipe"].isVisible()
    for _ in range(2):
        qtbot.keyClick(window, Qt.Key.Key_F11)
        assert not window.docks["recipe"].isVisible()


def test_a_preset_begins_a_run_and_says_what_to_watch_for(window, session):
    window.menus.presets.actions()[1].trigger()
    start, chosen = session.of(commands.Start)[-1], presets()[1]
    assert start.recipe == chosen.recipe
    session.coming.append(messages.Started(start.run, RECIPE, "x", 0, "w"))
    window.conductor.poll()
    assert chosen.watch in window.banner._text.text()


def test_presets_of_a_group_share_a_submenu(window):
    groups = {preset.group for preset in presets()} - {""}
    submenus = {action.text(): action.menu() for action in window.menus.presets.actions() if action.menu()}
    assert set(submenus) == groups
    for group, submenu in submenus.items():
        titles = [preset.title for preset in presets() if preset.group == group]
        assert [action.text().partition("\t")[0] for action in submenu.actions()] == titles


def drop(window, path):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    buttons, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    accepted = window.documents.accepts(mime)
    window.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, mime, buttons, none))
    return accepted


def test_recipes_runs_and_data_can_be_dropped(window, session, tmp_path):
    recipe = tmp_path / "mine.toml"
    recipe.write_text('seed = 4\n[data]\nkey = "table"\n')
    run = tmp_path / "run"
    run.mkdir()
    (run / "recipe.toml").write_text("")
    table = tmp_path / "points.csv"
    table.write_text("1,2\n")
    assert all(drop(window, path) for path in (recipe, run, table))
    first, second = session.of(commands.Start)
    assert first.recipe == {"seed": 4, "data": {"key": "table"}}
    assert second.recipe["data"] == {"key": "table", "path": str(table)}
    assert session.of(commands.Load)[0].folder == str(run)
    assert [action.text() for action in window.menus.recent.actions()] == ["points.csv", "run", "mine.toml"]


FEW_ROWS = ("batch_size", "128 is more than the 50 training samples there are; choose a smaller batch, such as …")


def test_a_batch_larger_than_the_dropped_file_is_lowered_and_told(window, session, tmp_path):
    table = tmp_path / "points.csv"
    table.write_text("1,2\n" * 50)
    drop(window, table)
    asked = session.of(commands.Start)[-1]
    session.coming.append(messages.Refused(asked.run, *FEW_ROWS, ("batch_size=50",)))
    window.conductor.poll()
    again = session.of(commands.Start)[-1]
    assert again.run == asked.run + 1
    assert again.recipe == {**asked.recipe, "batch_size": 50}
    assert not window.banner.isVisible()
    session.coming.append(messages.Started(again.run, again.recipe, "points.csv", 0, "w"))
    window.conductor.poll()
    assert window.banner.remark.severity == "notice"
    assert "128 is more than the 50 training samples" in window.banner.remark.text
    assert window.banner.remark.text.endswith("so this run takes batch size 50.")


def test_a_file_that_nothing_helps_is_refused_as_ever(window, session, tmp_path):
    table = tmp_path / "points.csv"
    table.write_text("1,2\n" * 50)
    drop(window, table)
    for settings in (("batch_size=50",), ("batch_size=40",)):
        asked = session.of(commands.Start)[-1]
        session.coming.append(messages.Refused(asked.run, *FEW_ROWS, settings))
        window.conductor.poll()
    assert len(session.of(commands.Start)) == 2
    assert window.banner.remark.severity == "alarm"
    assert "choose a smaller batch" in window.banner.remark.text


def seen_of(view):
    return {type(layer) for layer in view.layers if any(item.isVisible() for item in layer.items)}


def of_the_data(view):
    return {type(layer) for layer in view.layers if not layer.observation}


def test_nothing_of_the_old_run_stays_on_the_screen_until_the_new_one_is_seen(window, session, qtbot):
    data, latent, modes = window.parts.data, window.parts.latent, window.parts.modes
    session.snapshot = snapshot(ring_pictures())
    window.conductor.poll()
    qtbot.waitUntil(lambda: len(modes.bars.mass) > 0)
    assert seen_of(data) - of_the_data(data)
    window.conductor.control.reset()
    again = session.of(commands.Start)[-1].run
    session.coming.append(messages.Started(again, RECIPE, "Ring", 0, "w"))
    window.conductor.poll()  # the same law goes on being seen, its model does not
    assert seen_of(data)
    assert seen_of(data) <= of_the_data(data)
    assert data.snapshot is latent.snapshot is modes.snapshot is None
    assert len(modes.bars.mass) == 0
    window.conductor.control.apply({**RECIPE, "data": {"key": "table"}})
    other = session.of(commands.Start)[-1]
    session.coming.append(messages.Started(other.run, other.recipe, "Table", 0, "w"))
    window.conductor.poll()
    assert not seen_of(data)
    assert not data.waiting.isVisible()  # a picture that comes at once needs no words
    qtbot.waitUntil(data.waiting.isVisible)
    assert "Waiting for the first picture" in data.waiting.text()
    session.coming.append(replace(ring_scene(), run=other.run))
    window.conductor.poll()
    assert not data.waiting.isVisible()
    assert seen_of(data)


def test_a_process_that_is_begun_again_leaves_the_picture(window, session):
    data = window.parts.data
    session.snapshot = snapshot(ring_pictures())
    window.conductor.poll()
    before = seen_of(data)
    assert before - of_the_data(data)
    session.coming.append(messages.Started(1, RECIPE, "Ring", 0, "w"))
    window.conductor.poll()
    assert seen_of(data) == before


@pytest.mark.parametrize(("name", "text"), [("bad.toml", "seed = = 3"), ("notes.doc", "x")])
def test_a_bad_file_is_a_line_on_the_banner(window, session, tmp_path, name, text):
    (tmp_path / name).write_text(text)
    drop(window, tmp_path / name)
    assert name in window.banner._text.text()
    assert not session.of(commands.Start)


def test_a_recent_file_that_is_gone_is_said_and_forgotten(window, preferences, tmp_path):
    preferences.remember(tmp_path / "gone.toml")
    window.documents.open(tmp_path / "gone.toml")
    assert "not there any more" in window.banner._text.text()
    assert preferences.recent == []


def test_a_recipe_is_saved_through_the_dialog_and_copied(window, qtbot, tmp_path):
    qtbot.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    dialog = window.documents.dialog
    dialog.selectFile(str(tmp_path / "kept"))
    dialog.accept()
    text = (tmp_path / "kept.toml").read_text()
    assert 'key = "ring"' in text
    qtbot.keyClick(window, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert QGuiApplication.clipboard().text() == text


def test_pictures_and_numbers_are_written(window, session, tmp_path):
    rows = np.array([[0.5, np.nan], [0.25, 1.0]])
    session.coming.append(messages.Rows(1, ("critic", "generator"), np.array([1, 2]), rows))
    window.conductor.poll()
    for open_dialog, name in (
        (window.actions_["export_picture"].trigger, "a.png"),
        (window.actions_["export_picture"].trigger, "a.svg"),
        (window.actions_["export_numbers"].trigger, "a.csv"),
    ):
        open_dialog()
        window.documents.dialog.selectFile(str(tmp_path / name))
        window.documents.dialog.accept()
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (tmp_path / "a.svg").read_text()
    assert (tmp_path / "a.csv").read_text().split() == ["step,critic,generator", "1,0.5,", "2,0.25,1.0"]


def test_saving_a_run_is_asked_of_the_trainer(window, session, tmp_path):
    window.actions_["save_run"].trigger()
    window.documents.dialog.selectFile(str(tmp_path / "run"))
    window.documents.dialog.accept()
    assert session.of(commands.Save) == [commands.Save(1, str(tmp_path / "run"))]


def test_training_up_to_a_step(window, session):
    window.actions_["stop_at"].trigger()
    dialog = window.findChild(QInputDialog)
    dialog.setIntValue(123)
    dialog.accept()
    assert session.orders == [commands.Play(1, 123)]


def test_a_sheet_does_not_keep_the_window_from_being_quit(window, qtbot):
    window.actions_["shortcuts"].trigger()
    sheet = window.findChild(QDialog)
    qtbot.keyClick(sheet, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert (sheet.isVisible(), window.isVisible()) == (True, True)
    qtbot.keyClick(sheet, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not window.isVisible())


@pytest.mark.parametrize("deed", ["shortcuts", "about"])
def test_the_help_sheets_open_and_close(window, deed):
    window.actions_[deed].trigger()
    sheet = next(dialog for dialog in window.findChildren(QDialog) if dialog.isVisible())
    words = " ".join(label.text() for label in sheet.findChildren(QLabel))
    expected = {"shortcuts": "Restart with a new seed", "about": "paper of adam"}
    assert expected[deed] in words
    sheet.close()


def test_no_two_deeds_share_a_shortcut():
    keys = [deed.keys for deed in DEEDS.values() if deed.keys]
    assert len(keys) == len(set(keys))


def test_closing_ends_the_session_soon_and_remembers(window, session, preferences):
    window.close()
    assert session.closed < 1.0
    assert not window.conductor.pulse._timer.isActive()
    assert preferences.recipe == json.loads(json.dumps(RECIPE))
    assert preferences.layout() is not None


def test_a_mishap_in_any_thread_is_logged_and_told_once(window, tmp_path, qtbot):
    before = sys.excepthook
    mishaps = Mishaps(tmp_path / "log" / "pushforward.log")
    mishaps.remarked.connect(window.say)
    mishaps.install()
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    qtbot.waitUntil(window.banner.isVisible)
    mishaps.remove()
    assert sys.excepthook is before
    assert "ZeroDivisionError" in window.banner._text.text()
    assert "ZeroDivisionError" in (tmp_path / "log" / "pushforward.log").read_text()


def test_elapsed_time_reads_like_a_clock():
    assert [clock(seconds) for seconds in (0, 42.9, 723, 3723)] == ["0:00", "0:42", "12:03", "1:02:03"]


def test_the_averaging_switch_says_what_is_drawn(window, session):
    averaged = {**RECIPE, "optimizer": {"key": "adam", "ema": 0.99}}
    session.coming.append(messages.Changed(1, averaged, "x", 0))
    window.conductor.poll()
    window.conductor.watching.now()
    assert window.actions_["average"].isChecked()
    assert session.of(commands.Watch)[-1].average
    window.actions_["average"].trigger()
    window.conductor.watching.now()
    assert not session.of(commands.Watch)[-1].average


def test_rows_of_a_run_that_went_back_take_the_place_of_those_after(window, session):
    def rows(*steps):
        return messages.Rows(1, ("loss",), np.array(steps), np.full((len(steps), 1), float(len(steps))))

    session.coming += [rows(1, 2, 3, 4), rows(3, 4, 5)]
    window.conductor.poll()
    _, table = window.parts.curves.export_rows()
    assert table[:, 0].tolist() == [1, 2, 3, 4, 5]
    assert table[:, 1].tolist() == [4, 4, 3, 3, 3]


def test_a_trainer_that_was_started_again_keeps_the_curves_up_to_there(window, session):
    loss = np.ones((4, 1))
    session.coming += [messages.Rows(1, ("loss",), np.arange(1, 5), loss)]
    session.coming += [messages.Started(1, RECIPE, "Ring of 8 · MLP · JS", 2, "w")]
    window.conductor.poll()
    assert window.parts.curves.export_rows()[1][:, 0].tolist() == [1, 2]


def test_a_window_that_has_drawn_too_much_looks_less_often(window, session, monkeypatch):
    conductor = window.conductor
    conductor.poll()
    conductor.pulse._allowance.spend(1.0)
    conductor.pulse._polled = time.perf_counter()
    session.coming += [progress(7)]
    conductor.pulse._beat()
    assert session.coming
    conductor.pulse._polled -= PATIENCE_S
    conductor.pulse._beat()
    assert not session.coming
    assert conductor.control.step == 7


def test_no_snapshot_is_taken_up_in_the_turn_of_the_curves(window, session, monkeypatch):
    conductor, curves = window.conductor, window.parts.curves
    conductor.poll()
    conductor._turns.clear()
    conductor.pulse._allowance = Allowance(1.0, 1e9, time.perf_counter())
    conductor.pulse._polled = time.perf_counter() + 60
    session.coming += [progress(7)]
    monkeypatch.setattr(type(curves), "has_turn", True)
    conductor.pulse._beat()
    assert session.coming
    monkeypatch.setattr(type(curves), "has_turn", False)
    conductor.pulse._beat()
    assert not session.coming


def test_the_alarm_goes_when_the_run_goes_on(window, session):
    session.coming.append(messages.Failed(1, 7, "largest weight became 1e7", "Try a smaller learning rate."))
    window.conductor.poll()
    assert window.banner.isVisible()
    window.conductor.control.play()
    window.conductor.poll()
    assert not window.banner.isVisible()


def test_a_narrow_banner_has_room_for_title_and_buttons(qtbot):
    banner = Banner()
    qtbot.addWidget(banner)
    banner.resize(900, 80)
    banner.show()
    banner.say(Remark("alarm", "Training stopped", "word " * 30, [("Look at it", print), ("Restart", print)]))
    for width, is_below in ((900, False), (360, True), (900, False)):
        banner.resize(width, 160)
        banner._column.activate()
        assert (banner._text.y() >= banner._title.geometry().bottom()) is is_below
        assert all(button.width() >= button.sizeHint().width() for button in banner._buttons)


@pytest.mark.parametrize("width", [760, 1024, 1280, 1920])
@pytest.mark.parametrize("looking", [False, True])
def test_the_transport_lets_go_of_what_has_no_room(qtbot, width, looking):
    bar = Transport()
    qtbot.addWidget(bar)
    bar.resize(width, 80)
    bar.show()
    bar.set_theme(DARK, PRESENTER_SCALE)
    standing = Standing(ready=True, step=12_345, shown=9_876, looking=looking, rate=1234.0, frames=30.0)
    for _ in range(2):  # as in the window: told again and again, when the numbers have taken their widths
        bar.show_standing(standing)
        bar._row.activate()
    assert all(button.isVisible() for button in (bar.reset, bar.play, bar.step, bar.time))
    assert bar.device.isVisible() or width < 1920
    assert bar._row.minimumSize().width() <= width


def choose(window, session, field, key, settings, path="latent.dimension"):
    """Pick a member in the panel, and let the session refuse what comes of it."""
    recipe = {**window.conductor.control.wanted, field: {"key": key}}
    window.parts.panel.recipe_changed.emit(recipe)
    asked = session.of(commands.Start)[-1]
    session.coming.append(messages.Refused(asked.run, path, "2 is not allowed: k must be d = 64", settings))
    window.conductor.poll()
    return asked


def test_a_choice_that_needs_one_thing_more_gets_it_and_that_is_told(window, session):
    asked = choose(window, session, "data", "table", ("latent.dimension=64",))
    again = session.of(commands.Start)[-1]
    assert again.recipe == {**asked.recipe, "latent": {"dimension": 64}}
    session.coming.append(messages.Started(again.run, again.recipe, "Table", 0, "w"))
    window.conductor.poll()
    assert window.banner.remark.severity == "notice"
    assert "k must be d = 64" in window.banner.remark.text
    assert window.banner.remark.text.endswith("so this run takes latent.dimension 64.")


def test_a_choice_that_nothing_helps_is_refused_with_a_sentence(window, session):
    choose(window, session, "data", "table", ())
    assert len(session.of(commands.Start)) == 1
    assert window.banner.remark.title == "Not possible"
    assert not window.banner.buttons()


def test_another_member_is_never_picked_without_asking(window, session):
    choose(window, session, "data", "table", ("data.key=ring",), path="data.key")
    assert len(session.of(commands.Start)) == 1
    assert [button.text() for button in window.banner.buttons()] == ["Set data to Ring"]


def test_an_option_that_needs_another_is_offered_it_at_a_click(window, session):
    recipe = {**RECIPE, "data": {"key": "table", "path": "a.csv"}}
    session.coming.append(messages.Started(2, recipe, "Table", 0, "w"))
    window.conductor.control._coming = 2
    window.conductor.poll()
    other = {**RECIPE, "data": {"key": "table", "path": "b.csv"}}
    window.parts.panel.recipe_changed.emit(other)
    asked = session.of(commands.Start)[-1]
    session.coming.append(messages.Refused(asked.run, "data.path", "is small", ("batch_size=32", "data.key=ring")))
    window.conductor.poll()
    assert len(session.of(commands.Start)) == 1
    (button,) = window.banner.buttons()
    assert button.text() == "Set batch size to 32 and data to Ring"
    button.click()
    fitted = session.of(commands.Start)[-1].recipe
    assert (fitted["batch_size"], fitted["data"]["key"]) == (32, "ring")


def test_without_a_critic_no_player_steps_alone(window, session):
    single = [window.actions_[name] for name in ("step_critic", "step_generator")]
    words = [action.text() for action in window.transport._turns.actions() if action.isVisible()]
    assert all(action.isEnabled() for action in single)
    assert words == ["Whole step", "Critic only", "Generator only"]
    session.coming.append(replace(ring_scene(), critic_parameters=0))
    window.conductor.poll()
    assert not any(action.isEnabled() for action in single)
    assert window.actions_["step"].isEnabled()
    words = [action.text() for action in window.transport._turns.actions() if action.isVisible()]
    assert words == ["Whole step"]
    assert "critic" not in window.parts.data.chips
    session.coming.append(ring_scene())
    window.conductor.poll()
    assert all(action.isEnabled() for action in single)
