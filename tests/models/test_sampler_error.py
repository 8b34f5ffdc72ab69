"""The split of a denoising model's error: by the sampler, by what was not learnt, and at which times."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.experiment import Experiment
from models.families._denoising import DenoisingModel
from models.observations import sampler_error
from models.observations._exact_field import exact_field
from models.training.trainer import Trainer
from models.training.witness import Witness

KEY = "sampler_error"
SMALL = {"key": "mlp", "width": 32, "depth": 2}


def recipe(family="diffusion", data="gaussian_mixture", sampler=None, **more):
    parts = {"key": family} | ({"sampler": sampler} if sampler else {})
    return Experiment.from_dict({"data": data, "family": parts, "architecture": SMALL, "steps": 400, **more})


def seen(witness):
    pictures, missing = witness.observe([KEY])
    assert not missing
    return pictures[KEY]


@pytest.fixture(autouse=True)
def _quickly(monkeypatch):
    """With fewer points of the data to compare with."""
    monkeypatch.setattr(sampler_error, "FRESH", 4_000)
    monkeypatch.setattr(sampler_error, "FLOORS", 5)


@pytest.fixture(scope="module")
def trained():
    run = Trainer(recipe())
    start = run.values().numpy().copy()
    while run.step < 400:
        run.take_step()
    return start, run.values().numpy().copy()


def test_learning_brings_the_model_nearer_and_leaves_what_does_not_depend_on_it(trained):
    witness = Witness(recipe())
    found = []
    for weights in trained:
        witness.load(weights)
        found.append(seen(witness))
    before, after = found
    assert float(after["model"]) < 0.1 * float(before["model"])
    assert after["learning"].mean() < 0.3 * before["learning"].mean()
    for key in ("exact", "floor", "floor_low", "floor_high", "unknown"):
        assert np.array_equal(before[key], after[key])
    assert after["floor_low"] < after["floor"] < after["floor_high"]
    assert np.isnan(after["memorised"])
    assert int(after["points"]) == 2000


def test_what_stays_is_worked_out_once_for_each_sampler(trained, monkeypatch):
    witness, runs = Witness(recipe()), []
    carried = sampler_error._run
    monkeypatch.setattr(sampler_error, "_run", lambda *given: runs.append(1) or carried(*given))
    for weights in (trained[1], trained[1] * np.float32(1.0)):
        witness.load(weights)
        seen(witness)
    first, once = seen(witness), len(runs)
    witness.adopt(recipe(sampler={"key": "ancestral", "steps": 3}))
    witness.load(trained[1])
    few = seen(witness)
    assert len(runs) > once
    again = len(runs)
    seen(witness)
    assert len(runs) == again
    assert once <= 2  # one for the exact field, one for a training sample that is not there
    assert float(few["exact"]) > 2 * float(first["exact"])  # three steps are too few, whatever the field
    assert float(few["floor_high"]) < float(few["exact"])
    assert int(few["passes"]) == 3


def test_a_perfect_net_has_learnt_everything(monkeypatch):
    experiment = recipe("flow_matching", sampler={"key": "euler", "steps": 100})
    run = Trainer(experiment)
    monkeypatch.setattr(DenoisingModel, "field", lambda model, labels=None: exact_field(model, experiment.data))
    witness = Witness(experiment)
    witness.load(run.values().numpy())
    arrays = seen(witness)
    assert float(np.abs(arrays["learning"]).max()) < 1e-10
    assert float(arrays["model"]) == pytest.approx(float(arrays["exact"]), rel=1e-5)
    assert float(arrays["exact"]) < 1.5 * float(arrays["floor_high"])
    assert int(arrays["velocity"]) == 1


def test_the_loss_is_what_was_not_learnt_and_what_cannot_be_known(trained):
    """E‖ε_θ − ε‖² = E‖ε_θ − ε*‖² + E‖ε* − ε‖², for the exact answer is a mean."""
    witness = Witness(recipe())
    witness.load(trained[1])
    arrays, model, data = seen(witness), witness.game.model, witness.experiment.data
    chance = torch.Generator().manual_seed(5)
    for index in (4, 12, 20):
        clean = model.into_process(data.draw(20_000, chance))
        noise, level = torch.randn(clean.shape, generator=chance), model.process.at(float(arrays["time"][index]))
        said = model.field().split(
            float(level.alpha) * clean + float(level.sigma) * noise, float(arrays["time"][index])
        )[1]
        loss = float((said - noise).square().mean())
        assert float(arrays["learning"][index] + arrays["unknown"][index]) == pytest.approx(loss, rel=0.25)


def test_a_training_sample_learnt_by_heart_stands_beside_the_exact_law():
    run = Trainer(recipe(data={"key": "moons", "n": 60}, batch_size=60))
    witness = Witness(run.experiment)
    witness.load(run.values().numpy())
    arrays = seen(witness)
    assert int(arrays["by_heart"]) == 0
    assert float(arrays["memorised"]) > float(arrays["floor_high"])  # 60 points are not the moons
    table = Witness(recipe(data={"key": "checkerboard", "n": 60}, batch_size=60))
    alone = seen(table)
    assert int(alone["by_heart"]) == 1
    assert np.isnan(alone["exact"])
    assert np.isfinite(alone["memorised"])


def test_it_says_why_it_cannot_be_seen():
    def said(experiment):
        return Witness(experiment).observe([KEY])[1].get(KEY, "")

    assert "closed form" in said(recipe(data="checkerboard"))
    assert "no way from noise" in said(Experiment.from_dict({}))
