"""The remedies of adversarial training, alone and together: gradients, repeatability, recipes and refusals."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu, softplus

from models.architectures._network import MeanSquareSlope
from models.divergences import DIVERGENCES
from models.divergences._base import CriticDivergence
from models.experiment import Experiment
from models.objectives._penalties import mean_squares
from models.objectives._smoothing import has_labels, smoothed_loss, smoothed_slopes
from models.objectives._unrolled import unrolled
from models.registry import RecipeError
from models.training.trainer import Trainer

SMALL = ["architecture.width=8", "architecture.depth=1", "objective.critic.width=6", "objective.critic.depth=1"]
PLAIN = ["batch_size=13", "objective.r1=0.0", "objective.fade=false"]
REMEDIES = {
    "r1": ["r1=0.7"],
    "r2": ["r2=0.4"],
    "r1, r2": ["r1=0.7", "r2=0.4"],
    "faded": ["r1=0.7", "r2=0.7", "instance_noise=0.3", "fade=true"],
    "noise": ["instance_noise=0.3"],
    "dragan": ["dragan=0.5"],
    "packing": ["packing=3"],
    "deviation": ["minibatch_std=true"],
    "smoothing": ["label_smoothing=0.2"],
    "r1, r2, noise, packing": ["r1=0.7", "r2=0.4", "instance_noise=0.3", "packing=2"],
    "unrolled": ["unrolled=2", "unrolled_lr=0.5"],
    "unrolled, saturating": ["unrolled=2", "unrolled_lr=0.5", "generator_loss=minimax", "r1=0.7"],
}
ALL = ["r1=0.7", "r2=0.4", "dragan=0.5", "instance_noise=0.3", "fade=true", "packing=2", "minibatch_std=true"]
ALL += ["label_smoothing=0.2", "unrolled=2", "unrolled_lr=0.5"]
REMEDIES["all"] = ALL


def recipe(remedies: list[str], *more: str, divergence: str = "jensen_shannon") -> Experiment:
    settings = [*SMALL, *PLAIN, *(f"objective.{remedy}" for remedy in remedies), *more]
    return Experiment.from_dict({"divergence": divergence, "objective": {"key": "adversarial"}}).with_settings(settings)


def in_double(remedies: list[str], *more: str, divergence: str = "jensen_shannon") -> Trainer:
    """A trainer whose nets are of double precision and whose batches stay the same."""
    trainer = Trainer(recipe(remedies, *more, divergence=divergence))
    game = trainer.game
    assert game.critic is not None
    for network in (game.model.network, game.critic):
        network.module.double()
        network.move_to(torch.device("cpu"))
    real, latent = game.real().double(), game.latent().double()
    game.real, game.latent = (lambda: real), (lambda: latent)
    game.progress = 0.25
    return trainer


def mlp(weights: list[Tensor], x: Tensor) -> Tensor:
    first, first_bias, second, second_bias = weights
    return leaky_relu(x @ first.T + first_bias, 0.2) @ second.T + second_bias


class Reference:
    """The game of Jensen and Shannon with every remedy, in plain autograd; draws in the same order."""

    def __init__(self, trainer: Trainer) -> None:
        game = trainer.game
        assert game.critic is not None
        self.o: Any = trainer.experiment.objective
        self.chance = torch.Generator()
        self.chance.set_state(game.chance.get_state())
        self.left = (1 - game.progress) ** 2 if self.o.fade else 1.0
        self.critic = [p.detach().clone().requires_grad_() for p in game.critic.module.parameters()]
        self.generator = [p.detach().clone().requires_grad_() for p in game.model.network.module.parameters()]
        self.real, self.fake = game.real(), mlp(self.generator, game.latent())

    def shown(self, x: Tensor) -> Tensor:
        if self.o.instance_noise:
            noise = torch.randn(x.shape, generator=self.chance, dtype=x.dtype)
            x = x + self.left * self.o.instance_noise * noise
        m = self.o.packing
        return torch.stack([x[m * i : m * (i + 1)].flatten() for i in range(len(x) // m)])

    def output(self, weights: list[Tensor], points: Tensor) -> Tensor:
        if self.o.minibatch_std:
            centred = points - points.mean(0)
            s = (centred.square().mean(0) + 1e-8).sqrt().mean()
            points = torch.cat([points, torch.ones_like(points[:, :1]) * s], 1)
        return mlp(weights, points)

    def slope(self, weights: list[Tensor], points: Tensor) -> Tensor:
        points = points.clone() if points.requires_grad else points.detach().requires_grad_()
        return torch.autograd.grad(self.output(weights, points).sum(), points, create_graph=True)[0]

    def draw(self) -> None:
        self.seen = self.shown(self.real), self.shown(self.fake)
        torch.rand(len(self.seen[0]), 1, generator=self.chance)
        real = self.seen[0]
        if self.o.dragan:
            shift = torch.randn(real.shape, generator=self.chance, dtype=real.dtype)
            self.around = real + self.o.dragan_spread * real.std(correction=0) * shift

    def critic_loss(self, weights: list[Tensor]) -> Tensor:
        real, fake = self.seen
        on_real, on_fake = self.output(weights, real), self.output(weights, fake)
        share = self.o.label_smoothing
        loss = (1 - share) * softplus(-on_real).mean() + share * softplus(on_real).mean() + softplus(on_fake).mean()
        loss = loss + self.left * self.o.r1 / 2 * self.slope(weights, real).square().sum(1).mean()
        loss = loss + self.left * self.o.r2 / 2 * self.slope(weights, fake).square().sum(1).mean()
        if self.o.dragan:
            loss = loss + self.o.dragan * (self.slope(weights, self.around).norm(dim=1) - 1).square().mean()
        return loss

    def critic_gradient(self) -> Tensor:
        self.fake = self.fake.detach()
        self.draw()
        return flat(torch.autograd.grad(self.critic_loss(self.critic), self.critic))

    def generator_gradient(self) -> Tensor:
        weights = self.critic
        if self.o.unrolled:
            self.draw()
            for _ in range(self.o.unrolled):
                gradients = torch.autograd.grad(self.critic_loss(weights), weights, create_graph=True)
                weights = [w - self.o.unrolled_lr * g for w, g in zip(weights, gradients, strict=True)]
        else:
            self.seen = self.real, self.shown(self.fake)
        real, fake = self.seen
        on_fake = self.output(weights, fake)
        loss = softplus(-on_fake).mean()
        if self.o.generator_loss == "minimax":
            loss = -softplus(on_fake).mean() - softplus(-self.output(weights, real)).mean()
        return flat(torch.autograd.grad(loss, self.generator))


def flat(tensors: tuple[Tensor, ...]) -> Tensor:
    return torch.cat([tensor.flatten() for tensor in tensors])


@pytest.mark.parametrize("remedies", REMEDIES.values(), ids=REMEDIES)
def test_the_critic_s_gradient_is_that_of_plain_autograd(remedies):
    trainer = in_double(remedies)
    reference, game = Reference(trainer), trainer.game
    trainer.experiment.objective.critic_turn(game)
    assert game.critic is not None
    torch.testing.assert_close(game.critic.gradient, reference.critic_gradient(), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("remedies", REMEDIES.values(), ids=REMEDIES)
def test_the_generator_s_gradient_is_that_of_plain_autograd(remedies):
    trainer = in_double(remedies)
    reference, game = Reference(trainer), trainer.game
    assert game.critic is not None
    before = game.critic.values.clone()
    trainer.experiment.objective.generator_turn(game)
    torch.testing.assert_close(game.model.network.gradient, reference.generator_gradient(), rtol=1e-8, atol=1e-10)
    assert torch.equal(game.critic.values, before)


@pytest.mark.parametrize("remedies", [["packing=3", "minibatch_std=true"], ["unrolled=2", "r1=0.7"]])
@pytest.mark.parametrize("divergence", ["jensen_shannon", "relativistic"])
def test_the_arrows_are_the_generator_s_own_gradient(remedies, divergence):
    trainer = in_double(remedies, divergence=divergence)
    game, objective = trainer.game, trainer.experiment.objective
    objective.generator_turn(game)
    expected = game.model.network.gradient.clone()
    fake = game.model.push_recorded(game.latent()).requires_grad_()
    (slope,) = torch.autograd.grad(objective.sample_loss(game, fake, game.real()), fake)
    game.model.pull_back(slope)
    torch.testing.assert_close(game.model.network.gradient, expected, rtol=1e-8, atol=1e-10)


def test_one_step_ahead_agrees_with_finite_differences():
    """Of −L_T after one step that the critic takes by its own turn, along random directions of θ."""
    remedies = ["generator_loss=minimax", "r1=0.7", "r2=0.4"]
    plain, ahead = in_double(remedies), in_double([*remedies, "unrolled=1", "unrolled_lr=0.5"])
    ahead.experiment.objective.generator_turn(ahead.game)
    game, theta, critic = plain.game, plain.game.model.network.theta, plain.game.critic
    assert critic is not None
    start, psi = theta.clone(), critic.theta.clone()

    def loss(shift: Tensor) -> float:
        theta.copy_(start + shift)
        critic.theta.copy_(psi)
        plain.experiment.objective.critic_turn(game)
        critic.theta.sub_(0.5 * critic.gradient)
        return -plain.experiment.objective.critic_turn(game)["critic_loss"]

    for seed in range(3):
        direction = torch.randn(theta.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        h = 1e-6 * direction
        slope = (loss(h) - loss(-h)) / 2e-6
        assert float(ahead.game.model.network.gradient @ direction) == pytest.approx(slope, rel=1e-5)


@pytest.mark.parametrize("general", [False, True])
def test_r1_and_r2_in_one_pass_are_the_sum_of_both(general):
    game = in_double([]).game
    critic = game.critic
    assert critic is not None
    if general:
        critic.use_autograd()
    both = torch.randn(9, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    def penalised(penalty: MeanSquareSlope | None) -> tuple[float, Tensor]:
        assert penalty is not None
        critic.gradient.zero_()
        return critic.add_slope_penalty(penalty), critic.gradient.clone()

    (first, g1), (second, g2), (whole, g) = (
        penalised(mean_squares(both, 4, *weights)) for weights in [(0.3, 0.0), (0.0, 0.8), (0.3, 0.8)]
    )
    assert whole == pytest.approx(first + second, rel=1e-12)
    torch.testing.assert_close(g, g1 + g2)


@pytest.mark.parametrize("weights", [(0.3, 0.0), (0.0, 0.8), (0.3, 0.8)])
def test_r1_and_r2_need_no_second_forward_pass(weights, monkeypatch):
    critic = in_double([]).game.critic
    assert critic is not None
    both = torch.randn(9, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    penalty = mean_squares(both, 4, *weights)
    assert penalty is not None
    critic.forward(both)
    monkeypatch.setattr(critic._pass, "forward", lambda x: pytest.fail("a second pass"))
    assert critic.add_slope_penalty(penalty) > 0


@pytest.mark.parametrize("divergence", ["jensen_shannon", "wasserstein_1", "relativistic"])
def test_every_remedy_at_once_repeats_and_resumes_bit_for_bit(divergence):
    remedies = [remedy for remedy in ALL if divergence == "jensen_shannon" or "smoothing" not in remedy]
    settings = recipe(remedies, divergence=divergence)
    straight, again = Trainer(settings), Trainer(Experiment.from_toml(settings.to_toml()))
    rows = [straight.take_step() for _ in range(3)]
    assert [again.take_step() for _ in range(3)] == rows
    state = straight.state()
    rows = [straight.take_step() for _ in range(2)]
    resumed = Trainer(settings)
    resumed.restore(state)
    assert [resumed.take_step() for _ in range(2)] == rows
    assert torch.equal(resumed.values(), straight.values())


def test_the_remedies_that_shape_no_net_are_taken_up_in_mid_run():
    trainer = Trainer(recipe([]))
    shaping = ("packing", "minibatch_std")
    trainer.adopt(recipe([remedy for remedy in ALL if not remedy.startswith(shaping)]))
    assert "penalty" in trainer.take_step()
    for remedy in ("packing=2", "minibatch_std=true"):
        with pytest.raises(RecipeError, match="cannot change during a run"):
            trainer.adopt(trainer.experiment.with_settings([f"objective.{remedy}"]))


def test_steps_ahead_of_a_bilinear_game_are_friction():
    """With T = ψx and L_T = ψ(θ − c), ψ_u = ψ − uη(θ − c): the generator's gradient is −ψ + 2uη(θ − c)."""
    module = nn.Linear(1, 1, bias=False).double()
    theta, c, steps, rate = torch.tensor([[0.7]], dtype=torch.float64, requires_grad=True), 0.2, 4, 0.3
    ahead = unrolled(module, lambda critic: (critic(theta) - critic(torch.full_like(theta, c))).sum(), steps, rate)
    loss = -(ahead(theta) - ahead(torch.full_like(theta, c))).sum()
    (gradient,) = torch.autograd.grad(loss, theta)
    assert float(gradient) == pytest.approx(-float(module.weight.detach()) + 2 * steps * rate * (0.7 - c), rel=1e-12)


