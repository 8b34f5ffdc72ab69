"""Precision, recall, density and coverage against their definitions over all pairs, and what is known of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors

from models.data import DATA
from models.measures import MEASURES, Reference, Samples
from models.measures._index import Product


def chance(seed=0):
    return torch.Generator().manual_seed(seed)


def evaluate(key, samples, data):
    return MEASURES[key]().evaluate(samples, Reference(data), chance())


def radii(x, k):
    """To the k-th nearest other point, by scikit-learn."""
    return NearestNeighbors(n_neighbors=k).fit(x).kneighbors()[0][:, -1]


@pytest.mark.parametrize("d", [1, 2, 5, 10, 11, 64])
def test_each_is_what_its_definition_says(d):
    x = (torch.randn(150, d, generator=chance(1)) * 0.7 + 0.3).double()
    y = torch.randn(220, d, generator=chance(2)).double()
    apart = cdist(x, y)
    assert evaluate("precision", x, y) == pytest.approx((apart <= radii(y, 3)).any(axis=1).mean())
    assert evaluate("recall", x, y) == pytest.approx((apart <= radii(x, 3)[:, None]).any(axis=0).mean())
    assert evaluate("density", x, y) == pytest.approx((apart <= radii(y, 5)).sum() / (5 * 150))
    assert evaluate("coverage", x, y) == pytest.approx((apart.min(axis=0) <= radii(y, 5)).mean())


def test_all_four_share_one_look_at_every_distance(monkeypatch):
    looks, look = [], Product.squared_distances
    monkeypatch.setattr(Product, "squared_distances", lambda self, x: looks.append(len(x)) or look(self, x))
    samples = Samples(torch.randn(150, 64, generator=chance(1)))
    reference = Reference(torch.randn(220, 64, generator=chance(2)))
    for key in ("precision", "recall", "density", "coverage"):
        MEASURES[key]().evaluate(samples, reference, chance())
    assert sorted(looks) == [150, 220, 220]  # within either sample, and between them


def test_a_perfect_sampler_covers_all_but_one_in_32():
    """1 − (M−1)…(M−k) / (M+N−1)…(M+N−k), which tends to 1 − 2⁻ᵏ (Naeem et al. 2020, section 3.3)."""
    values = [evaluate("coverage", *torch.randn(2, 2_000, 2, generator=chance(seed))) for seed in range(4)]
    assert np.mean(values) == pytest.approx(1 - 2**-5, abs=0.006)
    values = [evaluate("density", *torch.randn(2, 2_000, 2, generator=chance(seed))) for seed in range(4)]
    assert np.mean(values) == pytest.approx(1, abs=0.02)


def test_lost_modes_lower_recall_and_coverage_and_stray_samples_precision_and_density():
    ring = DATA.parse("ring")
    half = DATA.parse({"key": "ring", "weights": [1, 1, 1, 1, 0, 0, 0, 0]})
    data, few = ring.draw(2_000, chance(1)), half.draw(2_000, chance(2))
    assert evaluate("precision", few, data) > 0.95
    assert evaluate("recall", few, data) == pytest.approx(0.5, abs=0.05)
    assert evaluate("coverage", few, data) == pytest.approx(0.5, abs=0.05)
    strays = torch.cat([ring.draw(1_000, chance(3)), 5 + torch.rand(1_000, 2, generator=chance(4))])
    assert evaluate("precision", strays, data) == pytest.approx(0.5, abs=0.03)
    assert evaluate("density", strays, data) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("d", [2, 64])
@pytest.mark.parametrize("key", ["precision", "recall", "coverage"])
def test_copies_of_the_data_are_in_their_balls(key, d):
    data = torch.randn(100, d, generator=chance()).repeat(7, 1)
    order = torch.randperm(len(data), generator=chance(1))
    assert evaluate(key, data[order], data) == 1


@pytest.mark.parametrize("d", [2, 64])
def test_a_model_collapsed_onto_one_data_point(d):
    data = torch.randn(400, d, generator=chance())
    point = data[7].expand(5_000, d)
    assert evaluate("precision", point, data) == 1
    assert evaluate("recall", point, data) == pytest.approx(1 / 400)
    assert evaluate("coverage", point, data) < 0.2
