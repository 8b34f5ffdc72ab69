"""The hand-written pass of the MLP computes what autograd computes."""

from __future__ import annotations

import pytest
import torch

from models.architectures._activation import ACTIVATIONS
from models.architectures._network import MeanSquareSlope, SlopePenalty
from models.architectures.mlp import INITIALISATIONS, Mlp

SHAPES = [(2, 2, 2), (3, 1, 1), (1, 5, 3), (0, 2, 2), (3, 20, 2)]


def networks(outputs: int, inputs: int, **options: object) -> tuple:
    made = [Mlp(width=24, **options).build(inputs, outputs, torch.Generator().manual_seed(0)) for _ in range(2)]
    made[1].use_autograd()
    return tuple(made)


@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("depth", "inputs", "outputs"), SHAPES)
def test_gradients_equal_autograd(depth, inputs, outputs, activation, residual):
    fast, reference = networks(outputs, inputs, depth=depth, activation=activation, residual=residual)
    chance = torch.Generator().manual_seed(1)
    for n in (7, 12, 7):
        x, dy = torch.randn(n, inputs, generator=chance), torch.randn(n, outputs, generator=chance)
        torch.testing.assert_close(fast.forward(x), reference.forward(x))
        for network in (fast, reference):
            network.backward(dy)
        torch.testing.assert_close(fast.gradient, reference.gradient, rtol=1e-4, atol=1e-5)
        before = fast.gradient.clone()
        torch.testing.assert_close(fast.pull(dy), reference.pull(dy), rtol=1e-4, atol=1e-5)
        assert torch.equal(fast.gradient, before)


@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("depth", "inputs"), [(3, 2), (1, 1), (0, 2), (2, 20)])
def test_slope_penalty_equals_autograd(depth, inputs, activation, residual):
    fast, reference = networks(1, inputs, depth=depth, activation=activation, residual=residual)
    x = torch.randn(9, inputs, generator=torch.Generator().manual_seed(1))
    penalty = SlopePenalty(x, lambda slope: (slope.norm(dim=1) - 0.3).square().mean() + slope.sum())
    for network in (fast, reference):
        network.forward(x)
        network.backward(torch.ones(9, 1))
    before = reference.gradient.clone()
    assert fast.add_slope_penalty(penalty) == pytest.approx(reference.add_slope_penalty(penalty), rel=1e-5)
    assert not torch.equal(reference.gradient, before)
    torch.testing.assert_close(fast.gradient, reference.gradient, rtol=1e-4, atol=1e-5)


def test_slope_penalty_at_rows_of_the_last_batch_needs_no_second_pass():
    fast, reference = networks(1, 2, depth=2)
    x = torch.randn(12, 2, generator=torch.Generator().manual_seed(1))
    penalty = MeanSquareSlope.at(x[:5], 0.7)
    for network in (fast, reference):
        network.forward(x)
        network.backward(torch.ones(12, 1))
    values = [network.add_slope_penalty(penalty) for network in (fast, reference)]
    assert values[0] == pytest.approx(values[1], rel=1e-5)
    torch.testing.assert_close(fast.gradient, reference.gradient, rtol=1e-4, atol=1e-5)


def test_mean_square_slope_is_differentiated_right():
    slope = torch.randn(6, 3, generator=torch.Generator().manual_seed(0))
    penalty = MeanSquareSlope.at(slope, 0.3)
    value, gradient = penalty.value_and_gradient(slope)
    reference = SlopePenalty(slope, penalty.value).value_and_gradient(slope)
    assert value == pytest.approx(reference[0], rel=1e-6)
    torch.testing.assert_close(gradient, reference[1])


def test_module_and_flat_values_share_memory():
    network = Mlp(depth=1, width=4).build(2, 1, torch.Generator().manual_seed(0))
    x = torch.ones(3, 2)
    assert torch.equal(network.module(x).detach(), network.forward(x))
    network.theta.zero_()
    assert float(network.module(x).detach().abs().sum()) == 0.0


@pytest.mark.parametrize("initialisation", INITIALISATIONS)
@pytest.mark.parametrize("normalisation", ["none", "batch", "layer"])
def test_weights_come_from_the_generator_alone(initialisation, normalisation):
    spec = Mlp(width=8, initialisation=initialisation, normalisation=normalisation, spectral_norm=True)
    first, same, other = (spec.build(2, 1, torch.Generator().manual_seed(s)).values for s in (0, 0, 1))
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_spectral_norm_bounds_the_slope():
    network = Mlp(depth=2, width=32, activation="relu", initialisation="normal", spectral_norm=True).build(
        2, 1, torch.Generator().manual_seed(0)
    )
    network.theta.mul_(100)
    for _ in range(50):
        network.forward(torch.randn(8, 2, generator=torch.Generator().manual_seed(1)))
    slope = network.pull(torch.ones(8, 1))
    assert float(slope.norm(dim=1).max()) <= 1.01
