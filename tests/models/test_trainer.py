"""The trainer: gradients right, runs repeatable, states complete, changes live, divergence reported."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.experiment import Experiment
from models.objectives import OBJECTIVES
from models.registry import RecipeError
from models.training.trainer import Diverged, Trainer

SMALL = ["architecture.width=16", "architecture.depth=2", "batch_size=32"]
RECIPES = {
    "jensen_shannon": ["divergence.key=jensen_shannon"],
    "minimax": ["objective.generator_loss=minimax", "objective.r1=0.1"],
    "wasserstein_penalty": ["divergence.key=wasserstein_1", "objective.critic_steps=3"],
    "wasserstein_clip": ["divergence.key=wasserstein_1", "divergence.gradient_penalty=0.0", "divergence.clip=0.05"],
    "batch_norm": ["architecture.normalisation=batch", "objective.critic.spectral_norm=true"],
    "uniform": ["latent.key=uniform", "optimizer.key=rmsprop", "optimizer.ema=0.9", "optimizer.schedule=cosine"],
    "finite": ["data.n=64", "optimizer.key=adamw"],
}


def experiment(*settings: str, divergence: str = "jensen_shannon") -> Experiment:
    return Experiment.from_dict({"divergence": divergence}).with_settings([*SMALL, *settings])


def recipes() -> list:
    made = [pytest.param(experiment(*settings), id=name) for name, settings in RECIPES.items()]
    return [*made, pytest.param(experiment("optimizer.key=sgd", divergence="mmd"), id="mmd")]


def train(trainer: Trainer, steps: int) -> list[dict[str, float]]:
    return [trainer.take_step() for _ in range(steps)]


@pytest.mark.parametrize("recipe", recipes())
def test_same_seed_same_numbers(recipe):
    first, second = Trainer(recipe), Trainer(recipe)
    assert train(first, 5) == train(second, 5)
    assert torch.equal(first.values(), second.values())
    other = Trainer(recipe.with_settings(["seed=1"]))
    train(other, 5)
    assert not torch.equal(first.values(), other.values())


@pytest.mark.parametrize("recipe", recipes())
def test_a_restored_run_continues_bit_for_bit(recipe):
    straight = Trainer(recipe)
    train(straight, 4)
    state = straight.state()
    rows = train(straight, 4)
    resumed = Trainer(recipe.with_settings([]))
    resumed.restore(state)
    assert resumed.step == 4
    assert train(resumed, 4) == rows
    assert torch.equal(resumed.values(), straight.values())


@pytest.mark.parametrize("recipe", recipes())
def test_fast_and_general_passes_train_alike(recipe):
    fast, general = Trainer(recipe), Trainer(recipe)
    for network in (general.game.model.network, general.game.critic):
        if network is not None:
            network.use_autograd()
    for row, reference in zip(train(fast, 3), train(general, 3), strict=True):
        assert row == pytest.approx(reference, rel=1e-3, abs=1e-5)
    torch.testing.assert_close(fast.values(), general.values(), rtol=1e-2, atol=1e-4)


@pytest.mark.parametrize("recipe", recipes())
def test_generator_gradient_agrees_with_finite_differences(recipe):
    """The directional derivative of the generator's loss along random directions, in double precision."""
    trainer = Trainer(recipe)
    game, objective = trainer.game, recipe.objective
    z, real = game.latent(), game.real()
    game.latent, game.real = (lambda: z), (lambda: real)
    network = game.model.network
    objective.generator_turn(game)
    gradient = network.gradient.double()
    if game.critic is not None:
        game.critic.module.eval()
    module = network.module.double()
    if game.critic is not None:
        game.critic.module.double()

    def loss(theta: torch.Tensor) -> float:
        torch.nn.utils.vector_to_parameters(theta, module.parameters())
        return float(objective.sample_loss(game, module(z.double()), real.double()).detach())

    theta = torch.nn.utils.parameters_to_vector(module.parameters()).detach()
    chance = torch.Generator().manual_seed(0)
    for _ in range(3):
        direction = torch.randn(theta.shape, generator=chance, dtype=torch.float64)
        h = 1e-6
        slope = (loss(theta + h * direction) - loss(theta - h * direction)) / (2 * h)
        assert float(gradient @ direction) == pytest.approx(slope, rel=2e-2, abs=1e-5)


