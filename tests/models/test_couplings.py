"""Couplings: exact plans, their margins, Brownian bridges; held against scipy, POT and closed forms."""

from __future__ import annotations

import math

import numpy as np
import ot
import pytest
import torch
from scipy.optimize import linear_sum_assignment

from models.couplings import COUPLINGS
from models.experiment import Experiment, needs_restart
from models.objectives.conditional_flow_matching import Places, bridged
from models.registry import RecipeError


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def batches(n, d=2):
    chance = seeded(n)
    return torch.randn(n, d, generator=chance), 3 + 2 * torch.randn(n, d, generator=chance)


def cost(pairs):
    return float((pairs.source - pairs.data).square().sum(1).mean())


@pytest.mark.parametrize("key", COUPLINGS.keys())
@pytest.mark.parametrize("n", [1, 2, 33])
def test_every_datum_is_there_once_and_its_partner_is_of_the_batch(key, n):
    source, data = batches(n)
    pairs = COUPLINGS.parse(key).pair(source, data, seeded(0))
    assert pairs.index.tolist() == list(range(n)), "times rise with the row"
    assert torch.equal(pairs.data, data)
    assert bool((pairs.source[:, None] == source[None]).all(2).any(1).all())
    again = COUPLINGS.parse(key).pair(source, data, seeded(0))
    assert torch.equal(again.source, pairs.source)


@pytest.mark.parametrize("d", [1, 2, 5])
def test_the_cheapest_plan_is_that_of_scipy(d):
    source, data = batches(60, d)
    pairs = COUPLINGS.parse("optimal_transport").pair(source, data, seeded(0))
    matrix = np.square(source.numpy()[:, None] - data.numpy()[None]).sum(2)
    assert cost(pairs) == pytest.approx(matrix[linear_sum_assignment(matrix)].mean(), rel=1e-5)
    assert len(pairs.source.unique(dim=0)) == 60, "no place at the source is used twice"


def test_on_the_line_the_cheapest_plan_keeps_the_order():
    source, data = batches(40, 1)
    pairs = COUPLINGS.parse("optimal_transport").pair(source, data, seeded(0))
    assert torch.equal(pairs.source.argsort(0), pairs.data.argsort(0))


def test_the_entropic_plan_is_that_of_pot():
    source, data = torch.tensor([[0.0], [1.0], [2.5]]), torch.tensor([[0.5], [0.9], [3.0]])
    coupling = COUPLINGS.parse({"key": "schroedinger_bridge", "std": 0.7})
    found, chance = np.zeros((3, 3)), seeded(1)
    for _ in range(1500):
        partner = (coupling.pair(source, data, chance).source == source.T).int().argmax(1)
        found[np.arange(3), partner.numpy()] += 1 / 4500
    matrix = np.square(data.numpy() - source.numpy().T).astype(np.float64)
    plan = ot.sinkhorn([1 / 3] * 3, [1 / 3] * 3, matrix, 2 * 0.7**2, stopThr=1e-9)
    assert found == pytest.approx(plan, abs=0.02)


def test_between_gaussians_ends_are_as_correlated_as_the_closed_form_says():
    """Janati et al. 2020, arXiv:2006.02572, theorem 1: ½ (√(4a²b² + σ⁴) − σ²) for standard deviations a and b."""
    a, b, std = 1.0, 2.0, 1.5
    chance, coupling = seeded(3), COUPLINGS.parse({"key": "schroedinger_bridge", "std": std})
    products = []
    for _ in range(10):
        source, data = a * torch.randn(500, 1, generator=chance), b * torch.randn(500, 1, generator=chance)
        pairs = coupling.pair(source, data, chance)
        products.append(float((pairs.source * pairs.data).mean()))
    expected = 0.5 * (math.sqrt(4 * a**2 * b**2 + std**4) - std**2)
    assert np.mean(products) == pytest.approx(expected, abs=0.12)


def test_a_strong_bridge_joins_anything_and_a_weak_one_is_optimal():
    source, data = batches(64)
    optimal = cost(COUPLINGS.parse("optimal_transport").pair(source, data, seeded(0)))
    costs = {std: np.mean([
        cost(COUPLINGS.parse({"key": "schroedinger_bridge", "std": std}).pair(source, data, seeded(seed)))
        for seed in range(10)
    ]) for std in (0.1, 10.0)}  # fmt: skip
    everything = float(torch.cdist(source, data).square().mean())
    assert costs[0.1] == pytest.approx(optimal, rel=0.03)
    assert costs[10.0] == pytest.approx(everything, rel=0.1)
    assert everything > 1.3 * optimal


def test_a_bridge_moves_as_it_says():
    t = torch.linspace(0.05, 0.95, 19)[:, None]
    z, clean = torch.full((19, 2), 2.0), torch.zeros(19, 2)

    def places(times):
        return bridged(Places((1 - times) * clean + times * z, times, z - clean), 0.8, seeded(5))

    h = 1e-3
    slope = (places(t + h).u - places(t - h).u) / (2 * h)
    assert torch.allclose(places(t).velocity, slope, atol=0.02)


def test_a_bridge_is_as_wide_as_a_brownian_one():
    t = torch.full((20_000, 1), 0.3)
    straight = Places(torch.zeros(20_000, 1), t, torch.zeros(20_000, 1))
    assert float(bridged(straight, 0.8, seeded(0)).u.std()) == pytest.approx(0.8 * math.sqrt(0.21), rel=0.02)
    ends = bridged(Places(straight.u, torch.zeros_like(t), straight.velocity), 0.8, seeded(0))
    assert bool(ends.velocity.isfinite().all())
    assert float((ends.weight * ends.velocity.square()).mean()) < 2, "no end outweighs the rest"


def recipe(coupling, **parts):
    objective = {"key": "conditional_flow_matching", "coupling": coupling}
    return Experiment.from_dict({"family": "flow_matching", "objective": objective, **parts})


def test_a_batch_that_is_too_large_to_be_joined_is_refused_and_a_smaller_one_named():
    with pytest.raises(RecipeError, match=r"^batch_size: 4096 is too large a batch for Optimal transport") as refused:
        recipe("optimal_transport", batch_size=4096)
    assert recipe("independent", batch_size=4096).with_settings(
        [*refused.value.settings, "objective.coupling.key=optimal_transport"]
    )


def test_couplings_are_swapped_in_mid_run():
    independent = recipe("independent")
    for member in COUPLINGS:
        assert needs_restart(independent, recipe(member.key)) == []
