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
