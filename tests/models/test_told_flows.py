"""Flows that are told c: exact laws of each class, their mixture, and Bayes' rule in closed form."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from torch.distributions import MultivariateNormal
from zuko.nn import MaskedLinear

from models.experiment import Experiment
from models.families import FAMILIES
from models.families._bayes import class_log_posterior
from models.families._flow import Flow, FlowModel, FlowModule
from models.registry import RecipeError
from models.training.setting import build_model
from models.training.trainer import Trainer
from models.training.witness import Witness

FLOWS = [family.key for family in FAMILIES if issubclass(family, Flow)]
SMALL = {"width": 16, "depth": 1, "count": 2, "bins": 6, "tolerance": 1e-5}
RING = {"key": "ring", "modes": 3, "weights": [1.0, 2.0, 3.0], "std": 0.4}


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def told(key: str, data: Any = None, options: Any = None, d: int = 2, **parts: Any) -> Experiment:
    small = {name: value for name, value in SMALL.items() if name in FAMILIES[key].model_fields}
    family = {"key": key, "conditional": True, **small, **(options or {})}
    recipe = {"data": data or RING, "latent": {"key": "gaussian", "dimension": d}, "batch_size": 64, "seed": 11}
    return Experiment.from_dict({**recipe, "family": family, **parts})


def built(made: Experiment) -> FlowModel:
    model = build_model(made, seeded(0))
    assert isinstance(model, FlowModel)
    model.start(made.data.draw(500, seeded(1)), seeded(2))
    return model


@pytest.mark.parametrize("key", FLOWS)
def test_each_class_has_a_density_of_its_own_and_all_together_their_mixture(key):
    model = built(told(key))
    axis = torch.linspace(-11, 11, 110)
    points = torch.cartesian_prod(axis, axis)
    cell = float(axis[1] - axis[0]) ** 2
    each = torch.stack([model.log_prob_given(points, torch.full((len(points),), c)) for c in range(3)])
    assert (each.exp().sum(1) * cell).numpy() == pytest.approx(1.0, abs=0.02)
    assert float((each[0] - each[1]).abs().max()) > 0.1
    mixed = (each.T + (torch.tensor([1.0, 2.0, 3.0]) / 6).log()).logsumexp(1)
    assert torch.allclose(model.log_prob(points).exp(), mixed.exp(), atol=3e-4)
    z, c = model.latent.draw(60, seeded(3)), torch.arange(60) % 3
    x = model.push_given(z, c)
    assert (model.latent_dimension, model.latent.dimension) == (2, 3)
    assert torch.allclose(model.push(model.of_class(z, 1))[c == 1], x[c == 1], atol=1e-5)
    u = model.inward(x)
    module = model.network.module
    assert isinstance(module, FlowModule)
    back = module.inverse(torch.cat([u, torch.eye(3)[c]], 1))[0]
    assert torch.allclose(back, z[:, :2], atol=5e-3)


@pytest.mark.parametrize("key", ["autoregressive_flow", "spline_flow"])
def test_on_a_line_a_class_is_enough_to_steer(key):
    model = built(told(key, "gaussian_mixture_1d", d=1))
    axis = torch.linspace(-15, 15, 4000)[:, None]
    for c in range(2):
        mass = model.log_prob_given(axis, torch.full((4000,), c)).exp().sum() * 30 / 3999
        assert float(mass) == pytest.approx(1.0, abs=0.01)


def test_a_shift_and_scale_for_each_class_learns_what_discriminant_analysis_works_out():
    """One transform without hidden layers on a line is a Gaussian for each class, and its likeliest one is known."""
    made = told(
        "autoregressive_flow", {"key": "gaussian_mixture_1d", "n": 300}, {"depth": 0, "count": 1}, d=1,
        objective={"key": "maximum_likelihood", "full_batch": True}, optimizer={"key": "adam", "lr": 0.03}, steps=400,
    )  # fmt: skip
    trainer = Trainer(made)
    while trainer.step < 400:
        trainer.take_step()
    model, game = trainer.game.model, trainer.game
    assert game.sample is not None
    assert game.labels is not None
    shares = model.condition.shares
    judge = QuadraticDiscriminantAnalysis(priors=shares.numpy()).fit(game.sample.numpy(), game.labels.numpy())
    # The judge divides by n − 1 where likelihood divides by n: as wide as the sample has them.
    places = torch.linspace(-4, 4, 81)[:, None]
    found = class_log_posterior(model.log_prob_given, shares, places).exp()
    assert found.numpy() == pytest.approx(judge.predict_proba(places.numpy()), abs=0.02)


def test_of_linear_gaussian_classes_bayes_rule_is_exact():
    """x₁ = m + s z₁, x₂ = a + b x₁ + r z₂ with numbers of each class is one Gaussian a class."""
    made = told("autoregressive_flow", options={"depth": 0, "count": 1, "standardised": False})
    model = built(made)
    (linear,) = [part for part in model.network.module.modules() if isinstance(part, MaskedLinear)]
    means, slope = torch.randn(3, 2, generator=seeded(5)), 0.8
    weight, bias = linear.weight.data, linear.bias.data
    weight.zero_()
    bias.zero_()
    # Rows are shift and log scale of each coordinate; columns x₁, x₂ and the three classes.
    for i in range(2):
        weight[2 * i, 2:] = -means[:, i]
    weight[2, 0] = -slope
    x = made.data.draw(50, seeded(6))
    # x₁ = m₁ + z₁ and x₂ = m₂ + .8 x₁ + z₂
    cover = torch.tensor([[1.0, slope], [slope, 1 + slope**2]])
    laws = [MultivariateNormal(torch.stack([m[0], m[1] + slope * m[0]]), cover) for m in means]
    parts = torch.stack([law.log_prob(x) for law in laws], 1)
    for c in range(3):
        assert torch.allclose(model.log_prob_given(x, torch.full((50,), c)), parts[:, c], atol=1e-4)
    weighted = parts + model.condition.shares.log()
    assert torch.allclose(model.log_prob(x), weighted.logsumexp(1), atol=1e-4)
    found = class_log_posterior(model.log_prob_given, model.condition.shares, x)
    assert torch.allclose(found, weighted.log_softmax(1), atol=1e-4)
    drawn = model.push_given(torch.randn(20_000, 2, generator=seeded(7)), torch.full((20_000,), 1))
    assert torch.allclose(torch.cov(drawn.T), cover, atol=0.06)


def test_what_is_withheld_is_learnt_as_a_law_of_its_own(monkeypatch):
    made = told("coupling_flow", options={"untold": 0.5}, batch_size=512, optimizer={"key": "adam", "lr": 0.01})
    trainer = Trainer(made)
    model, asked = trainer.game.model, []
    assert isinstance(model, FlowModel)
    given = model.log_density_given
    monkeypatch.setattr(model, "log_density_given", lambda u, c: asked.append(c) or given(u, c))
    trainer.take_step()
    assert float((asked[0] < 0).float().mean()) == pytest.approx(0.5, abs=0.08)
    assert not model.is_mixed
    x = made.data.draw(20, seeded(1))
    assert torch.equal(model.log_prob(x), model.log_prob_given(x, torch.full((20,), -1)))
    trainer.adopt(trainer.experiment.with_settings(["family.untold=0.0"]))
    assert model.is_mixed


@pytest.mark.parametrize("objective", ["adversarial", "kernel"])
def test_flows_that_are_told_classes_learn_from_samples_too(objective):
    critic = {"critic": {"key": "mlp", "width": 8, "depth": 1}} if objective == "adversarial" else {}
    divergence = "jensen_shannon" if critic else "mmd"
    made = told("coupling_flow", objective={"key": objective, **critic}, divergence=divergence)
    trainer = Trainer(made)
    before = trainer.game.model.network.theta.clone()
    assert all(math.isfinite(value) for value in trainer.take_step().values())
    assert (trainer.game.model.network.theta - before).abs().max() > 1e-4


def test_measures_and_pictures_of_a_told_flow_are_of_the_mixture():
    looker = Witness(told("coupling_flow"), points=400)
    model = looker.game.model
    seen, missing = looker.observe(["density", "latent_warp", "jacobian", "samples", "encoded"])
    assert not missing
    assert seen["density"]["q"].shape == (74, 74)  # a third as many places for three laws
    held = looker.experiment.data.held_out_sample(2_000, seeded(2))
    assert held is not None
    assert model.density_points == 666
    expected = float(model.log_prob(held[:666]).double().mean())
    assert looker.truth()["held_out"] == pytest.approx(expected, abs=1e-4)
    assert looker.measure()["log_likelihood"] < expected + 1
    x = held[:40]
    told_class = class_log_posterior(model.log_prob_given, model.condition.shares, x).argmax(1)
    assert torch.allclose(model.push_given(model.encode(x), told_class), x, atol=1e-3)


WORDS = {"key": "shapes", "resolution": 8, "forms": 2, "colours": 2, "places": "centre"}
REFUSED: dict[str, tuple[Any, str, str]] = {
    "nothing to tell": ({"data": "segment"}, "has no classes to be told", "family.conditional"),
    "a density tells none": (
        {"data": RING, "objective": "known_density", "divergence": "kl_reverse"}, "tells no classes",
        "family.conditional",
    ),
    "all captions told": ({"data": WORDS, "d": 192}, "captions", "family.untold"),
}  # fmt: skip


@pytest.mark.parametrize(("parts", "said", "path"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_go_with_being_told_is_refused(parts, said, path):
    with pytest.raises(RecipeError, match=said) as caught:
        told("coupling_flow", **parts)
    assert caught.value.path == path
    assert caught.value.settings


def test_a_posterior_of_flows_is_of_those_that_are_told_nothing():
    base = {"key": "coupling_flow", "conditional": True}
    parts = {"family": {"key": "ensemble", "base": base}, "objective": "langevin", "data": {**RING, "n": 30}}
    with pytest.raises(RecipeError, match="told no classes") as caught:
        Experiment.from_dict({**parts, "batch_size": 30})
    assert caught.value.path == "family.base.conditional"