def critic_divergences() -> list[CriticDivergence]:
    return [divergence() for divergence in DIVERGENCES if issubclass(divergence, CriticDivergence)]


@pytest.mark.parametrize("divergence", critic_divergences(), ids=lambda d: d.key)
def test_smoothing_mixes_the_parts_of_every_loss_that_has_labels(divergence):
    if not has_labels(divergence):
        with pytest.raises(RecipeError, match="set label_smoothing to 0"):
            recipe(["label_smoothing=0.1"], divergence=divergence.key)
        return
    chance = torch.Generator().manual_seed(0)
    real, fake, other = (0.8 * torch.randn(6, 1, generator=chance, dtype=torch.float64) for _ in range(3))
    leaves = real.requires_grad_(), fake.requires_grad_()
    on_real, on_fake = torch.autograd.grad(smoothed_loss(divergence, *leaves, 0.3), leaves)
    (as_real,) = torch.autograd.grad(divergence.critic_loss(real, other), real)
    (as_fake,) = torch.autograd.grad(divergence.critic_loss(other, real), real)
    torch.testing.assert_close(on_real, 0.7 * as_real + 0.3 * as_fake)
    _, *written = smoothed_slopes(divergence, real.detach(), fake.detach(), 0.3)
    torch.testing.assert_close(written, [on_real, on_fake])


