"""Fields on the way: arrows and lines lie where the vectors lead, and the legend says how long and how wrong."""

import numpy as np
import pytest

from explorer.views._field_style import FieldStyle
from explorer.views._streamlines import VectorGrid, flow_lines, streamlines
from explorer.views.process import ProcessView

from .handmade import BOUNDS, plane, snapshot
from .way import SIDE, TIME, field, process, way_scene

pytestmark = pytest.mark.gui
GAP = (BOUNDS[2] - BOUNDS[0]) / SIDE


def shown(make, d=2, **changes):
    view = make(ProcessView, scene=way_scene(d))
    view.show_snapshot(snapshot({"process": process(d), "denoising_field": field(d, **changes)}))
    view.set_frame(1)
    return view


def strokes(view, key):
    """Points of what is drawn where data lie, and elsewhere: shape (N, 2) each."""
    (layer,) = (layer for layer in view.layers if layer.key == key)
    paths = [item._path for item in (layer._clear, layer._pale)]
    return [np.array([(e.x, e.y) for e in map(path.elementAt, range(path.elementCount()))]) for path in paths]


def said(view):
    return ["".join(text for text, _ in line) for line in FieldStyle.of(view.plot).legend.lines]


def test_arrows_begin_at_the_places_and_lead_along_the_vectors(make):
    view = shown(make)
    assert not said(view)
    view.chips["field"].click()
    clear, pale = strokes(view, "field")
    made = field()
    peopled = made["peopled"][1] > 0
    assert len(clear) == 6 * peopled.sum()
    assert len(pale) == 6 * (~peopled).sum()
    tails, tips = clear[::6], clear[1::6]
    np.testing.assert_allclose(tails, made["grid"][peopled], atol=1e-6)
    vectors = made["score"][1][peopled]
    arrows = tips - tails
    cosine = (arrows * vectors).sum(1) / np.linalg.norm(arrows, axis=1) / np.linalg.norm(vectors, axis=1)
    np.testing.assert_allclose(cosine, 1, atol=1e-5)
    lengths = np.linalg.norm(made["score"][1], axis=1)
    longest = np.percentile(lengths, 95)
    scale = 0.95 * GAP / longest
    np.testing.assert_allclose(np.linalg.norm(arrows, axis=1), scale * np.minimum(lengths[peopled], longest), rtol=1e-4)
    assert said(view)[0] == f"score ∇ log pₜ; longest arrow {longest:.3g} /unit"
    assert said(view)[-1] == "error at t = 0.50: 0.25 of 2; mean over t 0.25"


def test_the_error_is_drawn_on_the_scale_of_the_learnt_and_only_where_data_lie(make):
    view = shown(make)
    for key in ("field", "exact_field", "field_error"):
        view.chips[key].click()
    assert said(view)[1].split("— ")[1:] == ["learnt   ", "exact   ", "learnt − exact   "]
    made = field()
    (error, pale), (learnt, _) = strokes(view, "field_error"), strokes(view, "field")
    arrows, beside = error[1::6] - error[::6], learnt[1::6] - learnt[::6]
    scale = np.linalg.norm(beside[:40], axis=1) / np.linalg.norm(made["score"][1][made["peopled"][1] > 0][:40], axis=1)
    assert arrows[0][0] == pytest.approx(0.25 * scale.max(), rel=0.05)
    np.testing.assert_allclose(arrows[:, 1], 0, atol=1e-6)
    assert np.ptp(pale[:6], axis=0).max() == pytest.approx(0, abs=1e-6)
    view.chips["exact_field"].click()
    assert "exact   " not in said(view)[1].split("— ")


