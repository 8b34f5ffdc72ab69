"""Mean log-likelihoods on training and held-out data beside the oracle: closed forms, order of the bounds, no leak."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal, norm

from models.experiment import Experiment
from models.observations._likelihood import HELD, HELD_SEED, tells_likelihood
from models.training.trainer import Trainer
from models.training.witness import Witness

STD = 1.5
NORMAL = {"key": "gaussian_mixture_1d", "means": [0.5], "stds": [STD], "weights": [1.0]}
ENTROPY = 0.5 * math.log(2 * math.pi * math.e * STD**2)


def witness(steps: int, **recipe: Any) -> tuple[Trainer, Witness]:
    experiment = Experiment.from_dict({"seed": 11, **recipe})
    trainer, looker = Trainer(experiment), Witness(experiment, points=200)
    for _ in range(steps):
        trainer.take_step()
    looker.load(trainer.values().numpy())
    return trainer, looker


def one_gaussian(data: dict[str, Any], components: int = 1, steps: int = 2) -> tuple[Trainer, Witness]:
    family = {"key": "mixture", "components": components, "start": "random"}
    return witness(steps, data=data, family=family, objective="em", batch_size=10)


def test_one_gaussian_has_the_likelihoods_of_the_closed_form():
    """Fitted by maximum likelihood it has −½ log 2πe s² on its sample, and N(m, s²) at the held-out points."""
    trainer, looker = one_gaussian({**NORMAL, "n": 400})
    told = looker.truth()
    assert trainer.game.sample is not None
    x = trainer.game.sample.double().numpy()
    mean, std = float(x.mean()), float(x.std())
    assert told["train"] == pytest.approx(-0.5 * math.log(2 * math.pi * math.e * std**2), abs=1e-4)
    held = looker.experiment.data.held_out_sample(HELD, torch.Generator().manual_seed(HELD_SEED))
    assert held is not None
    at = norm.logpdf(held.numpy(), mean, std)
    assert told["held_out"] == pytest.approx(float(at.mean()), abs=1e-4)
    assert told["noise"] == pytest.approx(float(at.std(ddof=1)) / HELD**0.5, rel=1e-3)
    best = norm.logpdf(held.numpy(), 0.5, STD)
    assert told["oracle"] == pytest.approx(float(best.mean()), abs=1e-4)
    assert told["oracle"] == pytest.approx(-ENTROPY, abs=3 * (0.5 / HELD) ** 0.5)  # Var log p of a normal is ½
    assert told["floor"] == pytest.approx(1.96 * float((at - best).std(ddof=1)) / HELD**0.5, rel=1e-2)
    assert told["held_out"] < told["oracle"] + told["floor"]
    assert looker.unknown() == ""


def test_units_of_training_leave_no_trace(tmp_path):
    """A table whose columns differ a thousandfold: likelihoods are those of its own units, by scipy."""
    rows = np.random.default_rng(3).standard_normal((200, 2)) * (1000.0, 0.1) + (5e4, 1.0)
    np.save(tmp_path / "rows.npy", rows)
    data = {"key": "table", "path": str(tmp_path / "rows.npy"), "held_out": 0.25}
    _, looker = one_gaussian(data)
    chance = torch.Generator()
    train = looker.experiment.data.training_set(chance)
    held = looker.experiment.data.held_out_sample(1000, chance)
    assert train is not None
    assert held is not None
    x = train.double().numpy()
    covariance: Any = np.cov(x.T, bias=True)
    fitted = multivariate_normal(x.mean(0), covariance)
    told = looker.truth()
    assert told["train"] == pytest.approx(float(fitted.logpdf(x).mean()), abs=1e-3)
    assert told["held_out"] == pytest.approx(float(fitted.logpdf(held.numpy()).mean()), abs=1e-3)
    assert len(held) == 50
    assert "oracle" not in told


def test_without_held_out_rows_there_is_a_reason(tmp_path):
    np.save(tmp_path / "rows.npy", np.random.default_rng(3).standard_normal((50, 2)))
    _, looker = one_gaussian({"key": "table", "path": str(tmp_path / "rows.npy")})
    assert set(looker.truth()) == {"train"}
    assert looker.unknown().startswith("No rows are held out")


def test_many_gaussians_on_few_points_overfit():
    _, before = one_gaussian({"key": "moons", "n": 100}, 25, 1)
    _, after = one_gaussian({"key": "moons", "n": 100}, 25, 40)
    one, other = before.truth(), after.truth()
    assert other["train"] > other["oracle"] > other["held_out"]
    assert other["train"] > one["train"] + 0.3
    assert other["held_out"] < one["held_out"] - 1
    assert one["oracle"] == other["oracle"]


@pytest.mark.parametrize("k", [2, 3])
def test_bounds_of_an_autoencoder_lie_below_its_evidence(k):
    latent = {"key": "gaussian", "dimension": k}
    _, looker = witness(
        40, data={"key": "moons", "n": 100}, family="variational_autoencoder", latent=latent, batch_size=50
    )
    told = looker.truth()
    assert told["elbo"] < told["importance_bound"] < told.get("evidence", math.inf)
    assert ("evidence" in told) == ("floor" in told) == (k <= 2)
    assert told["importance_bound"] < told["oracle"]
    assert {"elbo_train", "noise"} <= set(told)
    assert not {"train", "held_out"} & set(told)
    keys = {measure.key for measure in looker.live_measures()}
    assert ("log_likelihood" in keys) == (k <= 2)  # a bound is not passed off as a density


def test_what_is_told_follows_from_density_and_critic():
    flow = {"family": {"key": "spline_flow", "count": 1, "width": 8}, "data": "moons"}
    assert set(witness(0, **flow)[1].truth()) == {"held_out", "noise", "oracle", "floor"}  # fresh data: no sample
    told = [
        tells_likelihood(witness(0, **recipe)[1].subject)
        for recipe in ({**flow, "divergence": "mmd"}, {**flow, "divergence": "jensen_shannon"}, {"divergence": "mmd"})
    ]
    assert told == [True, False, False]


def test_looking_draws_nothing_that_training_draws():
    seen, looker = witness(0, data={"key": "moons", "n": 50}, family={"key": "mixture"}, batch_size=20)
    alone, _ = witness(0, data={"key": "moons", "n": 50}, family={"key": "mixture"}, batch_size=20)
    for _ in range(3):
        looker.load(seen.values().numpy())
        looker.truth()
        assert seen.take_step() == alone.take_step()
