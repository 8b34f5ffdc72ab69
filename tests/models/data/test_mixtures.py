"""Exact values of the mixtures: entropies, the share of high quality, densities of another library, refused options."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import stats

from models.data import DATA
from models.registry import RecipeError


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def entropy(recipe: dict, n: int = 100_000) -> float:
    """−E log p over the law's own draws."""
    law = DATA.parse(recipe)
    return float(-law.log_prob(law.draw(n, seeded(0))).double().mean())


@pytest.mark.parametrize(
    ("recipe", "published"),
    [
        ({"key": "ring", "std": 0.01}, -4.293),
        ({"key": "ring", "radius": 2 / 1.414, "std": 0.02 / 1.414}, -3.600),
        ({"key": "ring", "radius": 4 / 1.414, "std": 0.5 / 1.414}, 2.830),
        ({"key": "ring", "radius": 5.0, "std": 0.1**0.25}, 3.763),
        ({"key": "grid"}, 0.064),
        ({"key": "grid", "spacing": 2 / 2.828, "std": 0.05 / 2.828}, -2.012),
    ],
)
def test_entropy_of_the_field_s_rings_and_grids(recipe, published):
    assert entropy(recipe) == pytest.approx(published, abs=0.012)


def test_separate_modes_have_the_entropy_of_one_and_the_log_of_their_number():
    expected = math.log(25) + stats.multivariate_normal(cov=0.05**2 * np.eye(2)).entropy()
    assert entropy({"key": "grid", "rotation": 30.0}) == pytest.approx(expected, abs=0.012)


@pytest.mark.parametrize("key", ["ring", "grid"])
def test_a_perfect_sampler_has_its_known_share_of_high_quality(key):
    law = DATA.parse(key)
    n = 100_000
    share = float(law.named_modes().assign(law.draw(n, seeded(1)))[1].double().mean())
    expected = 1 - math.exp(-4.5)
    assert expected == pytest.approx(0.98889, abs=1e-5)
    assert share == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / n))


def test_a_ring_of_eight_has_eight_modes():
    means = DATA.parse("ring").named_modes().means
    distances = torch.cdist(means, means) + 10 * torch.eye(8)
    assert distances.min(dim=1).values.numpy() == pytest.approx(2 * math.sin(math.pi / 8), abs=1e-5)


def test_ring_weights_are_relative_masses():
    law = DATA.parse({"key": "ring", "modes": 3, "weights": [1, 2, 1]})
    assert law.named_modes().weights.tolist() == pytest.approx([0.25, 0.5, 0.25])


def test_the_grid_stands_on_pacgan_s_points_and_can_be_turned():
    means = DATA.parse("grid").named_modes().means
    assert means[0].tolist() == pytest.approx([-4, -4])
    assert means[1].tolist() == pytest.approx([-2, -4])
    assert means[-1].tolist() == pytest.approx([4, 4])
    turned = DATA.parse({"key": "grid", "rotation": 90.0}).named_modes().means
    assert turned[0].tolist() == pytest.approx([4, -4], abs=1e-5)
    assert DATA.parse({"key": "grid", "rows": 2, "columns": 3}).named_modes().means.shape == (6, 2)


def test_mixture_density_is_that_of_scipy_in_five_dimensions():
    rng = np.random.default_rng(0)
    means = rng.normal(size=(3, 5))
    roots = rng.normal(size=(3, 5, 5))
    covariances = roots @ roots.transpose(0, 2, 1) + 0.1 * np.eye(5)
    covariances = (covariances + covariances.transpose(0, 2, 1)) / 2
    weights = [0.2, 0.5, 0.3]
    law = DATA.parse(
        {"key": "gaussian_mixture", "means": means.tolist(), "covariances": covariances.tolist(), "weights": weights}
    )
    x = rng.normal(size=(40, 5)) * 2
    parts = [w * stats.multivariate_normal(m, c).pdf(x) for w, m, c in zip(weights, means, covariances, strict=True)]
    assert law.log_prob(torch.from_numpy(x)).numpy() == pytest.approx(np.log(sum(parts)), abs=1e-3)
    drawn = law.draw(200_000, seeded(0)).double().numpy()
    assert drawn.mean(0) == pytest.approx(np.average(means, axis=0, weights=weights), abs=0.05)
    second = sum(w * (c + np.outer(m, m)) for w, m, c in zip(weights, means, covariances, strict=True))
    assert (drawn.T @ drawn / len(drawn)) == pytest.approx(second, rel=0.03, abs=0.08)


def test_one_covariance_serves_all_means():
    options = {"means": [[0.0], [3.0]], "covariances": [[[0.25]]], "weights": []}
    modes = DATA.parse({"key": "gaussian_mixture", **options}).named_modes()
    assert modes.scales.flatten().tolist() == pytest.approx([0.5, 0.5])
    assert modes.radii.tolist() == pytest.approx([1.5, 1.5])


def test_the_line_s_default_is_the_mixture_of_the_lecture():
    law = DATA.parse("gaussian_mixture_1d")
    x = np.linspace(-5, 6, 50)
    expected = 0.7 * stats.norm(-1.5, 0.6).pdf(x) + 0.3 * stats.norm(2, 0.8).pdf(x)
    assert law.log_prob(torch.from_numpy(x)[:, None]).exp().numpy() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("recipe", "text"),
    [
        ({"key": "ring", "weights": [1]}, r"^data\.weights: .* must be 8 numbers"),
        ({"key": "ring", "weights": [0] * 8}, r"^data\.weights: .* not all zero"),
        ({"key": "gaussian_mixture", "means": []}, r"^data\.means: .* at least one point"),
        ({"key": "gaussian_mixture", "means": [[0, 0], [1]]}, r"^data\.means: point 2 has 1 numbers"),
        ({"key": "gaussian_mixture", "covariances": []}, r"^data\.covariances: 0 matrices for 3 means"),
        ({"key": "gaussian_mixture", "covariances": [[[1]]]}, r"^data\.covariances: matrix 1 must be 2 × 2"),
        ({"key": "gaussian_mixture", "covariances": [[[1, 0.5], [0, 1]]]}, r"matrix 1 is not symmetric"),
        ({"key": "gaussian_mixture", "covariances": [[[1, 2], [2, 1]]]}, r"not positive definite: .* is -1"),
        ({"key": "gaussian_mixture", "covariances": [[[1, 1], [1, 1]]]}, r"not positive definite"),
        ({"key": "gaussian_mixture", "means": [[0, math.nan]]}, r"^data\.means: nan \(item 1\.2\) is not allowed"),
        ({"key": "gaussian_mixture", "weights": [1, -1, 1]}, r"^data\.weights: .* none negative"),
        ({"key": "gaussian_mixture_1d", "means": []}, r"^data\.means: .* at least one"),
        ({"key": "gaussian_mixture_1d", "stds": [1.0]}, r"^data\.stds: .* 2 positive numbers"),
        ({"key": "gaussian_mixture_1d", "stds": [1.0, 0.0]}, r"^data\.stds: .* 2 positive numbers"),
    ],
)
def test_mixtures_that_cannot_be_are_refused_by_path(recipe, text):
    with pytest.raises(RecipeError, match=text):
        DATA.parse(recipe, "data")
