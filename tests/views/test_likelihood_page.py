"""The third page of the curves for models with a density: training, held out, oracle, and what it says of them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from explorer.session.messages import Measured
from explorer.views._overfitting import overfitting
from explorer.views.curves import CurvesView

from .handmade import scene

pytestmark = pytest.mark.gui

STEPS = (100, 200, 300, 400, 500, 600)
TRAIN = (-2.0, -1.2, -0.9, -0.6, -0.4, -0.2)
HELD = (-2.1, -1.3, -1.1, -1.4, -1.5, -1.7)


def show(view: CurvesView, held=HELD, **more: float) -> None:
    view.show_page("truth")
    for step, train, value in zip(STEPS, TRAIN, held, strict=True):
        truth = {"train": train, "held_out": value, "noise": 0.02, **more}
        view.add_measures(Measured(1, step, {"energy": 1.0}, truth))
    view.refresh()


def density_scene(**changes):
    return scene(offers=frozenset({"log_prob", "density"}), critic_parameters=0, **changes)


def test_chip_says_what_the_page_tells_of(make):
    view = make(CurvesView, size=(420, 320), scene=density_scene())
    assert view.chips["truth"].text() == "likelihood"
    view.set_scene(scene(offers=frozenset({"bound"}), critic_parameters=0))
    assert view.chips["truth"].text() == "likelihood"
    view.set_scene(scene(offers=frozenset({"likelihood"}), critic_parameters=0))  # the density of a probability flow
    assert view.chips["truth"].text() == "likelihood"
    view.set_scene(scene(offers=frozenset({"density"})))  # a flow against a critic
    assert view.chips["truth"].text() == "bound"
    view.set_scene(scene(critic_parameters=0))
    assert view.chips["truth"].text() == "bound"
    show(view)
    assert view.chips["truth"].text() == "likelihood"  # the numbers know better


def test_training_held_out_and_oracle_are_lines_and_the_noise_a_band(make):
    view = make(CurvesView, size=(420, 320), scene=density_scene())
    show(view, oracle=-1.0, floor=0.03)
    assert set(view.plot.lines) == {"train", "held_out", "oracle"}
    assert view.plot.lines["held_out"].getData()[1] == pytest.approx(HELD)
    assert (view.plot.floor.low, view.plot.floor.high) == pytest.approx((-1.03, -0.97))
    assert [text for text, _ in view.plot.notes.legend] == ["training", "held out", "−H(P_X)", "its noise"]
    assert view.export_rows()[0] == ("step", "energy", "likelihood_train", "likelihood_held_out", "likelihood_oracle")


def test_overfitting_is_named_and_the_best_step_marked(make):
    view = make(CurvesView, size=(420, 320), scene=density_scene())
    show(view)
    word, sentence = view.header.mark
    assert word == "overfitting"
    assert sentence.startswith("Overfitting since step 300: held-out data have lost 0.3 nats a sample")
    assert view.header.subtitle == "held out −0.3 nats since step 300"
    assert view.plot.marks == [(300, "best held out")]
    assert (300.0, "best held out") in view.plot.notes.events
    view.show_page("losses")
    assert view.header.mark == ("", "")
    assert view.plot.marks == []
    view.show_page("truth")
    view.cut_after(400)
    assert view.header.mark == ("", "")


def test_held_out_data_above_the_oracle_are_a_leak(make):
    view = make(CurvesView, size=(420, 320), scene=density_scene())
    show(view, held=TRAIN, oracle=-1.0, floor=0.03)
    assert view.header.mark[0] == "leak"
    view.clear()
    show(view, held=TRAIN, oracle=-0.25, floor=0.03)
    assert view.header.mark == ("", "")


def test_bounds_of_an_autoencoder_have_names_of_their_own(make):
    view = make(CurvesView, size=(520, 320), scene=scene(offers=frozenset({"bound", "density"}), critic_parameters=0))
    view.show_page("truth")
    for step in STEPS:
        truth = {"elbo_train": -1.9, "elbo": -2.0, "importance_bound": -1.8, "evidence": -1.7, "noise": 0.1}
        view.add_measures(Measured(1, step, {}, truth))
    view.refresh()
    titles = [view.plot.titles[name] for name in view.plot.lines]
    assert view.header.subtitle == "mean log-likelihood, nats"
    assert titles == ["ELBO, training", "ELBO, held out", "IWAE, K = 50", "log p(x)"]


def test_without_held_out_rows_the_page_says_how_to_have_them(make):
    view = make(CurvesView, size=(420, 320), scene=density_scene())
    view.show_page("truth")
    for step in STEPS:
        view.add_measures(Measured(1, step, {}, {"train": -1.0}, "No rows are held out."))
    view.refresh()
    assert view.header.subtitle == "No rows are held out."
    assert set(view.plot.lines) == {"train"}


def test_first_steps_do_not_flatten_all_others(make):
    view = make(CurvesView, size=(420, 320), scene=density_scene())
    view.show_page("truth")
    for step in range(1, 101):
        held = -1000.0 if step < 4 else -1.0 - 1 / step
        view.add_measures(Measured(1, step, {}, {"held_out": held, "noise": 0.01}))
    view.refresh()
    low, high = view.plot.box.viewRange()[1]
    assert -2 < low < high < 0


@pytest.mark.parametrize(
    ("train", "held", "noise", "best"),
    [
        (TRAIN, HELD, 0.02, 300),
        (TRAIN, HELD, 0.2, None),  # no more than noise
        (TRAIN[::-1], HELD, 0.02, None),  # everything falls: that is no overfitting
        (TRAIN, TRAIN, 0.0, None),
        (TRAIN, (*HELD[:5], -1.1), 0.02, None),  # it came back
        (TRAIN, (math.nan, -1.0, *HELD[2:]), 0.02, 200),
        (TRAIN[:2], HELD[:2], 0.0, None),
    ],
)
def test_overfitting_is_a_clear_fall_while_the_training_sample_rises(train, held, noise, best):
    found = overfitting(np.array(STEPS[: len(held)]), np.array(train), np.array(held), noise)
    assert (found.best if found else None) == best
