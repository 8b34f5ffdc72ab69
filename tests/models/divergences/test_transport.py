"""Transport divergences against POT, shifts and finite differences; potentials; flows along straight lines."""

from __future__ import annotations

import math

import numpy as np
import ot
import pytest
import torch

from models.architectures.mlp import Mlp
from models.divergences import DIVERGENCES
from models.divergences._coupling import costs
from models.divergences._potential import kantorovich
from models.divergences._projections import directions, line_costs

CHANCE = torch.Generator()


def normal(n: int, d: int, seed: int, shift: float = 0.0) -> torch.Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + shift


def estimate(divergence, real, fake):
    return divergence.estimate(real, fake, CHANCE.manual_seed(0))


def uniform(n: int) -> np.ndarray:
    return np.full(n, 1 / n)


@pytest.mark.parametrize("sizes", [(30, 30), (30, 20)])
@pytest.mark.parametrize("power", [1, 2])
def test_exact_transport_is_pots(sizes, power):
    real, fake = normal(sizes[0], 3, 0), normal(sizes[1], 3, 1, 0.5)
    reference = ot.emd2(uniform(sizes[0]), uniform(sizes[1]), costs(real, fake, power).numpy())
    found = estimate(DIVERGENCES["minibatch_transport"](power=power), real, fake)
    assert float(found) == pytest.approx(reference, rel=1e-9)


@pytest.mark.parametrize("sizes", [(30, 30), (30, 20)])
@pytest.mark.parametrize("power", [1, 2])
def test_sinkhorn_is_pots(sizes, power):
    """Cost plus ε KL(π ‖ P ⊗ Q) of POT's coupling, run to the end."""
    real, fake = normal(sizes[0], 2, 0), normal(sizes[1], 2, 1, 0.5)
    a, b, epsilon = uniform(sizes[0]), uniform(sizes[1]), 0.7**power
    cost = costs(real, fake, power).numpy() / power
    plan = ot.sinkhorn(a, b, cost, epsilon, numItermax=20_000, stopThr=1e-13)
    reference = float((plan * cost).sum() + epsilon * (plan * np.log(plan / np.outer(a, b))).sum())
    divergence = DIVERGENCES["sinkhorn"](power=power, blur=0.7, debiased=False, scaling=0.9, settling=300)
    assert float(estimate(divergence, real, fake)) == pytest.approx(reference, rel=1e-4)


def test_sinkhorn_with_little_blur_is_half_of_squared_wasserstein():
    real, fake = normal(40, 2, 0), normal(40, 2, 1, 1.0)
    reference = ot.emd2(uniform(40), uniform(40), costs(real, fake, 2).numpy()) / 2
    divergence = DIVERGENCES["sinkhorn"](blur=0.02, scaling=0.9)
    assert float(estimate(divergence, real, fake)) == pytest.approx(reference, rel=0.01)


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize("key", ["sinkhorn", "minibatch_transport", "sliced_wasserstein", "max_sliced_wasserstein"])
def test_a_shift_costs_its_length(key, power):
    """δ^p in full; Sinkhorn's cost has a factor 1/p; seen from a random direction in the plane it is E|cos|^p δ^p."""
    real, shift = normal(50, 2, 0), torch.tensor([3.0, 4.0]).double()
    options = {"blur": 0.01, "scaling": 0.9, "settling": 300} if key == "sinkhorn" else {}
    options |= {"directions": 4096} if key == "sliced_wasserstein" else {}
    options |= {"steps": 200} if key == "max_sliced_wasserstein" else {}
    expected = {"sinkhorn": 1 / power, "sliced_wasserstein": 2 / math.pi if power == 1 else 0.5}.get(key, 1.0)
    found = float(estimate(DIVERGENCES[key](power=power, **options), real, real + shift))
    assert found == pytest.approx(expected * 5**power, rel=0.03 if key == "sliced_wasserstein" else 5e-3)


@pytest.mark.parametrize("sizes", [(40, 40), (40, 28)])
@pytest.mark.parametrize("power", [1, 2])
def test_sliced_is_pots(sizes, power):
    real, fake = normal(sizes[0], 3, 0), normal(sizes[1], 3, 1, 0.5)
    along = directions(64, real, CHANCE.manual_seed(0))
    reference = ot.sliced_wasserstein_distance(real.numpy(), fake.numpy(), projections=along.T.numpy(), p=power)
    found = estimate(DIVERGENCES["sliced_wasserstein"](power=power), real, fake)
    assert float(found) == pytest.approx(float(reference) ** power, rel=1e-9)


def test_max_sliced_finds_a_direction_as_good_as_a_search_over_all():
    real, fake = normal(80, 2, 0), normal(60, 2, 1) * torch.tensor([0.2, 1.0]).double() + 0.3
    angles = torch.linspace(0, math.pi, 2001, dtype=torch.float64)
    most = float(line_costs(real, fake, torch.stack([angles.cos(), angles.sin()], 1), 2).max())
    found = float(estimate(DIVERGENCES["max_sliced_wasserstein"](), real, fake))
    assert found == pytest.approx(most, rel=0.01)
    assert found <= most * (1 + 1e-6)


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize(
    ("key", "options", "dimension"),
    [
        ("sinkhorn", {"blur": 1.0, "settling": 100}, 2),
        ("sinkhorn", {"blur": 1.0, "settling": 100, "debiased": False}, 2),
        ("minibatch_transport", {}, 2),
        ("sliced_wasserstein", {"directions": 8}, 2),
        ("max_sliced_wasserstein", {}, 1),
    ],
)
def test_gradients_agree_with_finite_differences(key, options, dimension, power):
    """On a line, where there is only one direction, the greatest cost is differentiable without further ado."""
    divergence = DIVERGENCES[key](power=power, **options)
    real, fake = normal(6, dimension, 0), normal(5, dimension, 1, 0.5).requires_grad_(True)
    assert torch.autograd.gradcheck(lambda y: estimate(divergence, real, y), (fake,), atol=1e-4)


