"""The card of one picture: what it asks, what it shows, how keys move the choice, and how the past is asked about."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from explorer.session import commands, messages
from explorer.session.history import History
from explorer.session.snapshot import freeze
from explorer.views.data_space import DataSpaceView
from explorer.views.image import STATES, ImageView, brief
from explorer.window.questions import Questions
from explorer.window.recollection import Recollection, spread

from . import handmade


def known(number=12, real=0, **changes):
    answer = {
        "number": np.array(number), "real": np.array(real), "x": np.full((1, 64), 0.5, np.float32),
        "near": handmade.glyphs(5, 3).reshape(5, 64), "distance": np.array([0.031, 0.07, 0.11, 0.14, 0.2], np.float32),
        "limit": np.array(np.nan if real else 0.05, np.float32), "code": np.linspace(-3, 3, 16, dtype=np.float32),
        "asked": np.array(""),
    }  # fmt: skip
    return freeze(answer | changes)


def past(step, number=12):
    made = np.full((1, 64), step / 1000, np.float32)
    return {"number": np.array(number), "step": np.array(step), "made": made}


@pytest.fixture
def card(make):
    view = make(ImageView, size=(360, 330), scene=handmade.digits_scene())
    view.questions, view.recalled, view.choices = [], [], []
    view.asked.connect(lambda question, arrays: view.questions.append((question, arrays)))
    view.asked_of_past.connect(lambda *asked: view.recalled.append(asked))
    view.chose.connect(view.choices.append)
    return view


def test_there_is_a_card_for_pictures_alone_and_it_says_what_to_do():
    assert ImageView.fits(handmade.digits_scene())
    assert not ImageView.fits(handmade.ring_scene())


def test_a_picture_that_is_picked_is_asked_about_and_shown(card):
    assert "Click a picture" in card.large.message
    card.show_snapshot(handmade.snapshot({}, step=900))
    assert not card.questions
    card.pick(False, 12)
    (question, asked), (recalled, _, count, steps) = card.questions[0], card.recalled[0]
    assert (question, int(asked["number"]), int(asked["real"])) == ("picture", 12, 0)
    assert (recalled, count, steps) == ("past", STATES, frozenset())
    assert card.choices == [(False, 12)]
    assert card.is_late
    card.show_answer("picture", known())
    assert not card.is_late
    assert "generated picture 13" in card.header.subtitle
    assert card.large.images[0].pixelColor(0, 0).lightness() == pytest.approx(128, abs=2)
    assert list(card.near.margins.columns) == ["3.1", "7.0", "11", "14", "20"]
    assert card.near.ringed == {0}
    assert "is it a copy?" in card.facts.text()
    np.testing.assert_array_equal(card.code.code, np.linspace(-3, 3, 16, dtype=np.float32))
    card.grab()


def test_its_past_comes_state_by_state_and_is_shown_in_order(card):
    card.pick(False, 12)
    card.show_answer("picture", known())
    for step in (900, 0, 300):
        card.show_answer("past", past(step))
    card.show_answer("past", past(500, number=4))  # of the picture before
    assert card.history.margins.columns == ["0", "300", "900"]
    levels = [image.pixelColor(3, 3).lightness() for image in card.history.images]
    assert levels == sorted(levels)
    card._ask_past()
    assert card.recalled[-1][3] == {0, 300, 900}
    card.cut_after(400)
    assert sorted(card.past) == [0, 300]
    for step in range(0, 20_000, 1_000):
        card.show_answer("past", past(step))
    assert len(card.history.images) == STATES
    assert (card.history.margins.columns[0], card.history.margins.columns[-1]) == ("0", "19k")
    card.pick(False, 13)
    assert not card.past


def test_a_class_that_was_asked_for_is_named(make):
    view = make(ImageView, size=(600, 400), scene=handmade.digits_scene())
    view.pick(False, 12)
    view.show_answer("picture", known(asked=np.array("one")))
    assert "asked for “one”" in view.header.subtitle


def test_a_real_picture_stands_beside_its_reconstruction_and_leads_to_the_generated_ones_near_it(card):
    card.pick(True, 5)
    assert not card.recalled
    back = np.full((1, 64), 0.25, np.float32)
    card.show_answer("picture", known(5, 1, reconstruction=back, near_number=np.array([7, 1, 2, 3, 4])))
    assert [image.pixelColor(0, 0).lightness() for image in card.large.images] == pytest.approx([128, 64], abs=2)
    assert not card.history.isVisible()
    assert not card.near.ringed
    card.near.setFocus()
    card.near.pressed.emit(0)
    assert card.choice == (False, 7)
    assert card.recalled


def test_answers_that_come_late_are_dropped(card):
    card.pick(False, 3)
    card.show_answer("picture", known(12))
    assert not card.large.images
    card.show_answer("picture", known(3, real=1))
    assert not card.large.images
    card.let_go()
    card.show_answer("picture", known(3))
    assert not card.large.images
    assert card.choices[-1] is None


def test_while_training_goes_on_it_is_asked_again(card, qtbot):
    card.pick(False, 3)
    card.show_snapshot(handmade.snapshot({}, step=1_000))
    qtbot.waitUntil(lambda: len(card.questions) > 1, timeout=2_000)
    card.clear()
    assert not card._again.isActive()
    assert not card._past_again.isActive()


def test_steps_in_few_letters():
    assert [brief(step) for step in (0, 950, 1200, 34_000, 1_500_000)] == ["0", "950", "1.2k", "34k", "1.5M"]


# ---- the choice in the data space


def test_arrows_move_the_choice_and_escape_lets_go(make, qtbot):
    scene = handmade.digits_scene()
    view = make(DataSpaceView, scene=scene)
    view.show_snapshot(handmade.snapshot(handmade.digits_pictures()))
    picked, left = [], []
    view.picked.connect(lambda *choice: (picked.append(choice), view.show_choice(choice)))
    view.left.connect(lambda: (left.append(1), view.show_choice(None)))
    qtbot.keyClick(view.plot, Qt.Key.Key_Right)
    assert not picked, "nothing is chosen"
    x, y, wide, tall = view._grid.place(1, 9)
    view.plot.clicked.emit(x + wide / 2, y - tall / 2)
    across = view._grid.across
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Up):
        qtbot.keyClick(view.plot, key)
    assert picked == [(False, n) for n in (9, 10, 10 + across, 9 + across, 9)]
    view.show_choice((True, 0))
    qtbot.keyClick(view.plot, Qt.Key.Key_Left)
    assert len(picked) == 5, "there is none before the first"
    qtbot.keyClick(view.plot, Qt.Key.Key_Escape)
    assert left == [1]
    qtbot.keyClick(view.plot, Qt.Key.Key_Right)
    assert len(picked) == 5


def test_in_the_window_a_click_brings_the_card_and_asks_about_the_picture(empty, session):
    session.coming.append(messages.Started(1, {"data": {"key": "ring"}}, "Digits", 0, "weights"))
    session.coming.append(handmade.digits_scene())
    empty.conductor.poll()
    for step in (0, 10, 20):
        values = {"values": np.full(3, step, np.float32), "moments": np.zeros(9)}
        session.history.add(messages.Kept(1, step, 0.0, {"step": step, "seconds": 0.0, "arrays": values}))
    guests = {guest.key: guest for guest in empty.parts.guests}
    empty.parts.data.picked.emit(False, 3)
    card = guests["image"]
    assert card.choice == (False, 3)
    assert not empty.docks["image"].isHidden()
    (_, about) = (ask for ask in session.of(commands.Ask) if ask.question in ("picture", "past"))
    assert set(about.state) == {"step", "seconds", "arrays"}
    assert set(about.state["arrays"]) == {"values"}
    session.coming.append(messages.Answer(1, about.number, freeze({"made": np.zeros((1, 64), np.float32)})))
    empty.conductor.poll()
    assert sorted(card.past) == [0]
    empty.parts.data.left.emit()
    assert card.choice is None


# ---- the past


def test_states_are_spread_over_the_run_with_more_of_them_early():
    steps = tuple(range(0, 1_000, 10))
    chosen = spread(steps, 7)
    assert (chosen[0], chosen[-1], len(set(chosen))) == (0, 990, 7)
    assert list(np.diff(chosen)) == sorted(np.diff(chosen))
    assert spread((0, 5, 9), 7) == [0, 5, 9]
    assert spread((), 7) == []
    assert len(set(spread(tuple(range(8)), 7))) == 7


def test_one_state_is_asked_about_at_a_time_and_a_new_question_takes_the_place_of_the_rest():
    history, sent, told = History(), [], []
    for step in (0, 10, 20, 30):
        state = {"step": step, "seconds": 0.0, "arrays": {"values": np.full(2, step)}, "rng": b"x"}
        history.add(messages.Kept(1, step, 0.0, state))
    questions = Questions(sent.append, lambda: 1)
    recollection = Recollection(questions, history)

    def taker(_, arrays):
        told.append(int(arrays["step"]))

    recollection.ask(taker, "past", {"number": np.array(1)}, 7, frozenset({10}))
    assert [int(ask.state["step"]) for ask in sent] == [0]
    questions.answer(messages.Answer(1, sent[-1].number, {"made": np.zeros(1)}))
    assert told == [0]
    assert [int(ask.state["step"]) for ask in sent] == [0, 20]
    recollection.ask(taker, "past", {"number": np.array(2)}, 7, frozenset())
    questions.answer(messages.Answer(1, sent[1].number, {"made": np.zeros(1)}))
    assert told == [0], "nobody waits for that any more"
    assert [int(ask.arrays["number"]) for ask in sent] == [1, 1, 2]


def test_a_low_card_says_less_so_that_its_pictures_are_seen(card, qtbot):
    card.pick(False, 12)
    card.show_answer("picture", known())
    card.show_answer("past", past(900))
    assert "is it a copy?" in card.facts.text()
    card.resize(322, 212)
    assert card.facts.text() == "Nearest real, % off (unseen 5.0+)"
    for sheet in (card.near, card.history):
        assert sheet.isVisible()
        qtbot.waitUntil(lambda sheet=sheet: sheet.frame_of(0).height() > 24, timeout=2_000)
