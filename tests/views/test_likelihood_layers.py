"""Encoded data in the latent plane, and real samples in the colours of their likelihood."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.views._base import layers_for
from explorer.views.data_space import DataSpaceView
from explorer.views.latent_space import BEHIND, LatentSpaceView
from explorer.views.level_lines import LevelLines
from explorer.views.sample_likelihood import SampleLikelihood, colour_ends, likelihood_table
from explorer.widgets.theme import DARK, LIGHT

from .handmade import line_scene, mixture, plane, ring_pictures, ring_scene, snapshot, table_scene
from .test_views import at, near, pixels

pytestmark = pytest.mark.gui

FLOW = frozenset({"sample", "push", "log_prob", "encode", "density"})
WORST = np.array([-1.4, -1.4], np.float32)


def flow_scene(**changes):
    return replace(ring_scene(), offers=FLOW, **changes)


def encoded(n=400, k=2):
    chance = np.random.default_rng(0)
    z = chance.standard_normal((n, 2)).astype(np.float32)
    z[:, 1] *= k > 1
    e = np.linspace(-3, 3, 64)
    p = mixture(plane(64, (-3, -3, 3, 3)), np.zeros((1, 2)), 1.0, [1.0]) if k > 1 else np.exp(-0.5 * e**2)
    return {"z": z, "hue": chance.random(n).astype(np.float32), "p": p.astype(np.float32)}


def likelihoods():
    """Samples of the ring, all alike to the model but the last fifty-first, which lie apart and are hopeless."""
    x = np.concatenate([ring_scene().real[:490], np.tile(WORST, (10, 1))]).astype(np.float32)
    log_q = np.linspace(-1.0, 1.0, 500).astype(np.float32)
    log_q[490:] = -40.0
    return {"x": x, "log_q": log_q, "log_p": np.full(500, -0.5, np.float32)}


def shown(make, cls, scene, theme=DARK, **pictures):
    view = make(cls, theme=theme, scene=scene)
    view.show_snapshot(snapshot(ring_pictures() | pictures))
    return view


def layer_of(view, key):
    return next(layer for layer in view.layers if layer.key == key)


def test_layers_come_only_with_what_the_model_offers():
    def keys(scene):
        return {cls.key for name in ("data", "latent") for cls in layers_for(scene, name)}

    both = {"encoded", "sample_likelihood"}
    assert not both & keys(ring_scene())
    assert both <= keys(flow_scene())
    assert both <= keys(replace(table_scene(), offers=FLOW))
    assert both & keys(replace(line_scene(), offers=FLOW)) == {"encoded"}
    assert both & keys(replace(ring_scene(), offers=FLOW - {"density"})) == {"encoded"}


def test_a_density_that_is_too_slow_for_maps_colours_samples_and_begins_without_level_lines():
    slow, quick = (replace(ring_scene(), offers=frozenset({"sample", word})) for word in ("likelihood", "density"))
    assert SampleLikelihood.fits(slow)
    assert SampleLikelihood.fits(quick)
    assert [LevelLines.shown_at_first(scene) for scene in (slow, quick)] == [False, True]


def test_encoded_data_are_on_at_once_and_noise_stands_back(make):
    view = shown(make, LatentSpaceView, flow_scene(), encoded=encoded())
    assert {"encoded", "latent_map"} <= view.needs()
    noise = layer_of(view, "lands")
    assert [item.opacity() for item in noise.items] == [pytest.approx(BEHIND)]
    view.chips["encoded"].click()
    assert "encoded" not in view.needs()
    assert [item.opacity() for item in noise.items] == [1.0]
    view.set_opacity("lands", 0.5)
    view.chips["encoded"].click()
    assert [item.opacity() for item in noise.items] == [pytest.approx(0.5 * BEHIND)]


def test_without_encoded_data_noise_is_as_it_was(make):
    view = shown(make, LatentSpaceView, ring_scene())
    assert "encoded" not in view.chips
    assert [item.opacity() for item in layer_of(view, "lands").items] == [1.0]


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_encoded_data_lie_where_they_were_encoded_with_the_contours_of_noise(make, theme):
    arrays = encoded(1) | {"z": np.array([[2.0, -2.6]], np.float32), "hue": np.array([0.4], np.float32)}
    view = shown(make, LatentSpaceView, flow_scene(), theme, encoded=arrays)
    view.set_shown("lands", shown=False)
    patch = at(view, 2.0, -2.6)
    colour = patch.max(-1) - patch.min(-1)
    assert (colour > 60).sum() >= 6
    x, y = layer_of(view, "encoded")._contours(arrays["p"])
    radii = np.hypot(x, y)
    for share in (0.5, 0.8, 0.95):  # a disc of radius r holds 1 − e^(−r²/2) of a normal law
        assert (np.abs(radii - np.sqrt(-2 * np.log(1 - share))) < 0.15).sum() > 20


def test_on_a_line_the_data_lie_in_a_strip_of_their_own(make):
    view = shown(make, LatentSpaceView, replace(line_scene(), offers=FLOW), encoded=encoded(k=1))
    noise, data = (layer_of(view, key) for key in ("lands", "encoded"))
    assert data._dots.points[:, 1].max() < noise._places(np.zeros((4000, 2)))[:, 1].min()
    assert np.array_equal(data._dots.points[:, 0], encoded(k=1)["z"][:, 0])


def test_the_least_likely_samples_stand_out(make):
    view = shown(make, DataSpaceView, flow_scene(), sample_likelihood=likelihoods())
    assert "sample_likelihood" not in view.needs()
    assert not near(at(view, *WORST), DARK.alarm)
    before = pixels(view)
    view.chips["sample_likelihood"].click()
    assert "sample_likelihood" in view.needs()
    view.show_snapshot(snapshot(ring_pictures() | {"sample_likelihood": likelihoods()}))
    assert near(at(view, *WORST), DARK.alarm) > 12
    assert (pixels(view) != before).any()
    bar = layer_of(view, "sample_likelihood")._bar
    assert bar.labels[1] == "log q(xᵢ), nats"


def test_a_click_on_a_sample_tells_both_likelihoods(make):
    view = shown(make, DataSpaceView, flow_scene(), sample_likelihood=likelihoods())
    view.set_shown("sample_likelihood", shown=True)
    layer = layer_of(view, "sample_likelihood")
    assert layer.explain(*WORST) == "log q(xᵢ) = −40.00 nats, log p(xᵢ) = −0.50 nats"
    assert layer.explain(0.0, 0.0) == ""
    layer.draw({key: array for key, array in likelihoods().items() if key != "log_p"}, 0)
    assert layer.explain(*WORST) == "log q(xᵢ) = −40.00 nats"


def test_no_likelihood_at_all_is_drawn_and_told(make):
    arrays = likelihoods()
    arrays["log_q"][:] = -np.inf
    view = shown(make, DataSpaceView, flow_scene(), sample_likelihood=arrays)
    view.set_shown("sample_likelihood", shown=True)
    assert layer_of(view, "sample_likelihood").explain(*WORST).startswith("log q(xᵢ) = −∞ nats")


def test_colours_run_between_the_worst_and_the_best():
    low, high = colour_ends(np.linspace(-10.0, 0.0, 1001))
    assert (low, high) == pytest.approx((-9.8, -0.5))
    assert colour_ends(np.full(9, -2.0)) == pytest.approx((-2.5, -2.0))
    assert colour_ends(np.array([-np.inf, -3.0, -1.0]))[0] == pytest.approx(-2.96)
    for theme in (DARK, LIGHT):
        assert len(np.unique(likelihood_table(theme))) > 200
    assert SampleLikelihood.visible is False
