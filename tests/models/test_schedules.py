"""Schedules against finite differences, quadrature, chains of small steps and published numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from models.schedules import SCHEDULES, NoiseProcess, Reversal
from models.schedules.cosine import Cosine
from models.schedules.karras import Karras
from models.schedules.linear import Linear
from models.schedules.sigmoid import Sigmoid
from models.schedules.sub_variance_preserving import SubVariancePreserving
from models.schedules.variance_exploding import VarianceExploding

OTHERS = {
    "cosine": {"offset": 0.03},
    "karras": {"least": 0.02, "most": 80.0, "curvature": 3.0},
    "linear": {"first": 1.0, "last": 9.0},
    "sigmoid": {"temperature": 0.4},
    "sub_variance_preserving": {"first": 1.0, "last": 9.0},
    "variance_exploding": {"least": 0.1, "most": 50.0},
}
"""Options with which some are tried besides their defaults."""

MADE = [*(kind() for kind in SCHEDULES), *(SCHEDULES[key](**other) for key, other in OTHERS.items())]
SCORED = [schedule for schedule in MADE if "score" in schedule.capabilities]
ALL = pytest.mark.parametrize("schedule", MADE, ids=str)
NOISY = pytest.mark.parametrize("schedule", SCORED, ids=str)


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def inside(schedule, n=101, margin=1e-3):
    """Places in the schedule's span, not too near its ends, double precision."""
    first, last = schedule.span
    return torch.linspace(first + margin, last - margin, n, dtype=torch.float64)


@ALL
def test_the_slopes_are_those_of_alpha_and_sigma(schedule):
    s, h = inside(schedule), 1e-5
    level, before, after = schedule.level(s), schedule.level(s - h), schedule.level(s + h)
    for name in ("alpha", "sigma"):
        difference = (getattr(after, name) - getattr(before, name)) / (2 * h)
        slope = getattr(level, f"{name}_slope")
        assert torch.allclose(slope, difference, rtol=1e-4, atol=1e-6), name


@ALL
def test_data_fade_and_noise_grows(schedule):
    level = schedule.level(torch.linspace(*schedule.span, 200, dtype=torch.float64))
    assert (level.alpha.diff() <= 0).all()
    assert (level.sigma.diff() > 0).all()
    assert level.alpha[0] > 0.98
    assert level.sigma[-1] / level.alpha[-1].clamp_min(1e-9) > 7


@NOISY
def test_there_is_data_and_noise_at_every_level_and_numbers_are_exact_enough(schedule):
    s = torch.linspace(*schedule.span, 300, dtype=torch.float64)
    exact, level = schedule.level(s), schedule.level(s.float())
    for name in ("alpha", "sigma", "alpha_slope", "sigma_slope"):
        assert getattr(level, name).dtype == torch.float32
        assert torch.allclose(getattr(level, name).double(), getattr(exact, name), rtol=2e-3, atol=1e-6), name
    assert (exact.alpha > 0).all()
    assert (exact.sigma > 0).all()


@NOISY
def test_the_forward_equation_has_the_moments_of_noised_data(schedule):
    """dm/ds = f m and dv/ds = 2 f v + g², from the law at one time, give those at all later ones."""
    s = inside(schedule, 6, 0.05)

    def slope(time, moments):
        level = schedule.level(torch.tensor(time, dtype=torch.float64))
        f, squared = float(level.drift), float(level.diffusion)
        return [f * moments[0], 2 * f * moments[1] + squared]

    level = schedule.level(s)
    start = [float(level.alpha[0]), float(level.sigma[0] ** 2)]
    way = solve_ivp(slope, (float(s[0]), float(s[-1])), start, t_eval=s.numpy(), rtol=1e-9, atol=1e-12)
    assert np.allclose(way.y[0], level.alpha, rtol=1e-6)
    assert np.allclose(way.y[1], level.sigma**2, rtol=1e-6)


@pytest.mark.parametrize("schedule", [made for made in SCORED if made.key in ("cosine", "linear", "sigmoid")], ids=str)
def test_a_chain_of_small_steps_has_the_law_in_closed_form(schedule):
    """u_i = √(1 − β_i) u_{i−1} + √β_i ε, with β_i from neighbouring levels, step by step."""
    t = torch.arange(1000, dtype=torch.float64) / 999
    level = NoiseProcess(schedule, 1000).at(t)
    beta = 1 - (level.alpha[1:] / level.alpha[:-1]) ** 2
    mean, variance = level.alpha[0], level.sigma[0] ** 2
    for b in beta:
        mean, variance = (1 - b).sqrt() * mean, (1 - b) * variance + b
    assert ((beta > 0) & (beta < 1)).all()
    assert torch.isclose(mean, level.alpha[-1], rtol=1e-9)
    assert torch.isclose(variance, level.sigma[-1] ** 2, rtol=1e-9)


