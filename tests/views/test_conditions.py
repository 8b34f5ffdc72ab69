"""The cards of models that are told classes or captions, on hand-made arrays."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from explorer.views._card import all_cards
from explorer.views.by_class import ByClassView
from explorer.views.caption import CaptionView
from explorer.widgets.theme import DARK, LIGHT
from tests.views import handmade

WORDS = ("a", "red", "small", "circle", "square")
EXAMPLES = ("a small circle", "a red square")


def scene(**changes):
    base = handmade.digits_scene()
    return handmade.scene(**{name: getattr(base, name) for name in base.__slots__} | changes)


def grey(values):
    return np.repeat(np.asarray(values, np.float32)[:, None], 64, 1)


def reply(asked):
    known = {"words": np.array(WORDS), "examples": np.array(EXAMPLES)}
    unknown = [word for word in str(asked["text"]).split() if word not in WORDS]
    if unknown:
        return known | {"unknown": np.array(unknown), "problem": np.array(f"{unknown[0]!r} is not known")}
    return known | {"x": grey(np.linspace(0, 1, 12))}


@pytest.fixture
def card(make):
    """A caption card that answers its own questions; what was asked is listed."""

    def made(theme=DARK, **more):
        view = make(CaptionView, size=(560, 480), theme=theme)
        view.questions = []

        def take(question, arrays):
            view.questions.append((question, arrays))
            view.show_answer(question, {**arrays, **reply(arrays), **more})

        view.asked.connect(take)
        view.set_scene(scene(offers=frozenset({"sample", "push", "captions"})))
        return view

    return made


def texts(view):
    return [str(arrays["text"]) for _, arrays in view.questions]


def test_cards_are_there_for_what_a_model_was_told():
    assert {ByClassView, CaptionView} <= set(all_cards())
    told = [scene(offers=frozenset({word})) for word in ("classes", "captions", "push")]
    assert [ByClassView.fits(each) for each in told] == [True, False, False]
    assert [CaptionView.fits(each) for each in told] == [False, True, False]


def test_the_first_example_is_written_at_first(card):
    view = card()
    assert "Press Space" in view.sheet.message
    view.show_snapshot(handmade.snapshot({}))
    assert texts(view) == ["", "a small circle"]
    assert [chip.text() for chip in view.examples] == list(EXAMPLES)
    assert len(view.sheet.images) == 12
    assert view.sheet.margins.caption == "samples for “a small circle”"
    assert DARK.data in view.known.text()
    view.set_theme(LIGHT, 1.0)
    assert LIGHT.data in view.known.text()
    shapes = []
    for size in ((900, 400), (420, 900)):
        view.sheet.resize(*size)
        shapes.append((view.sheet.columns, view.sheet.rows))
    assert shapes == [(6, 2), (2, 6)], "as many in a row as make them largest"


def test_typing_asks_once_when_the_keys_rest(card, qtbot):
    view = card()
    view.show_snapshot(handmade.snapshot({}))
    view.line.selectAll()
    qtbot.keyClicks(view.line, "a red circle")
    assert texts(view)[-1] == "a small circle"  # not yet
    qtbot.waitUntil(lambda: texts(view)[-1] == "a red circle", timeout=2_000)
    assert len(texts(view)) == 3
    qtbot.keyClicks(view.line, "s")
    qtbot.keyClick(view.line, Qt.Key.Key_Backspace)
    qtbot.keyClick(view.line, Qt.Key.Key_Return)  # at once
    assert len(texts(view)) == 4
    assert not view._typed.isActive()


def test_unknown_words_are_named_and_a_known_one_takes_their_place(card):
    view = card()
    view.show_snapshot(handmade.snapshot({}))
    view.write("a Rde circle")
    assert view.problem.text() == "'Rde' is not known"
    assert view.problem.isVisible()
    assert len(view.sheet.images) == 12  # those of the last caption that was understood
    view.unknown = ("rde",)  # as the vocabulary says it: without capitals
    view.known.linkActivated.emit("red")
    assert view.line.text() == "a red circle"
    assert not view.problem.isVisible()
    view.known.linkActivated.emit("small")
    assert view.line.text() == "a red circle small"
    assert all(f'href="{word}"' in view.known.text() for word in WORDS)


def test_unknown_words_before_any_picture_and_examples_in_a_narrow_card(card, qtbot):
    view = card()
    view.line.setText("a rde circle")
    view.show_snapshot(handmade.snapshot({}))
    assert "Unknown words" in view.sheet.message
    assert view.problem.isVisible()
    first, second = view.examples
    assert first.y() == second.y()
    view.resize(150, 480)
    qtbot.waitUntil(lambda: first.y() < second.y(), timeout=2_000)


def test_an_example_is_written_by_a_click(card, qtbot):
    view = card()
    view.show_snapshot(handmade.snapshot({}))
    qtbot.mouseClick(view.examples[1], Qt.MouseButton.LeftButton)
    assert view.line.text() == "a red square"
    assert texts(view)[-1] == "a red square"


def test_the_slider_of_the_guidance_is_there_where_a_model_is_guided(card, qtbot):
    plain, guided = card(), card(own=np.array(1.5))
    for view in (plain, guided):
        view.show_snapshot(handmade.snapshot({}))
    assert not plain.guidance.isVisible()
    assert "guidance" not in plain.questions[-1][1]
    assert guided.weight.text() == "w = 1.5"
    qtbot.keyClick(guided.guidance, Qt.Key.Key_Right)
    assert guided.weight.text() == "w = 1.6"
    before = len(guided.questions)
    qtbot.waitUntil(lambda: len(guided.questions) > before, timeout=2_000)
    assert float(guided.questions[-1][1]["guidance"]) == pytest.approx(1.6)


def test_an_answer_to_an_older_text_is_dropped_and_training_asks_again(card, qtbot):
    view = card()
    view.show_snapshot(handmade.snapshot({}, step=1))
    view.show_answer("caption", {"text": np.array("something else"), **reply({"text": "a"}), "x": grey([1.0])})
    assert len(view.sheet.images) == 12
    asked = len(view.questions)
    view.show_snapshot(handmade.snapshot({}, step=2))
    assert view.is_late
    qtbot.waitUntil(lambda: len(view.questions) == asked + 1, timeout=2_000)
    assert not view.is_late
    view.clear()
    assert view.line.text() == "a small circle"
    assert view.sheet.is_empty


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_class_by_class_names_its_rows(make, theme):
    view = make(
        ByClassView, theme=theme, scene=scene(class_names=("zero", "one", "two"), offers=frozenset({"classes"}))
    )
    assert "Press Space" in view.sheet.message
    arrays = {"x": grey(np.linspace(0, 1, 12)), "class": np.arange(3)}
    view.show_snapshot(handmade.snapshot({"by_class": arrays}))
    assert [name for name, _ in view.sheet.margins.rows] == ["zero", "one", "two"]
    assert view.sheet.margins.columns == ["z₁", "z₂", "z₃", "z₄"]
    assert view.header.subtitle == "3 classes, the same 4 z in each row"
    assert view.needs() == {"by_class"}
    centre = view.sheet.frame_of(11).center().toPoint()
    assert view.sheet.grab().toImage().pixelColor(centre).name() == "#ffffff"
    view.show_snapshot(handmade.snapshot({}, missing={"by_class": "It was told nothing."}))
    assert view.sheet.message == "It was told nothing."
