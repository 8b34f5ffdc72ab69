"""The card of the particles in the plane of two weights."""

import numpy as np
import pytest

from explorer.views.parameter_posterior import KEY, ParameterPosteriorCard, round_range
from explorer.widgets.theme import DARK, LIGHT

from .handmade import ring_scene, scene, snapshot

pytestmark = pytest.mark.gui

BAYES = {"offers": frozenset({"particles"})}


def particles(n=50, *, known=True, shift=0.0):
    theta = np.random.default_rng(0).normal(shift, 1, (n + 1, 2)).astype(np.float32)
    side = np.linspace(-4, 4, 64)
    density = np.exp(-0.5 * (side[:, None] ** 2 + side**2)).astype(np.float32)
    names = np.array([[956, 0], [963, 8322]])
    return {
        "theta": theta, "which": np.array([1, 2]), "bounds": np.array([-4, -4, 4, 4], np.float32),
        "density": density if known else np.zeros((0, 0), np.float32), "names": names,
    }  # fmt: skip


def test_card_fits_models_of_many_theta():
    assert ParameterPosteriorCard.fits(scene(**BAYES))
    assert not ParameterPosteriorCard.fits(ring_scene())


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_particles_are_dots_and_the_fit_a_cross(make, theme):
    view, arrays = make(ParameterPosteriorCard, size=(320, 230), theme=theme, scene=scene(**BAYES)), particles()
    assert view.needs() == {KEY}
    view.show_snapshot(snapshot({KEY: arrays}))
    np.testing.assert_allclose(np.stack(view._dots.getData(), 1), arrays["theta"][:-1])
    np.testing.assert_allclose(np.stack(view._fit.getData(), 1), arrays["theta"][-1:])
    assert view.plot.axes.names == ("μ", "σ₂")
    assert view._field.isVisible()
    view.explain(-0.5, 1.0)
    assert view.plot.readout.text() == "μ = −0.5\nσ₂ = 1"


def test_no_law_is_drawn_that_is_not_known(make):
    view = make(ParameterPosteriorCard, size=(320, 230), scene=scene(**BAYES))
    view.show_snapshot(snapshot({KEY: particles()}))
    view.show_snapshot(snapshot({KEY: particles(known=False)}))
    assert not view._field.isVisible()
    assert not view._lines.isVisible()
    assert view._dots.isVisible()


def test_a_new_run_leaves_nothing_of_the_old(make):
    view = make(ParameterPosteriorCard, size=(320, 230), scene=scene(**BAYES))
    view.show_snapshot(snapshot({KEY: particles()}))
    view.clear()
    assert not view._dots.isVisible()
    view.show_snapshot(snapshot({}, missing={KEY: "Not here."}))
    assert not view._dots.isVisible()


def test_a_range_that_was_chosen_by_hand_stays(make):
    view = make(ParameterPosteriorCard, size=(320, 230), scene=scene(**BAYES))
    view.show_snapshot(snapshot({KEY: particles()}))
    (left, right), _ = view.plot.box.viewRange()
    assert left <= -4
    assert right >= 4
    view.plot._zoom(0.5)
    chosen = view.plot.box.viewRange()
    view.show_snapshot(snapshot({KEY: particles(shift=9)}))
    assert view.plot.box.viewRange() == chosen


def test_range_is_round_and_holds_all():
    assert round_range(np.array([-0.97, 0.1, 1.1, 0.2])) == pytest.approx((-1.0, 0.1, 1.5, 0.2), abs=1e-9)
    left, bottom, right, top = round_range(np.array([-3.2, 11.0, 4.1, 12.3]))
    assert left <= -3.2
    assert right >= 4.1
    assert bottom <= 11.0
    assert top >= 12.3
