"""What a recipe costs, known before it is built."""

from __future__ import annotations

import pytest
import torch

from models import cost
from models.cost import BASE, check_memory, cost_of, cost_of_run
from models.experiment import Experiment
from models.registry import RecipeError
from models.training.trainer import Trainer

GAN = {
    "data": "digits", "latent": {"key": "gaussian", "dimension": 10}, "batch_size": 50,
    "architecture": {"key": "mlp", "width": 20, "depth": 1},
    "objective": {"key": "adversarial", "critic": {"key": "mlp", "width": 30, "depth": 1}},
}  # fmt: skip


def test_weights_and_products_are_those_counted_by_hand():
    found = cost_of(Experiment.from_dict(GAN))
    assert found.parameters == 10 * 20 + 20 + 20 * 64 + 64
    assert found.critic_parameters == 64 * 30 + 30 + 30 + 1
    generator, critic = 10 * 20 + 20 * 64, 64 * 30 + 30
    assert found.multiply_adds == 50 * (4 * generator + 4 * 2 * critic)
    often = {**GAN, "objective": {**GAN["objective"], "critic_steps": 5}}
    assert cost_of(Experiment.from_dict(often)).multiply_adds == 50 * (8 * generator + 16 * 2 * critic)


@pytest.mark.parametrize(
    "family", ["pushforward", "variational_autoencoder", "diffusion", "flow_matching"]
)  # those whose networks are the recipe's
def test_weights_told_beforehand_are_those_that_are_trained(family):
    recipe = {"data": "digits", "family": family, "latent": {"key": "gaussian", "dimension": 64}}
    experiment = Experiment.from_dict(recipe)
    own = 1 if family == "variational_autoencoder" else 0  # the likelihood's σ
    assert cost_of(experiment).parameters + own == Trainer(experiment).parameters


def test_weights_outside_the_architectures_are_counted_once_the_run_is_there():
    """A critic that is told the class projects on a vector for each; a flow's networks are its own."""
    family = {"key": "pushforward", "conditional": True}
    for recipe in ({**GAN, "family": family}, {"data": "moons", "family": "coupling_flow"}):
        trainer = Trainer(Experiment.from_dict(recipe))
        before = cost_of(trainer.experiment)
        found = cost_of_run(trainer.experiment, trainer.parameters, trainer.critic_parameters)
        more = found.parameters + found.critic_parameters - before.parameters - before.critic_parameters
        assert more > 0
        assert (found.parameters, found.critic_parameters) == (
            trainer.game.model.network.parameters,
            trainer.game.critic.parameters if trainer.game.critic else 0,
        )
        assert found.memory - before.memory >= 4 * 14 * more
        assert before.memory > BASE


def test_a_state_of_another_size_is_refused_and_changes_nothing():
    trainer = Trainer(Experiment.from_dict(GAN))
    wider = Trainer(Experiment.from_dict({**GAN, "architecture": {"key": "mlp", "width": 21, "depth": 1}}))
    before = trainer.values().clone()
    with pytest.raises(RecipeError, match="values is missing or of another shape"):
        trainer.restore(wider.state())
    assert torch.equal(trainer.values(), before)


def test_a_net_too_large_for_this_machine_is_refused_before_it_is_built(monkeypatch):
    monkeypatch.setattr(cost, "memory_of_machine", lambda: 2**30)
    monkeypatch.setattr(cost, "WIDE", 0)  # all nets are counted without being built
    wide = {**GAN, "architecture": {"key": "mlp", "width": 1024, "depth": 12}, "batch_size": 1000}
    with pytest.raises(RecipeError, match=r"weights and batches of 1000 take about .* GB .* choose a smaller network"):
        check_memory(Experiment.from_dict(wide))
    check_memory(Experiment.from_dict(GAN))


def test_a_rehearsed_step_leaves_no_trace():
    tried, plain = (Trainer(Experiment.from_dict(GAN)) for _ in range(2))
    assert tried.rehearse() > 0
    for trainer in (tried, plain):
        for _ in range(3):
            trainer.take_step()
    assert torch.equal(tried.values(), plain.values())
    assert tried.step == plain.step == 3
