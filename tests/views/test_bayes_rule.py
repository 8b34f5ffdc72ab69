"""The card of two classifiers: shades of shares, what it reads out, and while one of them learns."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from explorer.views._confusion_picture import feet, told_right
from explorer.views.bayes_rule import KEY, BayesRuleCard, subtitle

from .handmade import ring_scene, scene, snapshot

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("propagateSizeHints")]

TOLD = frozenset({"sample", "bound", "classes"})
NAMES = ("cat", "dog", "owl")
BAYES = np.array([[8, 2, 0], [0, 10, 0], [1, 0, 9]])


def found(share=1.0, law=1, pairs=0):
    softmax = np.array([[5, 5, 0], [2, 8, 0], [0, 0, 10]]) * (share == 1)
    made = {"bayes": BAYES, "softmax": softmax, "share": np.array(share), "n": np.array(30), "known": np.array(1200)}
    return {**made, "law": np.array(law), "pairs": np.array(pairs), "loss": np.array(0.966 if pairs else np.nan)}


@pytest.fixture
def card(make):
    view = make(BayesRuleCard, size=(560, 320), scene=scene(offers=TOLD, class_names=NAMES))
    view.show_snapshot(snapshot({KEY: found()}))
    return view


def shade(view, place: QPointF) -> str:
    return view.picture.grab().toImage().pixelColor(place.toPoint()).name()


def cell(box, row, column) -> QPointF:
    """Near the corner of a cell, beside its number."""
    side = box.width() / 3
    return QPointF(box.left() + (column + 0.12) * side, box.top() + (row + 0.12) * side)


def test_card_is_there_for_models_that_are_told_classes():
    assert BayesRuleCard.fits(scene(offers=TOLD))
    assert not BayesRuleCard.fits(ring_scene())


def test_subtitle_says_how_many_are_told_right():
    said = "Bayes' rule 90 ± 5 %, softmax 77 ± 8 %"
    assert subtitle(found())[0] == f"{said} right · bound on p(x|y) · 30 held-out samples · 1,200 labels"
    assert subtitle(found(share=0.4))[1] == "Bayes' rule 90 ± 5 %, softmax learns · 30 held out · 1,200 labels"


def test_below_a_table_stands_what_its_p_is():
    assert told_right(np.diag([100, 99]) + np.eye(2, k=1, dtype=int)) == "99.5 ± 0.5 %"
    assert feet(found(law=0)) == (("exact p(x|y)",), ("1,200 labels",))
    assert feet(found(law=2, pairs=1))[0] == ("bound, 1 pair (t, ε)", "training loss: 97 %")
    assert feet(found(law=2, pairs=32))[0][0] == "bound, 32 pairs (t, ε)"


def test_a_cell_is_the_darker_the_larger_its_share(card):
    box, _ = card.picture.boxes()
    ground, some, most = (shade(card, cell(box, row, column)) for row, column in ((0, 2), (0, 1), (1, 1)))
    assert len({ground, some, most}) == 3
    assert most == card.theme.model.lower()


def test_words_under_the_mouse_name_both_classes_and_both_classifiers(card):
    said = card.picture.words_at(cell(card.picture.boxes()[1], 0, 1))
    assert said == "cat taken for dog\nBayes' rule: 2 of 10\nsoftmax: 5 of 10"
    assert card.picture.words_at(QPointF(1, 1)) == ""
    below = card.picture.boxes()[0].bottomLeft() + QPointF(5, 5)
    assert card.picture.words_at(below) == ""
    card.show_snapshot(snapshot({KEY: found(law=2, pairs=3)}))
    assert "bound log p(x|y)" in card.picture.words_at(below + QPointF(0, 10))


def test_while_softmax_learns_its_table_is_empty(card):
    card.show_snapshot(snapshot({KEY: found(share=0.4)}))
    first, second = card.picture.boxes()
    assert shade(card, cell(first, 1, 1)) != shade(card, cell(second, 1, 1))
    assert shade(card, cell(second, 1, 1)) == shade(card, cell(second, 0, 2))
    assert "softmax" not in card.picture.words_at(cell(second, 1, 1))
