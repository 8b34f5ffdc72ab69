"""The card of the gradient estimates: violins, spread on log axes, what it says, and when it has nothing to show."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF

from explorer.session import messages
from explorer.views._gradient_picture import shown_range, violin
from explorer.views.gradient_estimate import KEY, GradientEstimateCard, subtitle
from explorer.window.main_window import MainWindow
from explorer.window.parts import Parts, make_parts

from .fake_session import CATALOGUE, RECIPE, FakeSession
from .handmade import ring_scene, scene, snapshot

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("propagateSizeHints", "raise()")]

SIZES = np.array([4, 16, 64, 256, 1024])


def estimates(batch=128, whole=0, width=1.0):
    noise = np.random.default_rng(1).standard_normal((5, 1000))
    values = (1 + width * noise / np.sqrt(SIZES)[:, None]).astype(np.float32)
    spread = (width / np.sqrt(SIZES)).astype(np.float32)
    return {
        "sizes": SIZES, "estimates": values, "mean": values.mean(1), "error": spread / 31.6, "spread": spread,
        "norm": np.float32(2.0), "points": np.array(300), "batch": np.array(batch), "whole": np.array(whole),
    }  # fmt: skip


def test_card_fits_losses_that_are_means_over_data():
    assert GradientEstimateCard.fits(scene(offers=frozenset({"log_prob", "per_sample_loss"})))
    assert not GradientEstimateCard.fits(scene(offers=frozenset({"classes", "per_sample_loss"})))
    assert not GradientEstimateCard.fits(scene(offers=frozenset({"captions", "per_sample_loss"})))
    assert not GradientEstimateCard.fits(ring_scene())


def test_subtitle_gives_the_slope_and_the_spread_of_the_recipes_own_batches():
    assert subtitle(estimates(batch=100))[0] == "spread ∝ N^−0.50; 0.1 ‖∇‖ at N = 100"
    assert subtitle(estimates(whole=1))[0] == "spread ∝ N^−0.50; here every step takes all n = 300"


def test_card_shows_estimates_and_reads_them_out(make):
    view = make(GradientEstimateCard, size=(380, 290))
    assert view.needs() == {KEY}
    view.show_snapshot(snapshot({KEY: estimates()}))
    across = view.picture.across(view.picture.boxes()[0])
    told = view.picture.words_at(QPointF(across(64.0), 0))
    assert told.startswith("N = 64\nmean ")
    assert told.endswith("spread 0.125")
    shown = view.grab().toImage()
    inks = {shown.pixelColor(x, y).name() for x in range(0, 380, 1) for y in range(40, 290, 2)}
    assert view.theme.data in inks  # the line of the whole gradient


def test_card_says_why_there_is_nothing_to_see(make):
    view = make(GradientEstimateCard, size=(380, 290))
    view.show_snapshot(snapshot({}, missing={KEY: "No mean over data."}))
    assert (view.picture.message, view.picture.arrays) == ("No mean over data.", None)
    view.show_snapshot(snapshot({KEY: estimates(width=np.nan)}))
    assert "zero here" in view.picture.message
    assert view.picture.words_at(QPointF(100, 0)) == ""


def test_violin_is_as_wide_as_its_fullest_bin_and_ends_at_the_extremes():
    outline = violin(np.array([0.0, 1.0, 1.0, 1.0, 2.0]), 50.0, 10.0, lambda value: -value)
    assert outline.boundingRect() == QRectF(40.0, -2.0, 20.0, 2.0)


def test_axis_has_the_true_length_in_its_middle():
    low, high = shown_range(estimates()["estimates"])
    assert (low + high) / 2 == pytest.approx(1.0)
    assert 1.2 < high - 1 < 2.0  # nearly all of the estimates from 4 points, whose standard deviation is a half


def with_card():
    plain = make_parts()
    return Parts(plain.panel, plain.data, plain.latent, plain.modes, plain.curves, (GradientEstimateCard(),))


def test_card_comes_behind_the_curves(qtbot, preferences):
    session = FakeSession()
    window = MainWindow(session, preferences, theme="dark", make=with_card)
    qtbot.addWidget(window)
    window.show()
    window.begin(RECIPE)
    window.assemble()
    offers = frozenset({"per_sample_loss"})
    session.coming += [messages.Ready(CATALOGUE), messages.Started(1, RECIPE, "Ring", 0, "w"), scene(offers=offers)]
    window.conductor.poll()
    qtbot.waitUntil(lambda: window.docks["curves"].is_front)
    assert not window.docks[KEY].isHidden()
    assert not window.docks[KEY].is_front
