"""The critic against the truth on the screen: two surfaces and a line, gaps where nothing is known, bound and gap."""

from __future__ import annotations

import math

import numpy as np
import pytest

from explorer.session.messages import Measured, Rows
from explorer.views._series import BLOCK, Series
from explorer.views._split import Split
from explorer.views.curves import CurvesView
from explorer.views.data_space import DataSpaceView
from explorer.views.optimal_critic import seen_range

from .handmade import BOUNDS, line_scene, ring_scene, snapshot

pytestmark = pytest.mark.gui


def best(shape):
    """T* is 0.5, and not known in the upper half (the right half of a line)."""
    t_star = np.full(shape, 0.5, np.float32)
    t_star[shape[0] // 2 :] = np.nan
    return t_star


def test_line_parts_the_learnt_critic_from_the_best(make):
    view = make(DataSpaceView, size=(500, 500), scene=ring_scene())
    t = np.tile(np.linspace(-1, 1, 64, dtype=np.float32), (64, 1))
    zero = np.array(0.0, np.float32)
    view.show_snapshot(snapshot({
        "critic_field": {"t": t, "threshold": zero},
        "optimal_critic": {"t_star": best((128, 128)), "t": t, "threshold": zero},
    }))  # fmt: skip
    split = Split.of(view.plot)
    assert not split.is_split
    view.set_shown("optimal", True)
    view.draw(view.snapshot)
    assert split.is_split
    ends = [end for side in ("left", "right") for end in split.span(side) or ()]
    assert ends[1] == ends[2] == (BOUNDS[0] + BOUNDS[2]) / 2
    view.explain(0.5, BOUNDS[1] + 0.1)
    assert "T*(x) = 0.5" in view.plot.readout.text()
    view.explain(0.5, BOUNDS[3] - 0.1)
    assert "T*(x): too few samples here" in view.plot.readout.text()
    view.set_shown("critic", False)
    assert split.span("right") is None  # alone it has all of the plane
    view.set_scene(line_scene())
    assert split.span("left") is None


def test_curves_over_a_line_share_one_axis(make):
    view = make(DataSpaceView, size=(500, 400), scene=line_scene())
    t = np.linspace(-1, 1, 256, dtype=np.float32)
    ratio = np.linspace(-9, 9, 256, dtype=np.float32)
    zero = np.array(0.0, np.float32)
    for key in ("optimal", "ratio"):
        view.set_shown(key, True)
    view.show_snapshot(snapshot({
        "critic_field": {"t": t, "threshold": zero},
        "optimal_critic": {"t_star": best((256,)), "t": t, "threshold": zero},
        "density_ratio": {"log_ratio": ratio},
    }))  # fmt: skip
    boxes = {layer._values for layer in view.layers if layer.key in ("critic", "optimal", "ratio")}
    (values,) = boxes
    assert values.axis.name == "T(x), T*(x), log p/q"
    low, high = values._box.viewRange()[1]
    assert (low, high) == pytest.approx((-9 - 0.35 * 18, 9 + 0.15 * 18))
    view.set_shown("ratio", False)
    assert values._box.viewRange()[1] == pytest.approx([-1 - 0.35 * 2, 1 + 0.15 * 2])


def test_a_steep_best_critic_does_not_flatten_the_learnt_one():
    assert seen_range(np.array([-50.0, 80.0, np.nan]), np.array([-1.0, 1.0])) == (-3.0, 3.0)
    assert seen_range(np.array([np.nan]), np.array([-1.0, 1.0])) == (0.0, 0.0)


def test_bound_divergence_and_gap_are_three_lines_with_a_floor(make):
    view = make(CurvesView, size=(420, 320))
    view.show_page("truth")
    for step in range(1, 6):
        truth = {"bound": 0.1 * step, "divergence": 0.6, "gap": 0.6 - 0.1 * step, "floor": 0.01}
        view.add_measures(Measured(1, step, {"energy": 1.0}, truth))
    view.refresh()
    assert view.plot.lines["gap"].getData()[1] == pytest.approx([0.5, 0.4, 0.3, 0.2, 0.1])
    assert (view.plot.floor.low, view.plot.floor.high) == (0.0, 0.01)
    assert view.export_rows()[0] == ("step", "energy", "truth_bound", "truth_divergence", "truth_gap")


def test_where_there_is_no_bound_the_page_says_why(make):
    view = make(CurvesView, size=(420, 320))
    view.show_page("truth")
    view.add_measures(Measured(1, 1, {"energy": 1.0}, {}, "MMD² is computed outright: there is no bound."))
    view.refresh()
    assert view.plot.notes.message == "MMD² is computed outright: there is no bound."
    assert view.header._subtitle == ""  # it was trained: nobody need press Space


def test_a_bound_that_is_known_at_one_look_only_is_a_dot(make):
    view = make(CurvesView, size=(420, 320))
    view.show_page("truth")
    for step, bound in ((1, math.nan), (2, 0.3), (3, math.nan)):
        view.add_measures(Measured(1, step, {"energy": 1.0}, {"bound": bound, "divergence": 0.6, "gap": 0.6 - bound}))
    view.refresh()
    assert [(x, y) for x, y, _ in view.plot.notes.dots] == [(2.0, 0.3), (2.0, 0.3)]


def test_columns_that_come_later_keep_the_old_numbers(make):
    view = make(CurvesView, size=(420, 320))
    view.add_rows(Rows(1, ("loss",), np.arange(1, 4), np.ones((3, 1))))
    view.add_event(3, "Wasserstein-1")
    view.add_rows(Rows(1, ("loss", "penalty"), np.arange(4, 6), np.full((2, 2), 2.0)))
    names, table = view.export_rows()
    assert names == ("step", "loss", "penalty")
    np.testing.assert_array_equal(table[:, 1], [1, 1, 1, 2, 2])
    np.testing.assert_array_equal(table[:, 2], [np.nan, np.nan, np.nan, 2, 2])
    for step in (4, 5):
        view.add_change(step, "critic rate")
    assert view.plot.changes == [(4, "critic rate"), (5, "critic rate")]


def test_gaps_of_a_column_do_not_reach_into_the_mean_of_a_pixel():
    made = Series(("a",))
    values = np.ones(64 * BLOCK)
    values[: 20 * BLOCK : 2] = np.nan
    values[40 * BLOCK :] = np.nan
    made.add(np.arange(len(values)), values[:, None])
    drawn = made.thinned("a", 0, len(values), 64)
    assert np.nanmin(drawn.mean) == np.nanmax(drawn.mean) == 1.0
    assert np.isnan(drawn.mean[-10:]).all()


def test_axis_follows_what_came_before_an_explosion(make):
    view = make(CurvesView, size=(420, 320))
    view.add_rows(Rows(1, ("loss",), np.arange(1, 6), np.array([[1.0], [2.0], [1.5], [1e9], [1e12]])))
    view.keep_in_view(3)
    assert view.plot.box.viewRange()[1][1] < 10
    view.keep_in_view(0)  # at once: an empty plot would tell nothing
    assert view.plot.box.viewRange()[1][1] > 1e12
