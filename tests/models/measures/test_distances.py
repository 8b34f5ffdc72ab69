"""Distances between samples against closed forms and independent libraries."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from scipy.stats import energy_distance, wasserstein_distance

from models.data import DATA
from models.measures import MEASURES, Reference, floor

SIZES = [(50, 50), (50, 70), (64, 96), (3, 1000)]


def chance(seed=0):
    return torch.Generator().manual_seed(seed)


def samples(n, d, seed):
    return torch.randn(n, d, generator=chance(seed))


def evaluate(key, x, y):
    return MEASURES[key]().evaluate(x, Reference(y), chance())


@pytest.mark.parametrize(("n", "m"), SIZES)
def test_on_the_line_energy_is_the_square_of_scipys(n, m):
    x, y = samples(n, 1, 0), 2 * samples(m, 1, 1) + 1
    assert evaluate("energy", x, y) == pytest.approx(energy_distance(x[:, 0], y[:, 0]) ** 2, rel=1e-5)


@pytest.mark.parametrize(("n", "m"), SIZES)
def test_on_the_line_wasserstein_1_is_scipys(n, m):
    x, y = samples(n, 1, 0), 2 * samples(m, 1, 1) + 1
    assert evaluate("wasserstein_1", x, y) == pytest.approx(wasserstein_distance(x[:, 0], y[:, 0]), rel=1e-5)


@pytest.mark.parametrize("d", [2, 3, 8, 9, 64])
def test_energy_is_the_mean_of_scipys_distances(d):
    x, y = samples(150, d, 0), samples(201, d, 1) + 0.5
    expected = 2 * cdist(x, y).mean() - cdist(x, x).mean() - cdist(y, y).mean()
    assert evaluate("energy", x, y) == pytest.approx(expected, rel=1e-4)


def test_energy_far_from_the_origin_keeps_its_digits():
    x, y = samples(100, 16, 0), samples(100, 16, 1) + 0.5
    far = evaluate("energy", (x * 256).round() / 256 + 1000, (y * 256).round() / 256 + 1000)
    assert far == pytest.approx(evaluate("energy", x, y), rel=0.02)


@pytest.mark.parametrize("d", [1, 2, 5, 64])
def test_sliced_wasserstein_of_a_shift(d):
    x, shift = samples(300, d, 0), samples(1, d, 1)
    expected = float(shift.norm()) / d**0.5
    assert evaluate("sliced_wasserstein", x, x + shift) == pytest.approx(expected, rel=1e-3)


def test_sliced_wasserstein_of_a_scaling_and_unequal_sizes():
    x = samples(400, 2, 0)
    doubled = evaluate("sliced_wasserstein", x, 2 * x)
    assert doubled == pytest.approx(float(x.square().sum(1).mean() / 2) ** 0.5, rel=1e-3)
    assert evaluate("sliced_wasserstein", x, 2 * x.repeat(3, 1)) == pytest.approx(doubled, rel=1e-5)


@pytest.mark.parametrize("d", [1, 2, 64])
@pytest.mark.parametrize("p", [1, 2])
def test_wasserstein_is_the_best_assignment(d, p):
    x, y = samples(80, d, 0), samples(80, d, 1) + 0.3
    cost = cdist(x, y) ** p
    expected = cost[linear_sum_assignment(cost)].mean() ** (1 / p)
    assert evaluate(f"wasserstein_{p}", x, y) == pytest.approx(expected, rel=1e-5)


def test_published_floor_of_wasserstein_2_on_the_ring():
    """0.212 ± 0.012 for two samples of 1,000, as computed elsewhere with POT."""
    data = DATA.parse({"key": "ring", "std": 0.01})
    values = []
    for seed in range(4):
        x, y = (data.draw(1000, chance(2 * seed + side)) for side in (0, 1))
        values.append(evaluate("wasserstein_2", x, y))
    assert np.mean(values) == pytest.approx(0.212, abs=0.04)


def test_published_floor_of_wasserstein_2_on_eight_wide_gaussians():
    """0.599 ± 0.061 for two samples of 1,000, mostly from how many fall to each mode."""
    data = DATA.parse({"key": "ring", "radius": 5.0, "std": 0.562})
    values = []
    for seed in range(6):
        x, y = (data.draw(1000, chance(2 * seed + side)) for side in (0, 1))
        values.append(evaluate("wasserstein_2", x, y))
    assert np.mean(values) == pytest.approx(0.599, abs=0.12)


def test_mmd_is_zero_on_average_and_right_for_gaussians():
    x, y = samples(2_000, 1, 0), samples(2_000, 1, 1)
    h2 = float((y[:1000, None] - y[None, :1000]).abs().flatten().median()) ** 2
    # E k(a, b) for a − b ~ N(δ, 2) is √(h²/(h² + 2)) exp(−δ² / 2(h² + 2))
    expected = 2 * (h2 / (h2 + 2)) ** 0.5 * (1 - np.exp(-1 / (2 * (h2 + 2))))
    assert abs(evaluate("mmd", x, y)) < 0.002
    assert evaluate("mmd", x + 1, y) == pytest.approx(expected, rel=0.15)


def test_many_points_are_thinned_to_the_stated_number():
    x, y = samples(3_000, 2, 0), samples(3_000, 2, 1)
    value = evaluate("wasserstein_1", x, y)
    assert 0.02 < value < 0.25


@pytest.mark.parametrize("key", ["energy", "sliced_wasserstein", "mmd"])
def test_floor_of_a_bare_sample_agrees_with_that_of_its_law(key):
    """Splitting and scaling gives what fresh draws against fresh references give."""
    data, measure, n = DATA.parse("ring"), MEASURES[key](), 300
    fresh = [
        measure.evaluate(data.draw(n, chance(seed)), Reference(data.draw(n, chance(seed + 500))), chance())
        for seed in range(50)
    ]
    split = floor(measure, Reference(data.draw(n, chance(1))), n, chance(), repeats=50)
    assert split.mean == pytest.approx(np.mean(fresh), rel=0.25, abs=0.0005)
    assert split.high - split.mean == pytest.approx(1.96 * np.std(fresh), rel=0.6)
