"""The picture of two classifiers, and what there has to be for it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.experiment import Experiment
from models.measures._softmax import SoftmaxClassifier, accuracy
from models.observations import bayes_rule
from models.training.trainer import Trainer
from models.training.witness import Witness

NET = {"key": "mlp", "width": 32, "depth": 1}
FAMILY = {"key": "variational_autoencoder", "conditional": True, "untold": 0.0, "encoder": NET}


def recipe(**parts) -> Experiment:
    data = {"key": "ring", "modes": 4, "std": 0.2, "n": 200}
    parts = {"data": data, "architecture": NET, "family": FAMILY, **parts}
    return Experiment.from_dict({"batch_size": 32, "steps": 200, "seed": 14, **parts})


def test_both_classifiers_learn_to_tell_separate_gaussians(monkeypatch):
    monkeypatch.setattr(bayes_rule, "STEPS", 150)
    monkeypatch.setattr(bayes_rule, "SECONDS", 0.01)
    trainer = Trainer(recipe(objective={"key": "semi_supervised", "known": 20}))
    while trainer.step < 200:
        trainer.take_step()
    looker = Witness(trainer.experiment, points=50)
    looker.load(trainer.values().numpy())
    first = looker.observe(["bayes_rule"])[0]["bayes_rule"]
    assert looker.unsettled
    assert 0 < first["share"] < 1
    assert not first["softmax"].any()
    while looker.unsettled:
        found = looker.observe(["bayes_rule"])[0]["bayes_rule"]
    assert np.array_equal(found["bayes"], first["bayes"])
    assert (int(found["n"]), int(found["known"])) == (200, 20)
    for key in ("bayes", "softmax"):
        assert found[key].sum() == 200
        assert np.trace(found[key]) > 190


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"family": {**FAMILY, "conditional": False}, "objective": "variational_bound"}, "was told no classes"),
        ({"family": {"key": "diffusion", "conditional": True}, "objective": "denoising"}, "too slowly"),
    ],
)
def test_what_is_missing_is_said(parts, reason):
    assert reason in Witness(recipe(**parts), points=20).observe(["bayes_rule"])[1]["bayes_rule"]


def test_without_held_out_samples_it_says_so(tmp_path):
    path = tmp_path / "told.csv"
    path.write_text("x,y,kind\n" + "\n".join(f"{i},{i * i % 7},{'ab'[i % 2]}" for i in range(40)))
    table = {"key": "table", "path": str(path), "label": "kind"}
    for held_out, reason in ((0.0, "held out: raise data.held_out"), (0.5, "")):
        looker = Witness(recipe(data={**table, "held_out": held_out}, objective="variational_bound", batch_size=8))
        assert reason in looker.observe(["bayes_rule"])[1].get("bayes_rule", "")


def test_softmax_of_two_gaussians_is_the_logistic_law_of_their_log_ratio():
    chance = torch.Generator().manual_seed(15)
    y = torch.randint(2, (4000,), generator=chance)
    x = torch.randn(4000, 1, generator=chance) + 2.0 * y[:, None] - 1
    architecture = recipe().architecture
    made = SoftmaxClassifier(architecture, 1, 2, chance)
    losses = list(made.train(x, y, 600))
    places = torch.linspace(-2, 2, 9)[:, None]
    truth = torch.sigmoid(2 * places[:, 0])  # log N(x; 1, 1) − log N(x; −1, 1) = 2x
    assert torch.allclose(made.log_posterior(places)[:, 1].exp(), truth, atol=0.06)
    assert np.mean(losses[-50:]) < np.mean(losses[:50])
    assert accuracy(made.log_posterior(x), y) == pytest.approx(float(torch.special.ndtr(torch.tensor(1.0))), abs=0.02)
