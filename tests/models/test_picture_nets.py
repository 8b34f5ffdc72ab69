"""Networks between pictures and vectors: of every size, with finite gradients, as told and as promised."""

from __future__ import annotations

import pytest
import torch

from models.architectures import ARCHITECTURES
from models.architectures._net import Net
from models.architectures._network import MeanSquareSlope
from models.architectures._pictured import Pictured
from models.architectures._planes import ladder
from models.architectures._tokens import Patches
from models.data._picture import Picture, numbers
from models.experiment import Experiment
from models.registry import RecipeError
from models.training.trainer import Trainer

PICTURED = [member for member in ARCHITECTURES if issubclass(member, Pictured)]
WAYS = pytest.mark.parametrize("way", ["shrinking", "growing", "in place"])
ALL = pytest.mark.parametrize("member", PICTURED, ids=lambda member: member.key)
SIDES = [(1, 7, 7), (3, 8, 8), (1, 9, 13), (3, 21, 16), (1, 28, 28), (3, 33, 5), (1, 1, 10), (1, 2, 2)]
SMALL = {
    "convolutional": {"channels": 4},
    "residual_convolutional": {"channels": 4},
    "unet": {"channels": 4},
    "patch_transformer": {"heads": 1},
}


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def net(member, picture: Picture, way: str, condition: int = 0, **options) -> Net:
    ends = {"shrinking": (picture, 3), "growing": (5, picture), "in place": (picture, picture.with_channels(2))}[way]
    return Net("architecture", member(**SMALL.get(member.key, {}), **options), *ends, condition)


def possible(made: Net) -> Net:
    if made.objection:
        pytest.skip(made.objection)
    return made


def shaken(made: Net):
    """With no weight at 0, as after a few steps."""
    network = made.build(seeded())
    network.theta.add_(0.1 * torch.randn(network.theta.shape, generator=seeded(1)))
    return network


@WAYS
@ALL
def test_shapes_fit_themselves_to_pictures_of_any_size(member, way):
    for sides in SIDES:
        made = possible(net(member, Picture(*sides), way, condition=2))
        network = shaken(made)
        x = torch.randn(3, made.width, generator=seeded(2))
        y = network.forward(x)
        assert y.shape == (3, numbers(made.outputs))
        network.backward(torch.ones_like(y))
        assert network.gradient.isfinite().all()
        assert network.pull(torch.ones_like(y)).shape == x.shape
        torch.testing.assert_close(network.evaluate(x), y)
        assert made.units > 0


@WAYS
@ALL
def test_every_weight_and_every_input_counts(member, way):
    made = possible(net(member, Picture(2, 9, 8), way, condition=2))
    network = shaken(made)
    x = torch.randn(16, made.width, generator=seeded(2))
    y = network.forward(x)
    dy = torch.randn(y.shape, generator=seeded(3))
    network.backward(dy)
    for name, weight in network.module.named_parameters():
        if "bias" not in name:
            assert bool((weight.grad != 0).any()), name
    assert bool((network.pull(dy) != 0).any(0).all())


@WAYS
@ALL
def test_first_weights_come_from_the_given_generator_alone(member, way):
    made = possible(net(member, Picture(1, 8, 8), way, condition=2))
    torch.manual_seed(1)
    first = made.build(seeded(4)).values.clone()
    torch.manual_seed(2)
    assert torch.equal(first, made.build(seeded(4)).values)
    assert not torch.equal(first, made.build(seeded(5)).values)


@WAYS
@ALL
def test_a_condition_modulates(member, way):
    """It changes what is made of the same input, and one that is told to every row is not an input like others."""
    made = possible(net(member, Picture(1, 8, 8), way, condition=3))
    network = shaken(made)
    x = torch.randn(4, made.width - 3, generator=seeded(2))
    told = [torch.cat([x, torch.full((4, 3), value)], 1) for value in (-1.0, 1.0)]
    one, other = (network.evaluate(rows) for rows in told)
    assert float((one - other).norm() / one.norm()) > 0.01


@pytest.mark.parametrize("key", ["unet", "patch_transformer"])
def test_what_is_told_says_where(key):
    """A bright quarter where one of four classes says, out of noise: what acts on all places alike learns it late."""
    picture, chance = Picture(1, 8, 8), seeded(2)
    network = Net("", ARCHITECTURES.parse({"key": key, **SMALL[key]}), picture, picture, 4).build(seeded())
    step = torch.optim.Adam([network.theta], 5e-3).step
    network.theta.grad = network.gradient
    for _ in range(40):
        told = torch.eye(4)[torch.randint(4, (32,), generator=chance)]
        target = told.view(-1, 2, 2).repeat_interleave(4, 1).repeat_interleave(4, 2).flatten(1)
        rows = torch.cat([torch.randn(32, 64, generator=chance), told], 1)
        error = network.forward(rows) - target
        network.backward(2 * error / error.numel())
        step()
    assert float(error.square().mean() / target.var()) < 0.18


@ALL
def test_slope_penalties_are_differentiated_twice(member):
    """By finite differences along a random direction of the weights."""
    made = possible(net(member, Picture(1, 6, 6), "shrinking"))
    critic = Net("", made.architecture, made.inputs, 1).build(seeded())
    critic.module.double()
    x = torch.randn(5, 36, generator=seeded(2), dtype=torch.float64)
    weights = list(critic.module.parameters())
    direction = [torch.randn(w.shape, generator=seeded(3), dtype=torch.float64) for w in weights]

    def penalty() -> torch.Tensor:
        points = x.clone().requires_grad_()
        (slope,) = torch.autograd.grad(critic.module(points).sum(), points, create_graph=True)
        return MeanSquareSlope.at(x, 1.0).value(slope)

    found = torch.autograd.grad(penalty(), weights, allow_unused=True)
    expected = sum(float((g * d).sum()) for g, d in zip(found, direction, strict=True) if g is not None)
    values = []
    for step in (1e-6, -2e-6):
        for weight, d in zip(weights, direction, strict=True):
            weight.data.add_(d, alpha=step)
        values.append(float(penalty().detach()))
    assert (values[0] - values[1]) / 2e-6 == pytest.approx(expected, rel=1e-4)


