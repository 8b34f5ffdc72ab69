"""Another divergence in mid-run, in a real session and window: the run goes on, and the curves mark the step."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.session.client import Session
from explorer.window.main_window import MainWindow
from explorer.window.preferences import Preferences

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("propagateSizeHints")]

SMALL = {"key": "mlp", "width": 8, "depth": 1}
RECIPE = {
    "data": {"key": "gaussian_mixture_1d"}, "architecture": SMALL, "batch_size": 16, "steps": 1000,
    "objective": {"key": "adversarial", "critic_steps": 2, "critic": SMALL},
    "optimizer": {"key": "adam", "ema": 0.0},
}  # fmt: skip


@pytest.fixture
def window(qtbot, tmp_path):
    made = MainWindow(Session(in_process=True), Preferences(tmp_path / "settings.ini"), theme="dark")
    qtbot.addWidget(made)
    made.begin(RECIPE)
    made.assemble()
    assert made.parts is not None
    for view in made.parts.views:
        view.hide()  # pictures are held by other tests
    control = made.conductor.control
    qtbot.waitUntil(lambda: control.run == 1 and bool(control.catalogue), timeout=60_000)
    made.conductor.fill_panel()
    yield made
    made.close()


def test_another_divergence_is_taken_up_live_and_marked(window, qtbot):
    control, curves, panel = window.conductor.control, window.parts.curves, window.parts.panel
    control.play(12)
    qtbot.waitUntil(lambda: control.step == 12 and not control.playing, timeout=60_000)
    objective = panel.recipe()["objective"]
    menu = panel._forms["divergence"].menu
    menu.activated.emit(menu.findData("wasserstein_1"))
    qtbot.waitUntil(lambda: control.recipe["divergence"]["key"] == "wasserstein_1", timeout=60_000)
    assert (control.run, control.step) == (1, 12)
    assert panel.recipe()["objective"] == objective
    assert "Wasserstein-1" in window.windowTitle()
    assert curves.plot.events == [(12, "Wasserstein-1")]
    control.play(20)
    qtbot.waitUntil(lambda: control.step == 20 and not control.playing, timeout=60_000)
    qtbot.waitUntil(lambda: len(curves.losses.series) == 20, timeout=60_000)
    assert curves.losses.series.steps.tolist() == list(range(1, 21))
    missing = np.isnan(curves.losses.series.column("penalty"))
    assert missing.tolist() == [True] * 12 + [False] * 8  # the old numbers stay, the new ones begin with the penalty
    assert np.isfinite(curves.losses.series.column("generator_loss")).all()
    assert "penalty" in curves.export_rows()[0]
    control.apply({**control.recipe, "objective": {**control.recipe["objective"], "critic_lr": 5e-4}})
    qtbot.waitUntil(lambda: len(curves.plot.changes) == 1, timeout=60_000)
    assert curves.plot.changes == [(20, "critic rate")]
    assert control.run == 1


def test_layers_and_cards_follow_another_objective_and_keep_what_was_drawn(window, qtbot):
    control, parts = window.conductor.control, window.parts
    control.apply({**RECIPE, "data": {"key": "gaussian_mixture"}, "family": {"key": "mixture", "components": 2},
                   "divergence": "kl_forward", "objective": "maximum_likelihood"})  # fmt: skip
    qtbot.waitUntil(lambda: control.run == 2 and control.recipe["family"]["key"] == "mixture", timeout=60_000)
    qtbot.waitUntil(lambda: parts.data.scene is not None and parts.data.scene.run == 2, timeout=60_000)
    control.play(6)
    qtbot.waitUntil(lambda: len(parts.curves.losses.series) == 6, timeout=60_000)
    samples = parts.data._with("model")
    parts.data.plot.box.setRange(xRange=(0.0, 0.5), yRange=(0.0, 0.5))
    zoomed = parts.data.plot.box.viewRange()
    assert "gradient_estimate" in {guest.key for guest in parts.present_guests}
    control.apply({**control.recipe, "divergence": "kl_reverse", "objective": "known_density"})
    qtbot.waitUntil(lambda: "arrows" in parts.data.scene.offers, timeout=60_000)
    assert (control.run, control.step, len(parts.curves.losses.series)) == (2, 6, 6)
    assert "gradient_estimate" not in {guest.key for guest in parts.present_guests}
    assert parts.data._with("model") == samples != []
    assert parts.data.plot.box.viewRange() == zoomed


DIFFUSION = {
    "data": {"key": "ring"}, "architecture": SMALL, "batch_size": 16, "steps": 1000, "latent": {"key": "gaussian"},
    "family": {"key": "diffusion", "levels": 10, "sampler": {"key": "ancestral", "steps": 4}},
    "divergence": "fisher", "objective": "denoising", "optimizer": {"key": "adam", "ema": 0.0},
}  # fmt: skip


def inner_form(panel, path):
    """The form of a member inside a card."""
    return next(row.form for form in panel._forms.values() for row in form.rows() if row.path == path)


def test_another_sampler_is_taken_up_by_the_run_in_progress_and_marked(window, qtbot):
    control, parts = window.conductor.control, window.parts
    control.apply(DIFFUSION)
    qtbot.waitUntil(lambda: parts.data.scene is not None and parts.data.scene.run == 2, timeout=60_000)
    control.play(5)
    qtbot.waitUntil(lambda: control.step == 5 and not control.playing, timeout=60_000)
    form = inner_form(parts.panel, "family.sampler")
    assert "taken up by the run in progress" in form.menu.toolTip()
    assert "map" not in parts.data.scene.offers
    assert "fresh noise" in parts.latent.header.subtitle
    form.menu.activated.emit(form.menu.findData("ddim"))
    qtbot.waitUntil(lambda: "map" in parts.data.scene.offers, timeout=60_000)
    assert (control.run, control.step, control.recipe["family"]["sampler"]["key"]) == (2, 5, "ddim")
    assert "fresh noise" not in parts.latent.header.subtitle
    assert "grid" in {layer.key for layer in parts.data.layers}
    steps = next(row for row in form.rows() if row.path == "family.sampler.steps")
    steps.editor.field.entered.emit("7")
    qtbot.waitUntil(lambda: control.recipe["family"]["sampler"]["steps"] == 7, timeout=60_000)
    control.play(8)
    qtbot.waitUntil(lambda: len(parts.curves.losses.series) == 8, timeout=60_000)
    assert control.run == 2
    assert parts.curves.plot.changes == [(5, "sampler"), (5, "steps")]


NO_NOISE = {"family": {"key": "diffusion", "schedule": {"key": "straight"}}}
NO_SCORE = {
    "family": {"key": "flow_matching", "sampler": {"key": "ancestral"}}, "divergence": "velocity",
    "objective": "conditional_flow_matching",
}  # fmt: skip


def test_what_does_not_go_together_is_told_and_put_right_by_one_button(window, qtbot):
    """Levels without noise, a sampler that needs a score where there is none, k other than d."""
    control, told = window.conductor.control, []
    window.conductor.remarked.connect(told.append)

    def refused(recipe, says, button):
        count = len(told)
        window.conductor._panel_changed(recipe)
        qtbot.waitUntil(lambda: len(told) > count, timeout=60_000)
        assert says in told[-1].text
        (action,) = told[-1].actions
        assert action.words == button
        action.act()
        family = recipe["family"]["key"]
        qtbot.waitUntil(lambda: control.recipe["family"]["key"] == family and control.target == control.run)

    refused({**DIFFUSION, **NO_NOISE}, "levels without noise", "Set schedule to Cosine (VP)")
    assert control.recipe["family"]["schedule"]["key"] == "cosine"
    refused({**DIFFUSION, **NO_SCORE}, "needs a score", "Set sampler to Probability flow, Euler")
    assert control.recipe["family"]["sampler"]["key"] == "euler"
    refused(
        {**control.recipe, "latent": {"key": "gaussian", "dimension": 1}}, "k must be d = 2", "Set dimension k to 2"
    )
    assert control.recipe["latent"]["dimension"] == 2


def test_a_family_that_needs_k_to_be_d_takes_it_and_says_so(window, qtbot):
    control, told = window.conductor.control, []
    window.conductor.remarked.connect(told.append)
    window.conductor._panel_changed({**DIFFUSION, "latent": {"key": "gaussian", "dimension": 3}})
    qtbot.waitUntil(lambda: bool(told), timeout=60_000)
    assert "noise turns into data in place" in told[-1].text
    assert control.recipe["latent"]["dimension"] == 2


def test_a_run_of_a_denoising_model_is_looked_back_on_forked_kept_and_opened_as_any_other(window, qtbot, tmp_path):
    """The kept weights of an earlier step are shown by the sampler of now; a fork and a folder go on from theirs."""
    control, parts, session = window.conductor.control, window.parts, window.conductor.session
    view = parts.latent
    window.show()
    view.show()
    control.apply(DIFFUSION)
    qtbot.waitUntil(lambda: parts.data.scene is not None and parts.data.scene.run == 2, timeout=60_000)
    control.play(30)
    qtbot.waitUntil(lambda: control.step == 30 and not control.playing, timeout=60_000)
    qtbot.waitUntil(lambda: session.history.steps[-1:] == (30,), timeout=60_000)

    def shown(step):
        qtbot.waitUntil(lambda: view.snapshot is not None and view.snapshot.step == step, timeout=60_000)
        return view.snapshot.pictures["latent_map"]["hue"]

    now = shown(30)
    control.look(0)
    first = shown(0)
    assert not np.array_equal(first, now)
    control.apply({**control.recipe, "family": {**control.recipe["family"], "guidance": 2.0}})
    control.look(None)
    np.testing.assert_array_equal(shown(30), now)  # no classes: nothing to guide
    control.look(0)
    control.play_from_here()
    qtbot.waitUntil(lambda: control.run == 3 and control.step > 0, timeout=60_000)
    control.pause()
    qtbot.waitUntil(lambda: not control.playing, timeout=60_000)
    control.save(str(tmp_path / "run"))
    qtbot.waitUntil(lambda: (tmp_path / "run" / "model.safetensors").exists(), timeout=60_000)
    step = control.step
    control.load(str(tmp_path / "run"))
    # The trainer may have taken some more steps between what was last heard of it and the pause.
    qtbot.waitUntil(lambda: control.run == 4 and control.step >= step, timeout=60_000)
    assert control.recipe["family"]["guidance"] == 2.0
    control.reset(new_seed=True)
    qtbot.waitUntil(lambda: control.run == 5 and control.step == 0, timeout=60_000)
    assert control.recipe["seed"] != 0