def test_potential_attains_the_cost_and_is_lipschitz():
    """Kantorovich and Rubinstein: E_P[T] − E_Q[T] = W₁ for a T of slope at most 1."""
    for d in (1, 2):
        real, fake = normal(60, d, 0), normal(45, d, 1, 0.8)
        reference = ot.emd2(uniform(60), uniform(45), costs(real, fake, 1).numpy())
        at_data, at_samples = (kantorovich(x, real, fake, power=1) for x in (real, fake))
        assert float(at_data.mean() - at_samples.mean()) == pytest.approx(reference, rel=1e-6)
        points = normal(200, d, 2) * 3
        t = kantorovich(points, real, fake, power=1)
        assert bool(((t[:, None] - t).abs() <= (points[:, None] - points).norm(dim=2) + 1e-6).all())


@pytest.mark.parametrize("blur", [0.3, 1.0])
def test_samples_climb_the_potential_of_sinkhorn(blur):
    divergence = DIVERGENCES["sinkhorn"](blur=blur, scaling=0.9)
    real, fake = normal(30, 2, 0), normal(25, 2, 1, 1.0)
    _, slope = divergence.estimate_slopes(real, fake, CHANCE)
    points = fake.clone().requires_grad_(True)
    (rise,) = torch.autograd.grad(divergence.witness(points, real, fake).sum(), points)
    torch.testing.assert_close(slope, -rise / 25)


def test_wasserstein_of_two_densities_on_a_line():
    """N(0, 1) against N(μ, 1) lies at the distance μ; in two dimensions there is no such formula."""
    x = torch.linspace(-10, 12, 4001, dtype=torch.float64)
    log_p, log_q = (-0.5 * (x - m) ** 2 - 0.5 * math.log(2 * math.pi) for m in (0.0, 1.3))
    divergence = DIVERGENCES["wasserstein_1"]()
    assert divergence.exact(log_p, log_q, float(x[1] - x[0])) == pytest.approx(1.3, rel=1e-6)
    assert divergence.exact(log_p[None], log_q[None], 1.0) is None


@pytest.mark.parametrize(("size", "one_sided", "expected"), [(0.5, True, 0.0), (0.5, False, 2.5), (3.0, True, 40.0)])
def test_one_sided_penalty_spares_flat_critics(size, one_sided, expected):
    critic = Mlp(depth=0).build(2, 1, torch.Generator().manual_seed(0))
    divergence = DIVERGENCES["wasserstein_1"](gradient_penalty=10.0, one_sided=one_sided)
    x, mix = torch.ones(8, 2), torch.full((8, 1), 0.5)
    critic.theta.copy_(torch.tensor([0.6 * size, 0.8 * size, 0.1]))
    assert critic.add_slope_penalty(divergence.penalty(x, -x, mix)) == pytest.approx(expected, abs=1e-5)


def test_sinkhorn_flow_carries_points_to_their_goals_on_straight_lines():
    """At p = 2 and little blur, moving at −∇/(1 − t), each its own, is McCann's interpolation: there at t = 1."""
    angle = torch.arange(48, dtype=torch.float64) * (2 * math.pi / 48)
    target, start = torch.stack([angle.cos(), angle.sin()], 1), 0.3 * normal(48, 2, 3)
    shortest = math.sqrt(ot.emd2(uniform(48), uniform(48), costs(start, target, 2).numpy()))
    divergence, steps = DIVERGENCES["sinkhorn"](blur=0.01, scaling=0.97, settling=300), 5
    path = [start]
    for step in range(steps):
        _, slope = divergence.estimate_slopes(target, path[-1], CHANCE)
        path.append(path[-1] - 48 * slope / (steps - step))
    assert ot.emd2(uniform(48), uniform(48), costs(path[-1], target, 2).numpy()) < 0.01**2
    assert float((path[-1] - start).square().sum(1).mean().sqrt()) == pytest.approx(shortest, rel=0.005)
    for step, points in enumerate(path):
        assert (points - torch.lerp(start, path[-1], step / steps)).norm(dim=1).mean() < 0.02


def test_a_narrow_gaussian_kernel_leaves_points_behind_where_sinkhorn_does_not():
    target = normal(60, 2, 0) * 0.1
    start = torch.cat([normal(30, 2, 1) * 0.1, normal(30, 2, 2) * 0.1 + 3.0])
    ends = {}
    for key, options in (("mmd", {"bandwidths": (0.1,)}), ("sinkhorn", {"blur": 0.05})):
        points = start
        for _ in range(40):
            _, slope = DIVERGENCES[key](**options).estimate_slopes(target, points, CHANCE)
            points = points - 0.2 * (60 * slope if key == "sinkhorn" else slope)
        ends[key] = math.sqrt(ot.emd2(uniform(60), uniform(60), costs(target, points, 2).numpy()))
    assert ends["sinkhorn"] < 0.1
    assert ends["mmd"] > 1.0
