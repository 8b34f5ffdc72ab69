"""The card of two classifiers: shades of shares, what it reads out, and while one of them learns."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from explorer.views.bayes_rule import KEY, BayesRuleCard, subtitle

from .handmade import ring_scene, scene, snapshot

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("propagateSizeHints")]

TOLD = frozenset({"sample", "bound", "classes"})
NAMES = ("cat", "dog", "owl")
BAYES = np.array([[8, 2, 0], [0, 10, 0], [1, 0, 9]])


def found(share=1.0):
    softmax = np.array([[5, 5, 0], [2, 8, 0], [0, 0, 10]]) * (share == 1)
    return {"bayes": BAYES, "softmax": softmax, "share": np.array(share), "n": np.array(30), "known": np.array(1200)}


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


def test_card_is_there_for_bounds_of_each_class():
    assert BayesRuleCard.fits(scene(offers=TOLD))
    assert not BayesRuleCard.fits(ring_scene())


def test_subtitle_says_how_many_are_told_right():
    assert subtitle(found())[0] == "Bayes' rule 90 %, softmax 77 % right · 30 held-out samples · 1,200 labels"
    assert subtitle(found(share=0.4))[-2:] == ("Bayes' rule 90 %, softmax learns", "1,200 labels")


def test_a_cell_is_the_darker_the_larger_its_share(card):
    box, _ = card.picture.boxes()
    ground, some, most = (shade(card, cell(box, row, column)) for row, column in ((0, 2), (0, 1), (1, 1)))
    assert len({ground, some, most}) == 3
    assert most == card.theme.model.lower()


def test_words_under_the_mouse_name_both_classes_and_both_classifiers(card):
    said = card.picture.words_at(cell(card.picture.boxes()[1], 0, 1))
    assert said == "cat taken for dog\nBayes' rule: 2 of 10\nsoftmax: 5 of 10"
    assert card.picture.words_at(QPointF(1, 1)) == ""


def test_while_softmax_learns_its_table_is_empty(card):
    card.show_snapshot(snapshot({KEY: found(share=0.4)}))
    first, second = card.picture.boxes()
    assert shade(card, cell(first, 1, 1)) != shade(card, cell(second, 1, 1))
    assert shade(card, cell(second, 1, 1)) == shade(card, cell(second, 0, 2))
    assert "softmax" not in card.picture.words_at(cell(second, 1, 1))