def test_parameters_of_a_critic_counted_by_hand():
    """1 × 8 × 8 to 4 planes of 4 × 4, to 8 of 2 × 2, to one number: kernels of 4 × 4."""
    network = net(ARCHITECTURES["convolutional"], Picture(1, 8, 8), "shrinking").build(seeded())
    assert network.parameters == (4 * 1 * 16 + 4) + (8 * 4 * 16 + 8) + (3 * 8 * 4 + 3)


def test_halvings_stop_where_there_is_nothing_to_halve():
    assert [rung[1:] for rung in ladder(Picture(1, 28, 28), 4, 0, 4)] == [(14, 14), (7, 7), (3, 3)]
    assert [rung.channels for rung in ladder(Picture(3, 400, 300), 4, 0, 4)] == [4, 8, 16, 32, 32, 32, 32]
    assert ladder(Picture(1, 400, 6), 4, 3, 4) == ((4, 200, 3), (8, 100, 3), (16, 50, 3))
    assert ladder(Picture(1, 3, 2), 4, 5, 4) == ((4, 3, 2),)


@pytest.mark.parametrize("key", ["convolutional", "residual_convolutional"])
def test_a_shifted_picture_gives_a_shifted_answer(key):
    """Away from the borders; a critic's first planes shift by one where the picture shifts by its stride."""
    picture = Picture(1, 24, 24)
    made = Net("", ARCHITECTURES.parse({"key": key, "channels": 4, "depth": 1}), picture, picture)
    network = shaken(made)
    x = torch.randn(2, 1, 24, 24, generator=seeded(2))
    planes = [network.evaluate(part.flatten(1)).view(2, 24, 24) for part in (x, x.roll((2, 3), (2, 3)))]
    torch.testing.assert_close(planes[0].roll((2, 3), (1, 2))[:, 10:-7, 10:-7], planes[1][:, 10:-7, 10:-7])
    assert not torch.allclose(planes[0][:, 10:-7, 10:-7], planes[1][:, 10:-7, 10:-7])

    first = (
        net(ARCHITECTURES[key], picture, "shrinking")
        .build(seeded())
        .module.get_submodule("body.layers.0" if key == "convolutional" else "body.first")
    )
    low, high = first(x), first(x.roll((2, 4), (2, 3)))
    torch.testing.assert_close(low.roll((1, 2), (2, 3))[:, :, 3:-1, 3:-1], high[:, :, 3:-1, 3:-1])


def test_patches_join_to_the_picture_that_was_cut():
    picture = Picture(3, 7, 10)
    planes = torch.randn(2, *picture, generator=seeded())
    patches = Patches(picture, 4)
    assert patches.cut(planes).shape == (2, 2 * 3, 3 * 16)
    assert torch.equal(patches.join(patches.cut(planes)), planes)
    assert torch.equal(patches.cut(planes)[0, 1].view(3, 4, 4), planes[0, :, :4, 4:8])
    places = patches.places(16)
    assert len(places.unique(dim=0)) == patches.count


@pytest.mark.parametrize(("side", "chosen"), [(3, 1), (8, 2), (16, 4), (28, 4), (32, 4), (64, 8), (400, 50)])
def test_four_to_eight_patches_stand_in_a_row_of_a_picture(side, chosen):
    assert ARCHITECTURES["patch_transformer"]().patches(Picture(3, side, side)).side == chosen


@ALL
def test_plain_vectors_are_refused_with_what_fits(member):
    spec = member()
    assert "what fits: mlp" in spec.objection(2, 2)
    assert "mlp" in spec.objection(Picture(1, 8, 8), Picture(1, 4, 4))
    assert not spec.objection(Picture(1, 8, 8), Picture(3, 8, 8))


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ({"architecture": "unet", "data": "digits"}, r"^architecture\.key: .* which unet needs; what fits: .*mlp"),
        ({"architecture": "convolutional"}, r"^architecture\.key: .*pictures .*; what fits: .*mlp"),
        ({"objective": {"key": "adversarial", "critic": "patch_transformer"}}, r"^objective\.critic\.key: .*fits: mlp"),
        ({"data": "digits", "objective": {"key": "adversarial", "critic": "unet"}}, r"^objective\.critic\.key: .*mlp"),
    ],
)
def test_a_recipe_says_why_there_is_no_such_net(recipe, words):
    with pytest.raises(RecipeError, match=words):
        Experiment.from_dict(recipe)


@pytest.mark.parametrize("normalisation", ["none", "batch", "group", "layer"])
def test_normalised_nets_learn_digits_by_every_role(normalisation):
    nets = {"key": "convolutional", "channels": 4, "normalisation": normalisation}
    residual = {**nets, "key": "residual_convolutional"}
    critic = {"key": "adversarial", "r1": 0.1, "critic": residual, "packing": 2, "minibatch_std": True}
    trainer = Trainer(Experiment.from_dict({"data": "digits", "architecture": nets, "objective": critic}))
    assert all(trainer.take_step().keys() for _ in range(2))
    trainer.inspect()
    assert trainer.parameters > 0
