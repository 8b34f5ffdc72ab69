"""The picture of two classifiers, and what there has to be for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from models.experiment import Experiment
from models.families._class_bounds import ClassBounds, variational
from models.families._denoising import DenoisingModel
from models.measures._softmax import SoftmaxClassifier, accuracy
from models.observations import _class_posteriors, bayes_rule
from models.training.setting import build_model
from models.training.trainer import Trainer
from models.training.witness import Witness

NET = {"key": "mlp", "width": 32, "depth": 1}
FAMILY = {"key": "variational_autoencoder", "conditional": True, "untold": 0.0, "encoder": NET}


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


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


MATCHED = {"family": {"key": "flow_matching", "conditional": True}}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "told nothing": ({"family": {**FAMILY, "conditional": False}, "objective": "variational_bound"}, "told no classes"),
    "no density": ({"family": {"key": "pushforward", "conditional": True}}, "has no density p(x|y)"),
    "another source": ({**MATCHED, "latent": {"key": "uniform", "dimension": 2}}, "errors about normal noise"),
    "joined noise": (
        {**MATCHED, "objective": {"key": "conditional_flow_matching", "coupling": {"key": "optimal_transport"}}},
        "noise that belongs to each datum",
    ),
    "reflow": ({"family": {**MATCHED["family"], "reflows": 1}}, "noise that belongs to each datum"),
}  # fmt: skip


@pytest.mark.parametrize(("parts", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_missing_is_said(parts, reason):
    assert reason in Witness(recipe(**parts), points=20).observe(["bayes_rule"])[1]["bayes_rule"]


def test_a_flow_answers_by_its_exact_density(monkeypatch):
    monkeypatch.setattr(bayes_rule._Course, "advance", lambda course, seconds: 1.0)
    looker = Witness(recipe(family={"key": "coupling_flow", "conditional": True, "width": 8, "count": 2}), points=20)
    found = looker.observe(["bayes_rule"])[0]["bayes_rule"]
    x, y = looker.experiment.data.told_held_out_sample(200, seeded(4))
    model = looker.game.model
    each = torch.stack([model.log_prob_given(x, torch.full((200,), c)) for c in range(4)], 1)
    assert (int(found["law"]), int(found["pairs"]), int(found["n"])) == (0, 0, 200)
    assert np.array_equal(found["bayes"].argmax(1), _table(each, y).argmax(1))
    assert np.array_equal(found["bayes"], _table(each, y))


def _table(log_posterior: Tensor, y: Tensor) -> np.ndarray:
    table = np.zeros((4, 4), np.int64)
    np.add.at(table, (y.numpy(), log_posterior.argmax(1).numpy()), 1)
    return table


def test_a_denoising_model_asks_about_ever_more_pairs(monkeypatch):
    monkeypatch.setattr(bayes_rule._Course, "advance", lambda course, seconds: 1.0)
    monkeypatch.setattr(_class_posteriors, "PAIRS", 3)
    monkeypatch.setattr(_class_posteriors, "WORK", 0)  # the fewest samples at a time
    family = {"key": "diffusion", "conditional": True, "sampler": {"key": "ancestral", "steps": 3}}
    looker = Witness(recipe(family=family), points=20)
    looker.load(Trainer(looker.experiment).values().numpy())
    monkeypatch.setattr(bayes_rule, "SECONDS", 0.0)
    seen = [looker.observe(["bayes_rule"])[0]["bayes_rule"]]
    while looker.unsettled:
        seen.append(looker.observe(["bayes_rule"])[0]["bayes_rule"])
    assert [(int(one["pairs"]), int(one["n"])) for one in seen[:7]] == [
        (1, 20), (2, 20), (3, 20), (3, 20), (3, 20), (3, 40), (3, 40),
    ]  # fmt: skip
    assert (len(seen), int(seen[-1]["n"]), int(seen[-1]["bayes"].sum())) == (30, 200, 200)
    assert 0 <= seen[-1]["loss"] <= 1
    looker.load(Trainer(looker.experiment).values().numpy())
    assert int(looker.observe(["bayes_rule"])[0]["bayes_rule"]["pairs"]) == 1  # of other weights nothing is known


MEANS = torch.tensor([[-1.0, 0.5], [0.8, 0.0], [0.3, -1.2], [0.0, 0.0]])


class BestNet:
    """E[F | u_t, c] of classes N(m_c, s² I), as what a trained net would give."""

    def __init__(self, model: DenoisingModel, std: float) -> None:
        self.model, self.variance = model, std**2

    def evaluate(self, rows: Tensor) -> Tensor:
        """From place, time and class as they stand in a row."""
        level = self.model.process.at((rows[:, 2:3] + 1) / 2)
        place, mean = rows[:, :2] * level.power.sqrt(), MEANS[rows[:, -4:].argmax(1)]
        noise = level.sigma * (place - level.alpha * mean) / (level.alpha.square() * self.variance + level.sigma**2)
        return self.model.prediction.target((place - level.sigma * noise) / level.alpha, noise, level)


@pytest.mark.parametrize(
    "family",
    [{"key": "flow_matching"}, {"key": "diffusion", "levels": 1000, "prediction": "v"}, {"key": "score_based"}],
    ids=lambda family: family["key"],
)
def test_the_bound_of_the_best_net_is_bayes_rule(family, monkeypatch):
    """Differences of the errors are log ratios of densities: of round Gaussian classes, a closed form."""
    made = recipe(family={**family, "conditional": True, "place_features": 0, "time_features": 0})
    model = build_model(made, seeded(0))
    assert isinstance(model, DenoisingModel)
    monkeypatch.setattr(model, "network", BestNet(model, 0.7))
    v = 0.7 * torch.randn(40, 2, generator=seeded(1)) + MEANS[torch.arange(40) % 4]
    found = ClassBounds(model, v, (variational(model),))
    for _ in range(400):
        found.add()
    exact = -(v[:, None] - MEANS).square().sum(2) / (2 * 0.49)
    truth, guessed = exact.log_softmax(1).exp(), found.log_posterior(0).exp()
    assert float((guessed - truth).abs().mean()) < 0.02
    assert float((guessed.argmax(1) == truth.argmax(1)).float().mean()) > 0.9


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
