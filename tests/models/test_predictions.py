"""Whatever a net predicts, the same data, noise and score follow from its best answer."""

from __future__ import annotations

import pytest
import torch

from models.predictions import PREDICTIONS
from models.schedules import SCHEDULES, NoiseProcess

SCORED = [schedule.key for schedule in SCHEDULES if "score" in schedule.capabilities]
EVERY = pytest.mark.parametrize("prediction", [member() for member in PREDICTIONS], ids=PREDICTIONS.keys())
BOTH = pytest.mark.parametrize("schedule", SCORED)

MEAN = torch.tensor([0.7, -0.4], dtype=torch.float64)
COVARIANCE = torch.tensor([[0.5, 0.3], [0.3, 1.2]], dtype=torch.float64)
EYE = torch.eye(2, dtype=torch.float64)


def levels(schedule):
    process = NoiseProcess(SCHEDULES[schedule]())
    return [process.at(t) for t in (0.0, 0.1, 0.5, 0.9, 1.0)]


def pairs(n=50):
    chance = torch.Generator().manual_seed(1)
    return [torch.randn(n, 2, generator=chance, dtype=torch.float64) for _ in range(2)]


@EVERY
@BOTH
def test_the_target_splits_into_the_data_and_noise_that_it_was_made_of(prediction, schedule):
    clean, noise = pairs()
    for level in levels(schedule):
        u = level.alpha * clean + level.sigma * noise
        found = prediction.split(prediction.target(clean, noise, level), u, level)
        size = 1 + float(1 / level.alpha + 1 / level.sigma)
        assert torch.allclose(found[0], clean, atol=1e-12 * size)
        assert torch.allclose(found[1], noise, atol=1e-12 * size)


@EVERY
@BOTH
def test_every_best_answer_has_the_same_score_and_denoised_value(prediction, schedule):
    """Of Gaussian data, from the regression of the target on u_t, against the law of u_t in closed form."""
    u = pairs()[0]
    for level in levels(schedule):
        of_data = prediction.target(EYE, 0 * EYE, level)[0, 0]  # what u₀ and ε are multiplied by in the target
        of_noise = prediction.target(0 * EYE, EYE, level)[0, 0]
        law = level.alpha**2 * COVARIANCE + level.sigma**2 * EYE
        off = torch.linalg.solve(law, (u - level.alpha * MEAN).T).T
        with_u = of_data * level.alpha * COVARIANCE + of_noise * level.sigma * EYE
        answer = of_data * MEAN + off @ with_u
        clean, noise = prediction.split(answer, u, level)
        assert torch.allclose(noise / -level.sigma, -off, rtol=1e-6, atol=1e-9 * float(1 / level.sigma**2))
        # Tweedie: E[u₀|u] = (u + σ² ∇ log p_t(u)) / α
        assert torch.allclose(clean, (u - level.sigma**2 * off) / level.alpha, rtol=1e-6, atol=1e-8)


@EVERY
@BOTH
def test_the_noise_moves_with_the_answer_as_declared(prediction, schedule):
    u, output = pairs()
    for level in levels(schedule):
        slope = (prediction.split(output + 1, u, level)[1] - prediction.split(output, u, level)[1]).mean()
        assert float(slope) == pytest.approx(float(prediction.noise_slope(level)), rel=1e-6)


@BOTH
def test_what_edm_asks_for_has_variance_one_at_every_level_and_owes_nothing_to_the_place(schedule):
    prediction = PREDICTIONS["preconditioned"]()
    for level in levels(schedule):
        of_data = prediction.target(EYE, 0 * EYE, level)[0, 0]
        of_noise = prediction.target(0 * EYE, EYE, level)[0, 0]
        assert float(of_data**2 + of_noise**2) == pytest.approx(1)
        assert float(of_data * level.alpha + of_noise * level.sigma) == pytest.approx(0, abs=1e-9)  # Cov(F, u_t)


@pytest.mark.parametrize("schedule", ["linear", "cosine", "sigmoid"])
def test_v_is_the_velocity_by_the_angle_and_edm_the_opposite(schedule):
    clean, noise = pairs()
    for level in levels(schedule):
        turned = torch.atan2(level.sigma, level.alpha) + torch.tensor([-1e-5, 1e-5], dtype=torch.float64)
        before, after = (angle.cos() * clean + angle.sin() * noise for angle in turned)
        v = PREDICTIONS["v"]().target(clean, noise, level)
        assert torch.allclose(v, (after - before) / 2e-5, atol=1e-8)
        assert torch.allclose(PREDICTIONS["preconditioned"]().target(clean, noise, level), -v)
