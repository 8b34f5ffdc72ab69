"""Views draw one after another."""

import pytest
from PySide6.QtCore import QCoreApplication

from explorer.window.turns import Turns

from .handmade import snapshot

pytestmark = pytest.mark.gui


class Drawer:
    def __init__(self):
        self.steps = []

    def show_snapshot(self, shown):
        self.steps.append(shown.step)


def test_first_draws_at_once_and_the_others_later(qtbot):
    turns, views = Turns(), [Drawer(), Drawer(), Drawer()]
    turns.show(views, snapshot({}, step=1))
    assert [view.steps for view in views] == [[1], [], []]
    qtbot.waitUntil(lambda: all(view.steps == [1] for view in views))


def test_no_two_draw_in_one_turn(qtbot):
    turns, views = Turns(), [Drawer(), Drawer(), Drawer()]
    turns.show(views, snapshot({}, step=1))
    drawn = 1
    while drawn < 3:
        QCoreApplication.processEvents()
        now = sum(len(view.steps) for view in views)
        assert now <= drawn + 1
        drawn = now


def test_newest_snapshot_wins_and_nobody_starves(qtbot):
    turns, views = Turns(), [Drawer(), Drawer(), Drawer()]
    for step in range(1, 5):
        turns.show(views, snapshot({}, step=step))
        turns._next()
    assert [view.steps for view in views] == [[1, 2, 3, 4], [1, 3], [2, 4]]
    turns.clear()
    QCoreApplication.processEvents()
    assert views[1].steps == [1, 3]
