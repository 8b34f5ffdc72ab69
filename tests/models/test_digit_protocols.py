"""Protocols on digits: both bounds of a small autoencoder, when training stops, and what histograms score."""

from __future__ import annotations

import math

import pytest
import torch

from models.experiment import Experiment
from models.reproduction import PROTOCOLS, digits_nll, stacked_digits
from models.reproduction._base import chance_of
from models.reproduction.digits_nll import BINARY, BOUND, ELBO, GREY, independent_pixels, judged, trained_by_validation
from models.reproduction.stacked_digits import JUDGED, KL, MODES, counted, floors
from models.training.trainer import Trainer


def trainer(steps: int) -> Trainer:
    net = {"key": "mlp", "width": 24, "depth": 1}
    return Trainer(
        Experiment.from_dict(
            {
                "data": {"key": "digits", "split": "public", "binary": True},
                "latent": {"key": "gaussian", "dimension": 4},
                "architecture": net,
                "family": {"key": "variational_autoencoder", "likelihood": {"key": "bernoulli"}, "encoder": net},
                "optimizer": {"key": "adam", "lr": 1e-2, "ema": 0.5},
                "batch_size": 32,
                "steps": steps,
            }
        )
    )


def test_the_bound_of_many_draws_is_tighter_than_the_plain_one():
    run = trainer(150)
    trained_by_validation(run, BINARY.digits, lambda share: None)
    found = judged(digits_nll._model(run), digits_nll._test(BINARY)[:64], chance_of(0))
    assert 15 < found[BOUND] < found[ELBO] - 0.05
    assert found[ELBO] < independent_pixels(BINARY.digits)


def test_training_stops_when_the_validation_images_say_so_and_keeps_their_choice(monkeypatch):
    run, told, seen = trainer(100), iter([5.0, 4.0, 4.5, 4.2, 6.0, 7.0, 1.0]), []

    def bound(model, x, draws, chance):
        seen.append(model.network.values.clone())
        return next(told)

    monkeypatch.setattr(digits_nll, "importance_bound", bound)
    monkeypatch.setattr(digits_nll, "LOOK", 3)
    assert trained_by_validation(run, BINARY.digits, lambda share: None) == 6
    assert run.step == 18  # four looks after the best
    assert torch.equal(run.game.model.network.values, seen[1])


def test_independent_pixels_need_what_was_found_elsewhere():
    assert independent_pixels(GREY.digits) == pytest.approx(106.31, abs=0.005)
    assert independent_pixels(BINARY.digits) == pytest.approx(24.91, abs=0.005)


@pytest.mark.parametrize(("bound", "elbo", "met"), [(-0.3, 4.0, (True, True)), (0.1, -1.0, (False, False))])
def test_the_order_of_the_two_bounds_is_held_on_every_seed(bound, elbo, met):
    vae = {0: {BOUND: 94.0, ELBO: 96.0}, 1: {BOUND: 93.0, ELBO: 95.0}}
    iwae = {0: {BOUND: 94.0 + bound, ELBO: 96.0 + elbo}, 1: {BOUND: 92.0, ELBO: 99.0}}
    found = {case: iwae if case.startswith("IWAE") else vae for case in digits_nll.CASES}
    rows = PROTOCOLS["digits_nll"]().close(found)
    gains = [row for row in rows if row.case.startswith("IWAE less VAE")]
    assert [row.met for row in gains] == [*met, *met]
    assert gains[0].ours == pytest.approx((bound - 1) / 2)


def test_a_failed_trial_fails_the_order_too():
    found = {case: {0: {} if case == "VAE, 17 levels" else {BOUND: 9.0, ELBO: 9.0}} for case in digits_nll.CASES}
    rows = [row for row in PROTOCOLS["digits_nll"]().close(found) if row.case == "IWAE less VAE, 17 levels"]
    assert [row.met for row in rows] == [False, False]
    assert [row.ours for row in rows] == [None, None]


def test_a_perfect_sampler_of_a_thousand_modes_has_the_floor_that_chi_squared_gives():
    assert floors()[MODES] == 1_000
    assert floors()[KL] == pytest.approx(999 / (2 * JUDGED), abs=4e-4)


def test_histograms_are_scored_against_the_data_s_own_shares():
    weights = torch.tensor([0.5, 0.25, 0.25])
    assert counted(torch.tensor([2, 1, 1]), weights) == {MODES: 3.0, KL: pytest.approx(0.0, abs=1e-12)}
    assert counted(torch.tensor([0, 7, 0]), weights) == {MODES: 1.0, KL: pytest.approx(math.log(4))}


def test_recipes_are_held_to_their_goals_on_every_seed_and_a_failed_trial_has_no_mean():
    protocol, case = PROTOCOLS["stacked_digits"](), "paired critic, R1 and R2"
    good = {MODES: 1000.0, KL: 0.05, stacked_digits.QUALITY: 60.0}
    assert [row.met for row in protocol.judge(case, {0: good, 1: good})] == [True, True, None]
    uneven = {**good, MODES: 900.0, KL: 0.5}
    assert [row.met for row in protocol.judge(case, {0: good, 1: uneven})] == [False, False, None]
    failed = protocol.judge(case, {0: good, 1: {}})
    assert [(row.ours, row.met) for row in failed] == [(None, False), (None, False), (None, None)]


def test_a_collapse_has_to_lose_modes_and_still_draw_digits():
    protocol, case = PROTOCOLS["stacked_digits"](), "narrow noise, critic ahead"
    for modes, quality, met in ((60.0, 80.0, [True, True]), (60.0, 5.0, [True, False]), (980.0, 80.0, [False, True])):
        few, _, sharp = protocol.judge(case, {0: {MODES: modes, KL: 3.6, stacked_digits.QUALITY: quality}})
        assert [few.met, sharp.met] == met
