"""The mode measures against what is known of perfect and of collapsed samplers."""

from __future__ import annotations

import math

import pytest
import torch

from models.data import DATA
from models.measures import MEASURES, Reference, floor

DRAWS = 2_500


def chance(seed=0):
    return torch.Generator().manual_seed(seed)


def evaluate(key, x, data):
    return MEASURES[key]().evaluate(x, Reference(data.draw(10, chance(9)), data), chance())


@pytest.mark.parametrize(
    ("law", "modes", "kl", "spread"),
    [({"key": "ring", "std": 0.01}, 8, 0.0014, 0.0008), ({"key": "grid"}, 25, 0.0048, 0.0015)],
)
def test_floors_of_a_perfect_sampler(law, modes, kl, spread):
    data = DATA.parse(law)
    reference = Reference(data.draw(10, chance(9)), data)
    found = {
        key: floor(MEASURES[key](), reference, DRAWS, chance(1), repeats=100)
        for key in ("modes_captured", "high_quality", "mode_kl")
    }
    assert found["modes_captured"] == (modes, modes, modes)
    assert found["high_quality"].mean == pytest.approx(1 - math.exp(-4.5), abs=0.001)
    assert found["mode_kl"].mean == pytest.approx(kl, abs=0.0004)
    assert found["mode_kl"].high == pytest.approx(kl + 1.96 * spread, rel=0.3)


def test_collapse_onto_one_mode_of_eight():
    data = DATA.parse({"key": "ring", "std": 0.01})
    x = data.named_modes().means[3] + 0.01 * torch.randn(500, 2, generator=chance())
    assert evaluate("modes_captured", x, data) == 1
    assert evaluate("mode_kl", x, data) == pytest.approx(math.log(8), abs=1e-6)
    assert evaluate("high_quality", x, data) > 0.97


def test_samples_far_from_every_mode():
    data = DATA.parse("ring")
    x = torch.full((20, 2), 50.0)
    assert evaluate("modes_captured", x, data) == 0
    assert evaluate("high_quality", x, data) == 0
    assert evaluate("mode_kl", x, data) == pytest.approx(math.log(8), abs=1e-6)


def test_kl_is_taken_against_the_weights_of_the_law():
    data = DATA.parse({"key": "ring", "modes": 2, "weights": [3, 1]})
    x = data.named_modes().means[[0, 0, 0, 1]]
    assert evaluate("mode_kl", x, data) == pytest.approx(0, abs=1e-7)
    assert evaluate("mode_kl", x[[0, 3]], data) == pytest.approx(0.5 * math.log(4 / 3), abs=1e-6)


def test_a_mode_without_mass_is_not_captured_and_costs_finitely():
    data = DATA.parse({"key": "ring", "modes": 3, "weights": [1, 1, 0]})
    x = data.named_modes().means
    assert evaluate("modes_captured", x, data) == 2
    assert 1 < evaluate("mode_kl", x, data) < 30
