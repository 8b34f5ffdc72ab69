"""What is measured of slow models is gathered a few at a time, whatever is looked at in between."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models.experiment import Experiment
from models.measures import _features
from models.training.witness import Witness

SLOW = {
    "data": {"key": "digits", "held_out": 0.2},
    "latent": {"key": "gaussian", "dimension": 64},
    "family": {"key": "flow_matching", "sampler": {"key": "euler", "steps": 3}},
    "architecture": {"key": "mlp", "width": 8, "depth": 1},
    "objective": "conditional_flow_matching",
}


@pytest.fixture
def slow(monkeypatch):
    """A witness of a model that shows 64 pictures a look and is measured on 150."""
    monkeypatch.setattr(_features, "LEARNT_FROM", 200)
    monkeypatch.setattr("models.training._gauge.LEAST_GATHERED", 150)
    monkeypatch.setattr("models.training._gauge.GATHERED", 0)
    monkeypatch.setattr("models.families._denoising.WORK", 0)
    monkeypatch.setattr("models.families._denoising.EVALUATIONS", 0)
    monkeypatch.setattr("models.families._denoising.SHEET", 64)
    monkeypatch.setattr("models.families._denoising.LEAST_POINTS", 64)
    return Witness(Experiment.from_dict(SLOW))


def weights(witness, seed):
    count = len(witness.game.model.network.values)
    return np.random.default_rng(seed).normal(0, 0.3, count).astype(np.float32)


def test_samples_are_gathered_over_several_looks_while_other_weights_are_shown(slow):
    one, other = weights(slow, 1), weights(slow, 2)
    slow.load(one)
    whole = slow.measure()
    assert (slow.gathers, slow.sample_size) == (True, 150)
    slow.load(other)
    assert slow.measure() != whole
    looks = 0
    slow.load(one)
    while not slow.gather():
        looks += 1
        slow.load(other)
        slow.observe(["images"])
        slow.load(one)
    assert looks == 2
    assert slow.measure() == whole
    assert len(slow.diagnose(1)["mass"]) == 10


def test_measures_of_features_come_once_they_are_learnt_and_have_floors(slow):
    slow.load(weights(slow, 1))
    before = slow.measure()
    assert slow.prepare(math.inf)
    after = slow.measure()
    assert {"frechet_features", "kernel_features", "precision", "coverage"} <= set(after) - set(before)
    assert "memorisation" in before
    floors, titles, _ = slow.floors()
    assert set(floors) == set(titles) == {measure.key for measure in slow.live_measures()}
    assert floors["frechet_features"][2] < after["frechet_features"]


def test_bits_of_a_variational_autoencoder_of_levels_are_its_bound(monkeypatch):
    monkeypatch.setattr("models.training._gauge.MEASURED", 400)
    recipe = {
        "data": {"key": "digits", "held_out": 0.2},
        "latent": {"key": "gaussian", "dimension": 4},
        "family": {"key": "variational_autoencoder", "likelihood": "categorical"},
        "architecture": {"key": "mlp", "width": 8, "depth": 1},
        "objective": "variational_bound",
    }
    witness = Witness(Experiment.from_dict(recipe))
    bits, bound = witness.measure()["bits_per_dimension"], witness.truth()["elbo"]
    assert bits == pytest.approx(-bound / (64 * math.log(2)), rel=0.02)
    assert bits == pytest.approx(math.log2(17), rel=0.3)  # nothing is learnt: nearly as many as of equal chances
