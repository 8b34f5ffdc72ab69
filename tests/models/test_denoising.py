"""The denoising objective: weightings, a learnt variance, losses of single points, and what is learnt."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from models.data import DATA
from models.experiment import Experiment
from models.objectives import OBJECTIVES
from models.objectives._noised import Noised
from models.objectives._variance import variance_bound
from models.objectives._weighting import MOST_SNR, WEIGHTINGS
from models.predictions import PREDICTIONS
from models.registry import RecipeError
from models.samplers import SAMPLERS, Field, Keyed
from models.schedules import SCHEDULES, NoiseProcess, Reversal
from models.training.trainer import Diverged, Trainer
from models.training.witness import Witness

NET = {"key": "mlp", "width": 16, "depth": 2, "activation": "silu"}


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def made(family="diffusion", options=None, **parts):
    return Experiment.from_dict(
        {"data": "ring", "architecture": NET, "family": {"key": family, **(options or {})},
         "batch_size": 32, "steps": 50, "seed": 13, **parts}
    )  # fmt: skip


def train(recipe, steps=None):
    trainer = Trainer(recipe)
    for _ in range(steps or recipe.steps):
        trainer.take_step()
    return trainer


def process(schedule="linear", levels=0):
    return NoiseProcess(SCHEDULES[schedule](), levels)


# What the weightings count


@pytest.mark.parametrize("weighting", ["noise", "likelihood", "min_snr"])
@pytest.mark.parametrize("schedule", ["linear", "variance_exploding", "sub_variance_preserving"])
def test_a_weighting_counts_the_same_error_the_same_whatever_is_predicted(weighting, schedule):
    chance = seeded(1)
    clean, noise, missed = (torch.randn(20, 1, generator=chance, dtype=torch.float64) for _ in range(3))
    t = torch.linspace(0.05, 0.95, 20, dtype=torch.float64)[:, None]
    level = process(schedule).at(t)
    u = level.alpha * clean + level.sigma * noise
    believed = (u - level.sigma * missed) / level.alpha  # the data that go with the noise that is believed in
    losses = []
    for prediction in (member() for member in PREDICTIONS):
        error = prediction.target(believed, missed, level) - prediction.target(clean, noise, level)
        losses.append(WEIGHTINGS[weighting](level, prediction) * error.square())
    for loss in losses[1:]:
        assert torch.allclose(loss, losses[0], rtol=1e-6)


@pytest.mark.parametrize("schedule", ["linear", "sub_variance_preserving", "variance_exploding", "cosine"])
def test_half_the_likelihood_weighted_loss_is_the_kl_divergence_of_gaussians(schedule):
    """KL(p₀ ‖ q₀) − KL(p₁ ‖ q₁) for two laws that are noised alike (Song et al. 2021, arXiv:2101.09258, theorem 1)."""
    t = torch.linspace(0, 1, 40_001, dtype=torch.float64)
    level = process(schedule).at(t)
    variances = [c * level.alpha**2 + level.sigma**2 for c in (1.0, 2.0)]
    # The noise believed in is −σ times the score −u/v, and E u² = v of the data.
    apart = level.sigma.square() * (1 / variances[1] - 1 / variances[0]).square() * variances[0]
    loss = WEIGHTINGS["likelihood"](level, PREDICTIONS["noise"]()) * apart
    ends = [kl_divergence(*(Normal(0.0, v[i].sqrt()) for v in variances)) for i in (0, -1)]
    assert float(0.5 * torch.trapezoid(loss, t)) == pytest.approx(float(ends[0] - ends[1]), rel=1e-4)


def test_min_snr_weighs_data_by_gamma_at_most_and_simple_weighs_what_is_predicted():
    level = process().at(torch.linspace(0, 1, 50, dtype=torch.float64))
    of_data = WEIGHTINGS["min_snr"](level, PREDICTIONS["data"]())
    signal = (level.alpha / level.sigma) ** 2
    assert torch.allclose(of_data[signal > MOST_SNR], torch.tensor(MOST_SNR, dtype=torch.float64))
    assert torch.allclose(of_data[signal < MOST_SNR], signal[signal < MOST_SNR])
    assert signal.max() > MOST_SNR > signal.min()
    for prediction in PREDICTIONS:
        assert (WEIGHTINGS["simple"](level, prediction()) == 1).all()


# The gradient, and the loss of single points


@pytest.mark.parametrize("weighting", WEIGHTINGS)
@pytest.mark.parametrize("variance", [False, True])
def test_a_turn_fills_in_the_gradient_that_autograd_finds(weighting, variance):
    recipe = made(options={"learnt_variance": variance}, objective={"key": "denoising", "weighting": weighting})
    game, objective = Trainer(recipe).game, recipe.objective
    batch = game.real()
    fixed = replace(game, real=lambda: batch, chance=seeded(2))
    scalars = objective.generator_turn(fixed)
    network = game.model.network
    by_hand = network.gradient.clone()
    noised = Noised.draw(game.model, game.model.standard(batch), seeded(2))

    def loss():
        answer = network.module(game.model.embed(noised.place, noised.t))
        error = (answer[:, :2] - noised.noise).square()
        whole = (WEIGHTINGS[weighting](noised.level, game.model.prediction) * error).mean()
        bound = variance_bound(game.model, noised, answer).mean() if variance else 0.0
        return whole + objective.variance_weight * bound

    value = network.differentiate(loss)
    assert torch.allclose(by_hand, network.gradient, rtol=1e-3, atol=1e-4 * float(by_hand.abs().max()))
    whole = scalars["denoising_loss"] + objective.variance_weight * scalars.get("variational_bound", 0.0)
    assert whole == pytest.approx(value, rel=1e-4)


def test_each_point_may_get_any_time_and_the_points_together_get_all_of_them():
    model = Trainer(made("score_based")).game.model
    clean, chance = torch.zeros(16, 2), seeded(3)
    t = torch.stack([Noised.draw_mixed(model, clean, chance).t[:, 0] for _ in range(400)])
    assert (t.sort(1).values.diff(dim=1) - 1 / 16).abs().max() < 1e-5
    spread = 1 / math.sqrt(12)
    assert (t.mean(0) - 0.5).abs().max() < 4 * spread / 20
    assert (t.std(0) - spread).abs().max() < 0.03


def test_losses_of_points_are_those_that_training_descends():
    recipe = made(data={"key": "ring", "n": 64})
    trainer = Trainer(recipe)
    game = trainer.game
    drawn = [float(recipe.objective.per_sample_loss(game, game.sample).mean().detach()) for _ in range(200)]
    trained = [recipe.objective.generator_turn(game)["denoising_loss"] for _ in range(400)]
    spread = np.hypot(np.std(drawn) / 200**0.5, np.std(trained) / 400**0.5)
    assert abs(np.mean(drawn) - np.mean(trained)) < 4 * spread


# The learnt variance


def test_the_bound_is_the_divergence_of_a_backward_step_and_leaves_the_mean_alone():
    model = Trainer(made(options={"learnt_variance": True, "levels": 10})).game.model
    noised = Noised.draw(model, torch.randn(40, 2, generator=seeded(4)), seeded(5))
    answer = torch.randn(40, 4, generator=seeded(6), requires_grad=True)
    bound = variance_bound(model, noised, answer)
    (slope,) = torch.autograd.grad(bound.sum(), answer)
    assert (slope[:, :2] == 0).all()
    first = noised.t[:, 0] == 0
    assert (bound[first] == 0).all()
    assert (slope[first] == 0).all()
    assert slope.isfinite().all()
    row = int(torch.nonzero(~first)[3])
    t = float(noised.t[row])
    law = Reversal.between(model.process.at(t), model.process.at(t - 1 / 9))
    place, told = noised.place[row], answer[row].detach()
    level = model.process.at(t)
    guess = (place - level.sigma * told[:2]) / level.alpha
    share = torch.sigmoid(told[2:])
    deviation = law.least ** (0.5 - 0.5 * share) * law.greatest ** (0.5 * share)
    true = Normal(law.place * place + law.data * noised.clean[row], law.least.sqrt())
    said = Normal(law.place * place + law.data * guess, deviation)
    assert float(bound[row].detach()) == pytest.approx(10 * float(kl_divergence(true, said).mean()), rel=1e-3)


class Known(Field):
    """The exact answer for standard normal data, with a variance of one's choice."""

    def __init__(self, process, share):
        self.process, self.share = process, share

    def split(self, u, t):
        level = self.process.at(t)
        return float(level.alpha / level.power) * u, float(level.sigma / level.power) * u

    def spread(self, u, t):
        return None if self.share is None else torch.full_like(u, self.share)


