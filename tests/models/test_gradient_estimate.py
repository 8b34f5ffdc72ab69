"""Gradients of batches along that of the whole sample: the same as from real gradients, unbiased, spread as 1/√N."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.experiment import Experiment
from models.observations.gradient_estimate import along_gradient
from models.training.trainer import Trainer
from models.training.witness import Witness

FLOW = {
    "data": {"key": "moons", "n": 300},
    "family": {"key": "spline_flow", "count": 1, "width": 16, "bins": 4},
    "batch_size": 32,
    "seed": 11,
}


def trained(steps: int = 10, **changes: object) -> tuple[Trainer, Witness]:
    experiment = Experiment.from_dict({**FLOW, **changes})
    trainer, looker = Trainer(experiment), Witness(experiment, points=500)
    for _ in range(steps):
        trainer.take_step()
    looker.load(trainer.values().numpy())
    return trainer, looker


def test_lengths_along_the_gradient_are_those_of_real_gradients_of_single_points():
    trainer, looker = trained()
    model, u = trainer.game.model, looker.game.sample
    assert u is not None
    rows = []
    for point in u[:40]:
        model.network.differentiate(lambda point=point: -model.log_density(point[None]).mean())
        rows.append(model.network.gradient.clone())
    single = torch.stack(rows)
    full = single.mean(0)
    along, norm = along_gradient(looker.subject, u[:40])
    assert along.tolist() == pytest.approx((single @ full / full.square().sum()).tolist(), rel=1e-3, abs=1e-4)
    assert norm == pytest.approx(float(full.norm()), rel=1e-4)
    model.network.differentiate(lambda: -model.log_density(u[:40]).mean())  # what a full-batch step descends
    assert model.network.gradient.tolist() == pytest.approx(full.tolist(), abs=1e-4)


def test_estimates_are_unbiased_and_their_spread_falls_as_one_over_root_n():
    _, looker = trained()
    seen = looker.observe(["gradient_estimate"])[0]["gradient_estimate"]
    assert (np.abs(seen["mean"] - 1) < 3 * seen["error"]).all()
    slope = np.polyfit(np.log(seen["sizes"]), np.log(seen["spread"]), 1)[0]
    assert slope == pytest.approx(-0.5, abs=0.05)
    assert seen["estimates"].shape == (5, 1000)
    assert (int(seen["points"]), int(seen["batch"]), int(seen["whole"])) == (300, 32, 0)


def test_gradients_are_those_of_the_weights_that_train_not_of_their_average():
    trainer, looker = trained()
    one = looker.observe(["gradient_estimate"])[0]["gradient_estimate"]
    looker.load(trainer.values().numpy(), average=True)
    other = looker.observe(["gradient_estimate"])[0]["gradient_estimate"]
    assert not torch.equal(looker.game.model.network.values, looker.subject.rival.network.values)
    np.testing.assert_array_equal(one["estimates"], other["estimates"])


def test_fresh_data_are_represented_by_points_that_stay_the_same():
    _, looker = trained(2, data="moons")
    one, again = (looker.observe(["gradient_estimate"])[0]["gradient_estimate"] for _ in range(2))
    assert int(one["points"]) == 1024
    np.testing.assert_array_equal(one["estimates"], again["estimates"])


def test_a_full_batch_step_takes_the_whole_gradient():
    full = {"key": "maximum_likelihood", "full_batch": True}
    trainer, looker = trained(3, objective=full)
    seen = looker.observe(["gradient_estimate"])[0]["gradient_estimate"]
    assert int(seen["whole"]) == 1
    before = trainer.game.model.network.values.clone()
    first = trainer.take_step()
    trainer.game.model.network.values.copy_(before)
    assert trainer.take_step() == first  # no chance in it: the same loss at the same weights


def test_a_loss_that_is_no_mean_over_data_has_no_such_picture():
    looker = Witness(Experiment.from_dict({"data": "ring", "divergence": "mmd"}), points=100)
    _, missing = looker.observe(["gradient_estimate"])
    assert "no mean over data points" in missing["gradient_estimate"]
    assert "per_sample_loss" not in looker.scene()["offers"]
