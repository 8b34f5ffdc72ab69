"""A thousand modes on the card: cells in place of bars, and what they say together."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF

from explorer.views._mode_bars import Bars
from explorer.views._mode_heat import cell, colours, mode_at, reachable, rows_of
from explorer.widgets.theme import DARK

K = 1_000


@pytest.fixture
def bars(qtbot):
    made = Bars()
    qtbot.addWidget(made)
    made.resize(400, 120)
    made.names = tuple(f"{k:03}" for k in range(K))
    made.mass, made.target, made.samples = np.r_[np.full(100, 0.01), np.zeros(900)], np.full(K, 1e-3), 2_500
    made.good, made.missing = made.mass, made.mass == 0
    return made


def test_every_mode_has_a_cell_of_its_own_and_is_found_there():
    frame = QRectF(10, 20, 380, 80)
    rows = rows_of(K, frame.width(), frame.height())
    assert K % rows == 0
    places = [cell(frame, K, index) for index in range(K)]
    assert all(frame.adjusted(-1, -1, 1, 1).contains(place) for place in places)
    assert [mode_at(frame, K, p.center().x(), p.center().y()) for p in places] == list(range(K))
    assert mode_at(frame, K, 0, 0) is None


def test_a_cell_is_the_brighter_the_better_its_mode_is_served_and_red_without_a_sample():
    found = colours(np.array([0.0, 0.001, 0.002, 0.01]), np.full(4, 1e-3), DARK)
    assert found[0, 3] < found[1, 3] < found[2, 3] == found[3, 3] == 255
    assert (found[0, :3] != found[1, :3]).any()


def test_what_as_many_real_samples_reach():
    assert reachable(np.full(K, 1 / K), 2_500) == 918
    assert reachable(np.full(8, 1 / 8), 2_500) == 8


def test_the_summary_and_the_words_under_the_mouse(bars):
    assert bars.summary() == "2,500 samples reach 100 modes, real ones 918"
    place = bars.bar(42).center()
    assert bars.words_at(QPointF(place)).startswith("mode 042: 1.00 %, target 0.10 %")
    assert not bars.grab().isNull()
