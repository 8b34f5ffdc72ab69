"""The bounded history of kept states."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.session.history import History
from explorer.session.messages import Kept


def kept(step, size=10):
    return Kept(1, step, step / 1000, {"step": step, "arrays": {"values": np.zeros(size, np.float32)}})


def filled(history, steps):
    for step in steps:
        history.add(kept(step))
    return history


def test_it_spans_the_whole_run_however_long():
    history = filled(History(limit=20), range(0, 100_000, 10))
    steps = history.steps
    assert len(steps) <= 20
    assert (steps[0], steps[-1]) == (0, 99_990)
    assert max(np.diff(steps)) < 4 * 99_990 / 20


def test_it_is_bounded_in_bytes():
    history = History(limit=1000, limit_bytes=4_100)
    for step in range(500):
        history.add(kept(step, size=100))
        assert history.size <= 4_100
    assert history.steps[0] == 0
    assert history.steps[-1] == 499


def test_the_last_stays_whatever_it_takes():
    history = History(limit_bytes=1)
    filled(history, range(5))
    assert history.steps == (4,)


@pytest.mark.parametrize(("asked", "given"), [(0, 0), (9, 0), (10, 10), (14, 10), (99, 20), (-3, 0)])
def test_the_nearest_at_or_before(asked, given):
    assert filled(History(), (0, 10, 20)).at(asked).step == given


def test_an_empty_history_has_nothing():
    assert History().at(3) is None
    assert History().last() is None


def test_cutting_forgets_the_future():
    history = filled(History(), (0, 10, 20, 30))
    history.cut_after(20)
    assert history.steps == (0, 10, 20)
    history.clear()
    assert history.steps == ()


def test_a_run_that_went_back_replaces_what_came_after():
    history = filled(History(), (0, 10, 20, 30))
    again = kept(20)
    history.add(again)
    assert history.steps == (0, 10, 20)
    assert history.at(20) is again