def test_linear_is_the_limit_of_the_thousand_published_steps():
    beta = torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)
    kept = torch.cumprod(1 - beta, 0)
    at = NoiseProcess(Linear(), 1000).at(torch.tensor([0.0, 0.25, 0.5, 1.0], dtype=torch.float64))
    published = kept[[0, 250, 500, 999]].log()
    # log(1 − β) = −β − β²/2 …: what the limit leaves out is at most the sum of the squares.
    assert ((at.alpha.square().log() - published).abs() <= beta.square().sum()).all()
    assert float((at.alpha[2].square().log() - published[2]).abs()) < 0.02


@pytest.mark.parametrize("ends", [(0.1, 20.0), (1.0, 9.0)])
def test_variance_preserving_noise_comes_in_at_the_rate_beta_and_below_it_for_sub_vp(ends):
    s = inside(Linear())
    beta = ends[0] + (ends[1] - ends[0]) * s
    kept = Linear(first=ends[0], last=ends[1]).level(s).alpha
    assert torch.allclose(Linear(first=ends[0], last=ends[1]).level(s).diffusion, beta, rtol=1e-9)
    s = s[s > 0.02]
    level = SubVariancePreserving(first=ends[0], last=ends[1]).level(s)
    assert torch.allclose(level.alpha, kept[-len(s) :], rtol=1e-12)
    assert torch.allclose(level.diffusion, beta[-len(s) :] * (1 - level.alpha**4), rtol=1e-9)


def test_exploding_noise_grows_by_equal_factors_from_least_to_most():
    level = VarianceExploding(least=0.01, most=100.0).level(torch.linspace(0, 1, 5, dtype=torch.float64))
    assert level.sigma.tolist() == pytest.approx([0.01, 0.1, 1.0, 10.0, 100.0])
    assert (level.alpha == 1).all()


def test_cosine_and_sigmoid_stand_half_way_in_the_middle():
    half = torch.tensor(0.5, dtype=torch.float64)
    assert float(Cosine(offset=0.0001).level(half).alpha ** 2) == pytest.approx(0.5, abs=1e-3)
    s = inside(Sigmoid())
    level, mirrored = Sigmoid(temperature=0.4).level(s), Sigmoid(temperature=0.4).level(1 - s)
    assert torch.allclose(level.alpha, mirrored.sigma)
    even = Sigmoid(temperature=5.0).level(s)
    assert torch.allclose(even.alpha**2, 1 - s, atol=0.01)


def test_the_levels_of_edm_are_the_published_ones():
    """σ_min .002, σ_max 80, ρ 7, 18 levels: Karras et al. 2022, arXiv:2206.00364, as their sampler prints them."""
    process = NoiseProcess(Karras(least=0.002, most=80.0))
    sigma = process.at(torch.tensor(process.grid(18), dtype=torch.float64)).sigma
    published = [80.0, 57.586, 40.786, 28.375, 19.352, 12.910, 8.4008, 5.3150, 3.2567, 1.9233]
    assert sigma[:10].tolist() == pytest.approx(published, rel=2e-4)
    assert float(sigma[-1]) == pytest.approx(0.002)


def test_edm_trains_where_log_sigma_is_normal():
    schedule = Karras(mean=-0.5, std=0.6)
    share = schedule.draw(20_000, seeded(1))
    logs = schedule.level(share.double()).sigma.log()
    assert float(logs.mean()) == pytest.approx(-0.5, abs=2e-3)
    assert float(logs.std()) == pytest.approx(0.6, abs=2e-3)
    wide = Karras(mean=3.0, std=5.0).draw(1000, seeded(2))
    assert float(wide.min()) == 0
    assert float(wide.max()) == 1


@ALL
def test_times_for_training_fill_the_span_or_are_levels(schedule):
    t = NoiseProcess(schedule).draw_times(512, seeded(3))
    assert t.shape == (512,)
    assert 0 <= float(t.min()) <= float(t.max()) <= 1
    index = NoiseProcess(schedule, 8).draw_times(4096, seeded(4)) * 7
    assert torch.allclose(index, index.round(), atol=1e-5)
    if schedule.key != "karras":  # whose levels are not meant to be met equally often
        assert torch.bincount(index.round().long()).tolist() == [512] * 8


@NOISY
def test_the_way_back_is_bayes_rule(schedule):
    """Of (u₀, u_s, u_t), jointly normal, by conditioning their covariance matrix."""
    process = NoiseProcess(schedule)
    before, after = process.at(0.7), process.at(0.4)
    law = Reversal.between(before, after)
    ratio = float(before.alpha / after.alpha)
    a, b = float(after.alpha), float(before.alpha)
    one = float(after.power)
    joint = np.array([[1, a, b], [a, one, ratio * one], [b, ratio * one, float(before.power)]])  # of u₀ ~ N(0, 1)
    given = joint[1, [2, 0]] @ np.linalg.inv(joint[np.ix_([2, 0], [2, 0])])
    assert [float(law.place), float(law.data)] == pytest.approx(given.tolist(), rel=1e-6)
    assert float(law.least) == pytest.approx(joint[1, 1] - given @ joint[[2, 0], 1], rel=1e-6)
    assert float(law.greatest) == pytest.approx(joint[1, 1] - joint[1, 2] ** 2 / joint[2, 2], rel=1e-6)