def test_only_losses_without_labels_refuse_smoothing():
    assert {d.key for d in critic_divergences() if not has_labels(d)} == {"wasserstein_1", "relativistic"}


@pytest.mark.parametrize(("remedies", "least"), [(["packing=4"], 4), (["packing=3", "minibatch_std=true"], 6)])
def test_a_batch_must_hold_a_pack(remedies, least):
    with pytest.raises(RecipeError, match=f"with the objective chosen here it must be at least {least}"):
        recipe(remedies, f"batch_size={least - 1}")
    assert Trainer(recipe(remedies, f"batch_size={least}")).take_step()


def test_a_critic_of_packs_is_seen_at_single_points():
    """A linear critic's mean over partners is its value at the mean partner."""
    trainer = in_double(["packing=2"], "objective.critic.depth=0")
    game, objective = trainer.game, trainer.experiment.objective
    assert game.critic is not None
    chance = torch.Generator().manual_seed(0)
    points, real, fake = (torch.randn(8, 2, generator=chance, dtype=torch.float64) for _ in range(3))
    state = game.chance.get_state()
    seen = objective.critic_at(game, points, real, fake)
    partner = torch.cat([real, fake]).mean(0).expand(8, -1)
    torch.testing.assert_close(seen, game.critic.evaluate(torch.cat([points, partner], 1)))
    assert torch.equal(game.chance.get_state(), state)
    judged = objective.judged(game, real)
    torch.testing.assert_close(judged, game.critic.evaluate(real.reshape(4, 4)))


@pytest.mark.parametrize("remedies", [[], ["instance_noise=0.3", "r1=0.7"]])
def test_a_critic_of_single_samples_is_seen_as_it_is(remedies):
    trainer = in_double(remedies)
    game, points = trainer.game, torch.ones(3, 2, dtype=torch.float64)
    assert game.critic is not None
    seen = trainer.experiment.objective.critic_at(game, points, points, points)
    assert seen is not None
    assert torch.equal(seen, game.critic.evaluate(points))


def test_a_bound_that_is_blurred_says_so():
    for name, remedies in REMEDIES.items():
        blurred = {"faded", "noise", "packing", "deviation", "smoothing", "r1, r2, noise, packing", "all"}
        assert bool(recipe(remedies).objective.blurs_bound) == (name in blurred), name
