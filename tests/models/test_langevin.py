"""Langevin dynamics against a posterior that is integrated on a grid."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch
from scipy.stats import norm

from models.experiment import Experiment
from models.registry import RecipeError
from models.training.trainer import Trainer

N, PRIOR = 12, 2.0
MEAN, LOG_STD = 1, 2
"""Places of μ and of log σ in the θ of one Gaussian: its logit comes first."""


def line(**objective: object) -> Experiment:
    """One Gaussian on the line, whose posterior has two dimensions that count."""
    base = {"key": "mixture", "components": 1, "start": "random"}
    return Experiment.from_dict(
        {
            "data": {"key": "gaussian_mixture_1d", "means": [0.7], "stds": [1.3], "weights": [1.0], "n": N},
            "family": {"key": "ensemble", "particles": 200, "base": base},
            "objective": {"key": "langevin", "prior_std": PRIOR, "rate": 0.03, **objective},
            "batch_size": N,
            "steps": 100_000,
            "seed": 11,
        }
    )


@cache
def run(**objective: float) -> tuple[Trainer, np.ndarray, np.ndarray]:
    """A trainer after its run, its particles at many steps, shape (T, M, 3), and their predictive density."""
    trainer = Trainer(line(**objective))
    model, kept, densities = trainer.game.model, [], []
    for step in range(160):
        trainer.take_step()
        if step >= 40 and step % 10 == 0:
            kept.append(model.theta[:-1].detach().numpy().copy())
            densities.append(model.log_prob(places()).exp().numpy())
    return trainer, np.array(kept), np.mean(densities, axis=0)


def places() -> torch.Tensor:
    return torch.linspace(-4, 6, 41)[:, None]


@cache
def posterior(temperature: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """μ and log σ on a grid, shapes (G,) and (H,), and the posterior's mass of each pair, shape (G, H)."""
    data = Trainer(line()).game.sample.numpy()[:, 0]
    mean, log_std = np.linspace(-3, 4, 301), np.linspace(-1.5, 2, 281)
    likelihood = norm.logpdf(data[:, None, None], mean[:, None], np.exp(log_std)).sum(0)
    prior = norm.logpdf(mean, 0, PRIOR)[:, None] + norm.logpdf(log_std, 0, PRIOR)
    log = (likelihood + prior) / temperature
    mass = np.exp(log - log.max())
    return mean, log_std, mass / mass.sum()


def moments(mass: np.ndarray, mean: np.ndarray, log_std: np.ndarray) -> np.ndarray:
    """E[μ], E[log σ], std[μ], std[log σ]."""
    firsts = [(mass.sum(1) * mean).sum(), (mass.sum(0) * log_std).sum()]
    seconds = [(mass.sum(1) * mean**2).sum(), (mass.sum(0) * log_std**2).sum()]
    return np.array([*firsts, *np.sqrt(np.array(seconds) - np.square(firsts))])


def of_particles(kept: np.ndarray) -> np.ndarray:
    flat = kept.reshape(-1, kept.shape[-1])[:, [MEAN, LOG_STD]]
    return np.concatenate([flat.mean(0), flat.std(0)])


def predictive(mean: np.ndarray, log_std: np.ndarray, mass: np.ndarray) -> np.ndarray:
    """∫ p(x | θ) p(θ | D) dθ at the places."""
    x = places().numpy()[:, 0]
    return np.array([(mass * norm.pdf(at, mean[:, None], np.exp(log_std))).sum() for at in x])


def test_particles_have_the_moments_of_the_posterior():
    """The chains' own error is about 0.008 for E[μ] and 0.005 for E[log σ] (spread over times)."""
    _, kept, _ = run()
    mean, log_std, mass = posterior()
    np.testing.assert_allclose(of_particles(kept), moments(mass, mean, log_std), atol=0.03)


def test_predictive_density_is_that_of_the_posterior_on_a_grid():
    mean, log_std, mass = posterior()
    _, _, density = run()
    exact = predictive(mean, log_std, mass)
    np.testing.assert_allclose(density, exact, atol=0.03 * exact.max())


def test_a_cold_posterior_is_its_power():
    _, kept, _ = run(temperature=0.25)
    mean, log_std, mass = posterior(0.25)
    np.testing.assert_allclose(of_particles(kept), moments(mass, mean, log_std), atol=0.02)


def test_without_the_test_a_step_size_leaves_a_bias_that_the_test_removes():
    """Unadjusted, the curvature n/σ² and the step size spread log σ by about a quarter too much."""
    mean, log_std, mass = posterior()
    exact = moments(mass, mean, log_std)[3]
    _, biased, _ = run(metropolis=False)
    _, fair, _ = run()
    assert of_particles(biased)[3] > 1.15 * exact
    assert of_particles(fair)[3] == pytest.approx(exact, rel=0.05)


def test_the_fit_beside_the_particles_has_the_greatest_likelihood():
    trainer, _, _ = run()
    data = trainer.game.sample.numpy()[:, 0]
    fit = trainer.game.model.theta[-1].detach().numpy()
    np.testing.assert_allclose(fit[[MEAN, LOG_STD]], [data.mean(), np.log(data.std())], atol=1e-3)
    scalars = trainer.take_step()
    best = norm.logpdf(data, data.mean(), data.std()).mean()
    assert scalars["log_p_best_fit"] == pytest.approx(best, abs=1e-5)
    assert scalars["log_p_particles"] < best
    assert 0.5 < scalars["acceptance"] <= 1.0


def test_batches_stand_for_the_whole_sample():
    """Halves of the data, counted twice: noisier by their own spread, and still about the same place."""
    trainer = Trainer(line(metropolis=False, full_batch=False, rate=0.005).with_settings(["batch_size=6"]))
    kept = []
    for step in range(150):
        trainer.take_step()
        if step >= 50:
            kept.append(trainer.game.model.theta[:-1].detach().numpy().copy())
    mean, log_std, mass = posterior()
    np.testing.assert_allclose(of_particles(np.array(kept))[:2], moments(mass, mean, log_std)[:2], atol=0.1)


def test_a_falling_step_size():
    """With γ = 1 the last steps are a hundredth as long: the particles hardly move any more."""
    recipe = line(decay=1.0, metropolis=False).with_settings(["steps=80"])
    trainer, moves = Trainer(recipe), []
    for _ in range(80):
        before = trainer.game.model.theta[:-1].detach().clone()
        trainer.take_step()
        moves.append(float((trainer.game.model.theta[:-1].detach() - before).square().mean().sqrt()))
    assert moves[-1] < 0.2 * moves[0]


def test_same_seed_same_particles_also_after_a_break():
    one, other = Trainer(line()), Trainer(line())
    for _ in range(5):
        one.take_step()
    state = one.state()
    for _ in range(5):
        one.take_step()
    other.restore(state)
    for _ in range(5):
        other.take_step()
    assert torch.equal(one.values(), other.values())


def test_the_test_needs_the_whole_sample():
    with pytest.raises(RecipeError, match="metropolis") as refused:
        line(full_batch=False)
    assert refused.value.settings == ("objective.metropolis=false",)
    assert line().with_settings(["objective.metropolis=false", "objective.full_batch=false"])
