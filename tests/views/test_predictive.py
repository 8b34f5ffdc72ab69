"""Pictures of a posterior over θ: lines at one set of levels, a band on a line, the few points that are known."""

import numpy as np
import pytest

from explorer.views._base import layers_for
from explorer.views._grid import mass_levels
from explorer.views.data_space import DataSpaceView
from explorer.widgets.theme import DARK, LIGHT

from .handmade import BOUNDS, line_scene, plane, ring_scene, scene, snapshot

pytestmark = pytest.mark.gui

BAYES = {"offers": frozenset({"sample", "log_prob", "particles", "density"})}
SIDE = 96


def bump(centre, std):
    squared = ((plane(SIDE, middles=True) - np.array(centre)) ** 2).sum(-1)
    return (np.exp(-0.5 * squared / std**2) / (2 * np.pi * std**2)).astype(np.float32)


def posterior():
    members = np.stack([bump((0.1 * m, 0.0), 0.4) for m in range(-3, 4)])
    return {
        "predictive": members.mean(0), "fit": bump((0, 0), 0.25), "members": members, "spread": members.std(0),
        "low": members.min(0), "high": members.max(0), "sample": np.array([[0.1, 0.2], [-0.3, 0.0]], np.float32),
    }  # fmt: skip


def posterior_of_line():
    x = np.linspace(-4, 4, 256, dtype=np.float32)
    members = np.stack([np.exp(-0.5 * (x - 0.2 * m) ** 2) / np.sqrt(2 * np.pi) for m in range(-3, 4)])
    return {
        "predictive": members.mean(0), "fit": members[3], "members": members, "spread": members.std(0),
        "low": members.min(0), "high": members.max(0), "sample": np.array([[0.5], [-0.5], [1.0]], np.float32),
    }  # fmt: skip


def layer_of(view, key):
    return next(layer for layer in view.layers if layer.key == key)


def test_only_a_model_with_particles_has_these_layers():
    keys = {"sample", "particles", "predictive", "fit"}
    assert not keys & {cls.key for cls in layers_for(ring_scene(), "data")}
    assert {cls.key for cls in layers_for(scene(**BAYES), "data")} > keys | {"spread"}
    line = scene(dimension=1, bounds=(-4.0, 0.0, 4.0, 1.0), density=np.ones(256, np.float32), **BAYES)
    assert {cls.key for cls in layers_for(line, "data")} > keys


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_all_lines_are_at_the_levels_of_the_predictive_density(make, theme):
    view, arrays = make(DataSpaceView, scene=scene(**BAYES), theme=theme), posterior()
    view.show_snapshot(snapshot({"predictive": arrays}))
    levels = mass_levels(arrays["predictive"], (0.5, 0.8, 0.95))
    for key, density in (("predictive", arrays["predictive"]), ("fit", arrays["fit"])):
        path = layer_of(view, key)._lines._path
        assert path.elementCount() > 50
        for index in range(0, path.elementCount(), 7):
            at = path.elementAt(index)
            column, row = ((value - BOUNDS[0]) / (BOUNDS[2] - BOUNDS[0]) * SIDE - 0.5 for value in (at.x, at.y))
            near = density[round(row) - 1 : round(row) + 2, round(column) - 1 : round(column) + 2]
            assert any(near.min() <= level <= near.max() for level in levels)


def test_what_hides_the_lines_is_off_until_it_is_asked_for(make):
    view = make(DataSpaceView, scene=scene(**BAYES))
    shown = {key for key in view.chips if view.is_shown(key)}
    assert {"data_density", "sample", "particles", "predictive", "fit"} <= shown
    assert not shown & {"data", "model", "levels", "spread", "model_density"}
    assert "predictive" in view.needs()
    view.chips["model"].click()
    assert view.is_shown("model")
    view.set_scene(ring_scene())
    assert view.is_shown("data")


def test_a_click_tells_prediction_fit_and_disagreement(make):
    view, arrays = make(DataSpaceView, scene=scene(**BAYES)), posterior()
    view.set_shown("spread", True)
    view.show_snapshot(snapshot({"predictive": arrays}))
    view.explain(0.01, 0.01)
    at = SIDE // 2
    text = view.plot.readout.text()
    for words, name in (("p(x | D)", "predictive"), ("std of p(x | θₘ)", "spread")):
        assert f"{words} = {arrays[name][at, at]:.3g}" in text
    view.explain(BOUNDS[2] + 1, 0)
    assert "p(x | D)" not in view.plot.readout.text()


def test_the_known_points_are_marked_over_all_else(make):
    view, arrays = make(DataSpaceView, scene=scene(**BAYES)), posterior()
    view.show_snapshot(snapshot({"predictive": arrays}))
    x, y = layer_of(view, "sample")._dots.getData()
    np.testing.assert_allclose(np.stack([x, y], 1), arrays["sample"])
    assert layer_of(view, "sample")._dots.zValue() > max(
        item.zValue() for key in ("predictive", "fit", "particles") for item in layer_of(view, key).items
    )


def test_on_a_line_the_band_holds_the_curve(make):
    line = line_scene()
    view = make(DataSpaceView, scene=scene(
        dimension=1, bounds=line.bounds, density=line.density, real=line.real, **BAYES
    ))  # fmt: skip
    arrays = posterior_of_line()
    view.show_snapshot(snapshot({"predictive": arrays}))
    assert not view.is_shown("model_density_1d")
    curve = layer_of(view, "predictive")
    low, high = (edge.getData()[1] for edge in curve._edges)
    y = curve._curve.getData()[1]
    assert ((low <= y) & (y <= high)).all()
    assert (low < high).all()
    view.explain(0.0, 0.1)
    text = view.plot.readout.text()
    assert "p(x | D) = " in text
    assert "90 % of the particles in" in text
    assert layer_of(view, "sample")._dots.getData()[1].tolist() == [0, 0, 0]
    assert layer_of(view, "particles")._lines._path.elementCount() == 7 * 256