@pytest.mark.parametrize("schedule", ["linear", "variance_exploding"])
def test_ancestral_steps_take_the_variance_that_was_learnt(schedule):
    """With the greatest one three steps keep the variance of normal data; with the least one they lose some."""
    way, z = process(schedule), torch.randn(40_000, 1, generator=seeded(7))
    stds = []
    for share in (None, 0.0, 1.0):
        *_, before, _ = SAMPLERS["ancestral"](steps=3).states(
            Known(way, share), float(way.at(1.0).power.sqrt()) * z, Keyed(z)
        )
        stds.append(float(before.u.std() / way.at(before.time).power.sqrt()))
    assert stds[0] == pytest.approx(stds[1])
    assert stds[0] < 0.9
    assert stds[2] == pytest.approx(1, abs=0.015)


def test_a_variance_is_learnt_between_its_ends_from_the_bound_alone():
    """Normal data need nearly the greatest variance wherever a level is noisy enough to tell; the mean is unharmed."""
    options = {"learnt_variance": True, "levels": 4, "standardised": False}
    recipe = made(
        options=options, data={"key": "gaussian_mixture", "means": [[0.0]], "covariances": [[[1.0]]], "weights": []},
        latent={"key": "gaussian", "dimension": 1}, steps=250, batch_size=256,
        objective={"key": "denoising", "variance_weight": 0.1},
        optimizer={"key": "adam", "lr": 0.01, "schedule": "cosine", "hold": 0.0},
    )  # fmt: skip
    model = train(recipe).game.model
    field, u = model.field(), torch.randn(500, 1, generator=seeded(8))
    learnt = [float(field.spread(u, t).mean()) for t in (1 / 3, 2 / 3)]
    assert min(learnt) > 0.85
    noises = [answered.split(u, 2 / 3)[1] for answered in (field, Known(model.process, None))]
    assert float((noises[0] - noises[1]).abs().mean()) < 0.1
    z = torch.randn(4000, 1, generator=seeded(9))
    stds = [float(replace(model, learns_variance=learns).push(z).std()) for learns in (True, False)]
    assert abs(stds[0] - 1) < abs(stds[1] - 1)