def test_one_player_can_move_alone():
    trainer = Trainer(experiment())
    trainer.take_step()
    n = len(trainer.game.model.network.values)
    before = trainer.values()
    trainer.take_step("critic")
    assert torch.equal(trainer.values()[:n], before[:n])
    assert not torch.equal(trainer.values()[n:-n], before[n:-n])
    before = trainer.values()
    trainer.take_step("generator")
    assert torch.equal(trainer.values()[n:-n], before[n:-n])
    assert not torch.equal(trainer.values()[:n], before[:n])


def test_live_changes_are_taken_up_and_others_refused():
    trainer = Trainer(experiment())
    trainer.take_step()
    before = trainer.values()
    trainer.adopt(trainer.experiment.with_settings(["optimizer.lr=1e-7", "objective.critic_lr=1e-7", "batch_size=8"]))
    trainer.take_step()
    n = len(trainer.average)  # the averaged weights go on moving
    assert float((trainer.values() - before)[:-n].abs().max()) < 1e-5
    with pytest.raises(RecipeError, match=r"data\.modes: cannot change during a run"):
        trainer.adopt(trainer.experiment.with_settings(["data.modes=5"]))


def test_averaged_weights_follow_slowly():
    trainer = Trainer(experiment("optimizer.ema=0.9"))
    for share_of_new in (1 - 1 / 10, 1 - 2 / 11, 1 - 3 / 12):  # warming up: (1 + t)/(10 + t) is kept
        before = trainer.average.clone()
        trainer.take_step()
        expected = torch.lerp(before, trainer.game.model.network.values, share_of_new)
        torch.testing.assert_close(trainer.average, expected, rtol=1e-4, atol=1e-7)
    train(trainer, 100)
    before = trainer.average.clone()
    trainer.take_step()
    expected = torch.lerp(before, trainer.game.model.network.values, 0.1)
    torch.testing.assert_close(trainer.average, expected, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("recipe", recipes())
def test_an_absurd_rate_diverges_and_says_so(recipe):
    trainer = Trainer(recipe.with_settings(["optimizer.lr=1e6"]))
    with pytest.raises(Diverged, match=r"(loss|bound|penalty|estimate|weight) became \S+ at step \d+") as caught:
        train(trainer, 40)
    assert caught.value.advice


def test_what_exploded_between_two_looks_is_not_worth_keeping():
    trainer = Trainer(experiment())
    train(trainer, 17)  # the next look of a step is at the 32nd
    trainer.inspect()
    trainer.adopt(trainer.experiment.with_settings(["optimizer.lr=1e6"]))
    trainer.take_step()
    with pytest.raises(Diverged, match=r"largest weight became \S+ at step 18$"):
        trainer.inspect()
    healthy = Trainer(experiment())
    healthy.average[0] = np.nan
    with pytest.raises(Diverged, match="weights became nan"):
        healthy.inspect()


def test_a_state_of_another_recipe_is_refused():
    state = Trainer(experiment()).state()
    with pytest.raises(RecipeError, match="does not fit the recipe"):
        Trainer(experiment("architecture.width=8")).restore(state)


def test_a_state_owns_its_arrays():
    trainer = Trainer(experiment())
    state = trainer.state()
    kept = {name: array.copy() for name, array in state["arrays"].items()}
    train(trainer, 2)
    for name, array in state["arrays"].items():
        np.testing.assert_array_equal(array, kept[name])


@pytest.mark.parametrize("key", OBJECTIVES.keys())
def test_objectives_require_only_what_exists(key):
    assert set(OBJECTIVES[key].requires) <= set(Experiment.model_fields)


def test_training_moves_the_model_onto_the_data():
    """MMD on a ring: the mean distance of samples to the nearest mode halves in 300 steps."""
    recipe = experiment("data.modes=3", "data.std=0.1", "optimizer.lr=5e-3", "batch_size=128", divergence="mmd")
    trainer = Trainer(recipe)
    z = torch.randn(500, 2, generator=torch.Generator().manual_seed(5))
    modes = recipe.data.named_modes()

    def distance() -> float:
        return float(modes.distances(trainer.game.model.push(z)).min(dim=1).values.mean())

    before = distance()
    train(trainer, 300)
    assert distance() < before / 2
