"""The affine map: its hand-written pass computes what autograd computes, and it starts where it is told to."""

from __future__ import annotations

import pytest
import torch

from models.architectures import ARCHITECTURES
from models.architectures._affine_pass import AffineModule, AffinePass
from models.architectures._network import Network, SlopePenalty
from models.architectures.affine import Affine

PARTS = {"both": (True, True), "matrix": (True, False), "offset": (False, True)}


def networks(parts: str, inputs: int, outputs: int) -> list[Network]:
    chance = torch.Generator().manual_seed(0)
    weight, bias = torch.randn(outputs, inputs, generator=chance), torch.randn(outputs, generator=chance)
    has_weight, has_bias = PARTS[parts]
    made = [
        Network(AffineModule(weight.clone() if has_weight else None, bias.clone() if has_bias else None), AffinePass)
        for _ in range(2)
    ]
    made[1].use_autograd()
    return made


@pytest.mark.parametrize("parts", PARTS)
@pytest.mark.parametrize(("inputs", "outputs"), [(1, 1), (3, 2), (1, 4)])
def test_gradients_equal_autograd(parts, inputs, outputs):
    fast, reference = networks(parts, inputs, outputs)
    chance = torch.Generator().manual_seed(1)
    for n in (7, 1):
        x, dy = torch.randn(n, inputs, generator=chance), torch.randn(n, outputs, generator=chance)
        torch.testing.assert_close(fast.forward(x), reference.forward(x))
        torch.testing.assert_close(fast.evaluate(x), reference.evaluate(x))
        for network in (fast, reference):
            network.backward(dy)
        torch.testing.assert_close(fast.gradient, reference.gradient)
        torch.testing.assert_close(fast.pull(dy), reference.pull(dy))


@pytest.mark.parametrize("parts", ["both", "matrix"])
def test_slope_penalty_equals_autograd(parts):
    fast, reference = networks(parts, 3, 1)
    if parts == "both":  # autograd's reference asks for a slope that depends on every weight
        reference = networks(parts, 3, 1)[1]
        reference._pass._parameters = reference._pass._parameters[:1]
    x = torch.randn(9, 3, generator=torch.Generator().manual_seed(1))
    penalty = SlopePenalty(x, lambda slope: (slope.norm(dim=1) - 0.3).square().mean() + slope.sum())
    values = [network.add_slope_penalty(penalty) for network in (fast, reference)]
    assert values[0] == pytest.approx(values[1], rel=1e-5)
    torch.testing.assert_close(fast.gradient, reference.gradient, rtol=1e-5, atol=1e-6)
    assert fast.gradient[:3].abs().max() > 0


def test_a_constant_map_has_no_slope_to_punish():
    (fast, _) = networks("offset", 2, 1)
    penalty = SlopePenalty(torch.ones(4, 2), lambda slope: slope.square().sum() + 1)
    assert fast.add_slope_penalty(penalty) == 1
    assert not fast.gradient.any()


def test_a_generator_on_the_line_starts_as_the_gaussian_it_is_told_to_be():
    network = ARCHITECTURES.parse({"key": "affine", "slope": 0.5, "first_offset": -2.0}).build(1, 1, torch.Generator())
    z = torch.randn(50_000, 1, generator=torch.Generator().manual_seed(0))
    x = network.evaluate(z)
    assert float(x.mean()) == pytest.approx(-2.0, abs=0.01)
    assert float(x.std()) == pytest.approx(0.5, abs=0.01)
    assert network.parameters == 2


def test_without_an_offset_there_is_one_weight_and_zero_goes_to_zero():
    network = Affine(slope=-1.0, offset=False).build(1, 1, torch.Generator())
    assert network.parameters == 1
    assert network.evaluate(torch.tensor([[0.0], [2.0]])).flatten().tolist() == [0.0, -2.0]