def test_a_step_that_asks_for_mean_and_variance_passes_the_net_once(monkeypatch):
    model = Trainer(made(options={"learnt_variance": True})).game.model
    passes = []
    evaluate = model.network.evaluate
    monkeypatch.setattr(model.network, "evaluate", lambda rows: passes.append(len(rows)) or evaluate(rows))
    field, u = model.field(), torch.randn(5, 2, generator=seeded(10))
    assert field.spread(u, 0.5).shape == field.denoised(u, 0.5).shape == (5, 2)
    assert passes == [5]
    field.denoised(u + 1, 0.5)
    field.denoised(u, 0.4)
    assert passes == [5, 5, 5]
    assert Trainer(made()).game.model.field().spread(u, 0.5) is None


# Whole runs


def test_what_is_learnt_is_the_score_of_gaussian_data():
    data = {"key": "gaussian_mixture", "means": [[1.0, 0.0]], "covariances": [[[1.0, 0.6], [0.6, 1.0]]], "weights": []}
    recipe = made("score_based", {"schedule": "linear", "standardised": False}, data=data, steps=400, batch_size=256,
                  optimizer={"key": "adam", "lr": 0.01, "schedule": "cosine", "hold": 0.0})  # fmt: skip
    model = train(recipe).game.model
    x = DATA.parse(data).draw(400, seeded(11))
    for t in (0.3, 0.5, 0.8):
        level = model.process.at(t)
        u = (level.alpha * x + level.sigma * torch.randn(400, 2, generator=seeded(12))).float()
        law = level.alpha**2 * torch.tensor([[1.0, 0.6], [0.6, 1.0]]) + level.sigma**2 * torch.eye(2)
        exact = -torch.linalg.solve(law.double(), (u.double() - level.alpha * torch.tensor([1.0, 0.0])).T).T
        apart = (model.field().score(u, t).double() - exact).square().mean() / exact.square().mean()
        assert float(apart) < 0.02, t