def test_velocity_in_place_of_the_score_and_lines_in_place_of_arrows(make):
    view = shown(make)
    view.chips["field"].click()
    view.chips["velocity"].click()
    assert said(view)[0].startswith("velocity −dx/dt; longest arrow")
    clear, _ = strokes(view, "field")
    inwards = ((clear[1::6] - clear[::6]) * clear[::6]).sum(1)
    far = np.linalg.norm(clear[::6], axis=1) > 0.5
    assert (inwards[far] < 0).all()  # towards the data, against time
    view.chips["streams"].click()
    assert said(view)[0] == "velocity −dx/dt"
    lines, pale = strokes(view, "field")
    assert len(lines) > 500
    assert len(pale) == 0


def test_a_click_says_the_vector_there(make):
    view = shown(make)
    view.chips["field"].click()
    view.chips["exact_field"].click()
    view.explain(0.5, -0.25)
    text = view.plot.readout.text()
    assert "score ∇ log pₜ, learnt = (−1.75, 1)" in text
    assert "score ∇ log pₜ, exact = (−2, 1)" in text


def test_what_is_not_known_says_so_on_its_switch(make):
    view = shown(make, known=False)
    for key in ("field", "field_error"):
        view.chips[key].click()
    assert "not known" in view.chips["field_error"].toolTip()
    assert "not known" not in view.chips["field"].toolTip()
    assert not any(len(part) for part in strokes(view, "field_error"))
    assert not any("error" in line for line in said(view))


@pytest.mark.parametrize("d", [1, 2])
def test_a_field_that_has_exploded_draws_nothing_and_warns_of_nothing(make, d):
    made = field(d)
    made["score"] = np.full_like(made["score"], np.nan)
    made["score"][:, 0], made["velocity"] = np.inf, 1e30 * made["velocity"]
    view = make(ProcessView, scene=way_scene(d))
    for key in ("field", "exact_field", "field_error"):
        view.chips[key].click()
    view.show_snapshot(snapshot({"process": process(d), "denoising_field": made}))
    view.grab()
    for key in ("velocity", "streams"):
        view.chips[key].click()
        view.grab()
    assert all(np.isfinite(part).all() for part in strokes(view, "field"))


def test_numbers_have_upright_arrows_or_the_ways_that_the_velocity_leads(make):
    view = shown(make, d=1)
    view.chips["field"].click()
    clear, pale = strokes(view, "field")
    assert set(np.unique(clear[::6, 0])) == {0.0, 0.5, 1.0}
    np.testing.assert_allclose(clear[::6, 0], clear[1::6, 0], atol=1e-9)
    assert len(pale)
    view.chips["streams"].click()
    (ways, _) = strokes(view, "field")
    assert len(ways) % len(TIME) == 0
    ends = ways.reshape(-1, len(TIME), 2)
    assert np.ptp(ends[:, -1, 1]) < np.ptp(ends[:, 0, 1])
    view.explain(0.5, 0.25)
    assert "velocity −dx/dt, learnt = −0.55" in view.plot.readout.text()


def test_lines_of_a_turning_field_keep_their_distance_from_the_middle():
    grid = plane(SIDE, middles=True)
    turning = VectorGrid(np.stack([-grid[..., 1], grid[..., 0]], -1), BOUNDS)
    x, y, joined = streamlines(turning)
    radius = np.hypot(x, y).reshape(len(turning.seeds()), -1)
    whole = joined.reshape(radius.shape)[:, :16].all(1)
    inner = whole & (radius[:, 8] > 0.4)
    assert inner.sum() > 50
    np.testing.assert_allclose(radius[inner, :17], np.repeat(radius[inner, 8:9], 17, 1), rtol=0.01)


def test_ways_of_numbers_follow_their_equation():
    time, grid = np.linspace(1, 0, 41), np.linspace(-2, 2, 33)
    across, up, _ = flow_lines(time, grid, np.tile(-grid, (41, 1)))
    ways = up.reshape(-1, 41)
    np.testing.assert_allclose(ways[:, -1], ways[:, 0] * np.exp(-1), atol=2e-4)
    assert across.min() == 0
    assert across.max() == 1
