"""Level lines, and what the switches of densities say of where they come from."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtGui import QColor

from explorer.views.data_space import DataSpaceView
from explorer.views.density import ESTIMATED, EXACT
from explorer.widgets.theme import DARK, LIGHT
from models.observations._kde import ENOUGH

from .handmade import line_scene, mixture, plane, ring_scene, snapshot

pytestmark = pytest.mark.gui

ONE = np.ones(1)


def bump(x, side):
    """A round Gaussian of standard deviation .4 at (x, 0), on cells."""
    return mixture(plane(side, middles=True), np.array([[x, 0.0]]), 0.4, ONE).astype(np.float32)


def pictures(shift=0.5, side=64):
    """The model to the right of the data, on fewer cells, cut where the data is a third as high as at its top."""
    p = bump(0.0, 128)
    return {"level_lines": {"p": p, "q": bump(shift, side), "levels": np.array([p.max() / 3], np.float32)}}


def exact_scene():
    return dataclasses.replace(ring_scene(), offers=frozenset({"density", "log_prob"}))


def lines(view):
    """The places of the lines of p and of q, data units."""
    (layer,) = (layer for layer in view.layers if layer.key == "levels")
    for strokes in layer.items:
        path = strokes._path
        yield np.array([(e.x, e.y) for e in map(path.elementAt, range(path.elementCount()))])


def test_lines_lie_where_both_densities_have_the_level(make):
    view = make(DataSpaceView, scene=exact_scene())
    view.show_snapshot(snapshot(pictures()))
    radius = 0.4 * np.sqrt(2 * np.log(3))
    for centre, line in zip((0.0, 0.5), lines(view), strict=True):
        assert len(line) > 20
        np.testing.assert_allclose(np.hypot(line[:, 0] - centre, line[:, 1]), radius, atol=0.02)


def test_a_model_that_is_nowhere_so_dense_has_no_line(make):
    view = make(DataSpaceView, scene=exact_scene())
    flat = pictures()["level_lines"] | {"q": np.full((64, 64), 1e-3, np.float32)}
    view.show_snapshot(snapshot({"level_lines": flat}))
    p, q = lines(view)
    assert len(p) > 20
    assert not len(q)
    gaps = flat | {"q": np.full((64, 64), np.nan, np.float32)}
    view.show_snapshot(snapshot({"level_lines": gaps}))
    assert not len(list(lines(view))[1])


def test_lines_are_there_at_first_only_where_the_density_is_exact(make):
    view = make(DataSpaceView, scene=ring_scene())
    assert not view.is_shown("levels")
    assert "level_lines" not in view.needs()
    view.set_scene(exact_scene())
    assert view.is_shown("levels")
    assert view.chips["levels"].isChecked()
    assert "level_lines" in view.wanted()
    view.chips["levels"].click()
    view.set_scene(exact_scene())
    assert not view.is_shown("levels"), "the user's choice outlives the scene"


def test_a_click_says_the_levels_and_what_is_an_estimate(make):
    view = make(DataSpaceView, scene=exact_scene())
    view.set_shown("model_density", True)
    shown = snapshot(pictures() | {"density": {"q": bump(0.5, 64)}})
    view.show_snapshot(shown)
    view.explain(0.5, 0.0)
    text = view.plot.readout.text()
    assert f"lines at p, q = {bump(0.0, 128).max() / 3:.3g}" in text
    assert "q(x) = " in text
    view.set_scene(dataclasses.replace(ring_scene(), exact=False))
    view.show_snapshot(shown)
    view.explain(0.5, 0.0)
    assert "q(x) ≈ " in view.plot.readout.text()
    assert "p(x) ≈ " in view.plot.readout.text()


def test_switches_say_where_a_density_comes_from(make):
    view = make(DataSpaceView, scene=exact_scene())
    assert EXACT in view.chips["model_density"].toolTip()
    view.set_scene(ring_scene())
    assert ESTIMATED in view.chips["model_density"].toolTip()
    assert f"{ENOUGH:,}" in ESTIMATED
    view.set_scene(dataclasses.replace(line_scene(), offers=frozenset({"density"})))
    assert EXACT in view.chips["model_density_1d"].toolTip()


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_each_law_has_its_own_colour(make, theme):
    view = make(DataSpaceView, scene=exact_scene(), theme=theme)
    (layer,) = (layer for layer in view.layers if layer.key == "levels")
    assert [item._pen.color().name() for item in layer.items] == [QColor(theme.data).name(), QColor(theme.model).name()]