@pytest.mark.parametrize("family", ["diffusion", "score_based"])
@pytest.mark.parametrize("data", [
    {"key": "gaussian_mixture_1d"}, {"key": "ring", "n": 40}, {"key": "digits"}, {"key": "dirac"},
], ids=lambda data: data["key"])  # fmt: skip
def test_lines_few_points_and_pictures_train(family, data):
    d = DATA.parse(data).dimension
    recipe = made(family, data=data, latent={"key": "gaussian", "dimension": d}, steps=20)
    trainer = train(recipe)
    trainer.inspect()
    x = trainer.game.model.sample(8, seeded(13))
    assert x.shape == (8, d)
    assert x.isfinite().all()


def test_a_rate_that_is_too_large_says_so_and_what_to_try():
    recipe = made(optimizer={"key": "sgd", "lr": 100.0}, objective={"key": "denoising", "weighting": "likelihood"})
    with pytest.raises(Diverged) as caught:
        train(recipe, 50)
    assert "learning rate" in caught.value.advice
    assert "simple weighting" in caught.value.advice


def test_gradients_of_points_are_shown_for_denoising():
    recipe = made(data={"key": "ring", "n": 64})
    witness = Witness(recipe)
    witness.load(train(recipe, 20).values().numpy())
    pictures, missing = witness.observe(["gradient_estimate"])
    assert not missing
    assert pictures["gradient_estimate"]["mean"] == pytest.approx(np.ones(5), abs=0.2)


@pytest.mark.parametrize(("family", "instead"), [("diffusion", "cosine"), ("score_based", "variance_exploding")])
def test_a_schedule_without_noise_somewhere_is_refused_with_one_that_fits(family, instead):
    with pytest.raises(RecipeError, match="without noise") as caught:
        made(family, {"schedule": "straight"})
    (setting,) = caught.value.settings
    assert setting == f"family.schedule.key={instead}"
    assert made(family).with_settings([setting]).family.schedule.key == instead


def test_weightings_offered_are_those_that_there_are():
    assert set(WEIGHTINGS) == set(OBJECTIVES["denoising"].model_fields["weighting"].annotation.__args__)


def test_a_state_is_inspected_by_one_pass_whatever_the_sampler_takes(monkeypatch):
    """A sampler of 1,000 steps took training a second every five."""
    trainer = Trainer(
        Experiment.from_dict({"family": {"key": "diffusion", "sampler": {"key": "euler", "steps": 1000}}})
    )
    model, passes = trainer.game.model, []
    evaluate = model.network.evaluate
    monkeypatch.setattr(model.network, "evaluate", lambda x: passes.append(len(x)) or evaluate(x))
    trainer.inspect()
    assert len(passes) == 1
    model.network.theta[-1] = torch.inf
    assert not model.probe(4, torch.Generator().manual_seed(0)).isfinite().all()
