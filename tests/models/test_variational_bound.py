"""The variational bound as an objective: its gradient, its options, its scalars, and what training with it does."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn
from torch import distributions as laws

from models.experiment import Experiment, needs_restart
from models.families._variational import Terms, VariationalModel
from models.objectives import OBJECTIVES
from models.objectives.variational_bound import VariationalBound
from models.registry import RecipeError
from models.training.trainer import Trainer


def recipe(data: str | dict = "moons", **options) -> Experiment:
    k, family = options.pop("k", 2), options.pop("family", {})
    plain = {"key": "mlp", "width": 16, "depth": 1}
    return Experiment.from_dict(
        {
            "data": data,
            "latent": {"key": "gaussian", "dimension": k},
            "architecture": plain,
            "family": {"key": "variational_autoencoder", "encoder": plain, **family},
            "objective": {"key": "variational_bound", **options},
            "batch_size": 64,
            "steps": 200,
            "seed": 12,
        }
    )


def objective(**options) -> VariationalBound:
    made = OBJECTIVES.parse({"key": "variational_bound", **options})
    assert isinstance(made, VariationalBound)
    return made


def independent_loss(model: VariationalModel, u: Tensor, noise: Tensor, beta: float, draws: int) -> Tensor:
    """The negative bound with torch's own laws, from the networks alone."""
    net = model.network.module
    assert isinstance(net.encoder, nn.Module)
    assert isinstance(net.decoder, nn.Module)
    mean, log_std = net.encoder(u).chunk(2, 1)
    q = laws.Normal(mean[:, None], log_std.exp()[:, None])
    z = q.mean + q.stddev * noise.view(len(u), draws, -1)
    p = laws.Normal(net.decoder(z), net.observed.log_std.exp())
    reconstruction = p.log_prob(u[:, None]).sum(2)
    prior = laws.Normal(0.0, 1.0)
    if draws == 1:
        return beta * laws.kl_divergence(laws.Normal(mean, log_std.exp()), prior).sum(1).mean() - reconstruction.mean()
    rate = (q.log_prob(z) - prior.log_prob(z)).sum(2)
    return -((reconstruction - beta * rate).logsumexp(1) - math.log(draws)).mean()


@pytest.mark.parametrize(("beta", "draws"), [(1.0, 1), (0.3, 1), (1.0, 6), (2.0, 6)])
def test_gradient_is_that_of_the_bound_written_out(beta, draws):
    trainer = Trainer(recipe(beta=beta, importance_samples=draws))
    game, model = trainer.game, trainer.game.model
    u = game.real()
    game.real = lambda: u
    state = game.chance.get_state()
    scalars = trainer.experiment.objective.generator_turn(game)
    written = model.network.gradient.clone()
    game.chance.set_state(state)
    noise = torch.randn(len(u) * draws, 2, generator=game.chance)
    loss = independent_loss(model, u, noise, beta, draws)
    parameters = list(model.network.module.parameters())
    expected = torch.cat([slope.reshape(-1) for slope in torch.autograd.grad(loss, parameters)])
    assert written.numpy() == pytest.approx(expected.numpy(), rel=1e-3, abs=2e-3 * float(expected.abs().max()))
    if beta == 1:
        name = "negative_elbo" if draws == 1 else "negative_bound"
        assert scalars[name] == pytest.approx(float(loss.detach()), rel=1e-4)
    assert scalars["beta"] == beta


def test_free_bits_are_the_least_rate_that_is_paid_for():
    terms = Terms(torch.zeros(2), torch.tensor([[0.1, 3.0, 0.4], [0.3, 1.0, 0.8]]))
    assert float(objective(free_bits=0.5).charged(terms, 3)) == pytest.approx(0.5 + 2.0 + 0.6)
    assert float(objective().charged(terms, 3)) == pytest.approx(0.2 + 2.0 + 0.6)
    drawn = Terms(torch.zeros(2), torch.tensor([0.6, 1.0]))
    assert float(objective(free_bits=0.5).charged(drawn, 3)) == pytest.approx(1.5)
    assert float(objective(free_bits=0.1).charged(drawn, 3)) == pytest.approx(0.8)


def test_a_dimension_below_its_free_bits_has_no_gradient_through_its_rate():
    rate = torch.tensor([[0.1, 3.0], [0.3, 1.0]], requires_grad=True)
    objective(free_bits=0.5).charged(Terms(torch.zeros(2), rate), 2).backward()
    assert rate.grad is not None
    assert rate.grad.tolist() == [[0.0, 0.5], [0.0, 0.5]]


@pytest.mark.parametrize(
    ("progress", "expected"), [(0.0, 0.0), (0.1, 1.0), (0.2, 2.0), (0.4, 4.0), (0.7, 4.0), (1.0, 4.0)]
)
def test_beta_rises_over_the_warm_up(progress, expected):
    assert objective(beta=4.0, warm_up=0.4).beta_at(progress) == pytest.approx(expected)
    assert objective(beta=4.0).beta_at(progress) == 4.0


def test_warm_up_is_what_the_run_uses():
    trainer = Trainer(recipe(warm_up=0.5, beta=2.0))
    betas = [trainer.take_step()["beta"] for _ in range(120)]
    assert betas[0] == 0.0
    assert betas[50] == pytest.approx(1.0)
    assert betas[110] == 2.0


@pytest.mark.parametrize("draws", [1, 5])
def test_scalars_are_nats_in_data_units(draws, tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("\n".join(f"{100 + 30 * math.sin(i)},{i % 7 / 100}" for i in range(200)))
    trainer = Trainer(recipe({"key": "table", "path": str(path)}, importance_samples=draws))
    row, model = trainer.take_step(), trainer.game.model
    assert model.log_stretch != 0
    name = "negative_elbo" if draws == 1 else "negative_bound"
    assert set(row) == {name, "reconstruction", "rate", "beta"}
    if draws == 1:
        assert row[name] == pytest.approx(row["rate"] - row["reconstruction"], rel=1e-4)
    trainer.game.real = lambda: model.inward(trainer.experiment.data.rows())
    rows = [trainer.experiment.objective.generator_turn(trainer.game)[name] for _ in range(40)]
    u = trainer.game.real()
    chance = torch.Generator().manual_seed(0)
    with torch.no_grad():
        direct = torch.stack([model.importance_bound(u, chance, draws).mean() for _ in range(40)])
    expected = model.log_stretch - float(direct.mean())
    assert sum(rows) / 40 == pytest.approx(expected, abs=5 * float(direct.std()) / 40**0.5 + 1e-3)


@pytest.mark.parametrize(
    "options",
    [{}, {"importance_samples": 4, "warm_up": 0.3}, {"free_bits": 0.2, "family": {"prior_transforms": 1}}],
    ids=["plain", "weighted", "prior"],
)
def test_same_seed_same_numbers_and_a_restored_run_goes_on(options):
    first, second = Trainer(recipe(**options)), Trainer(recipe(**options))
    rows = [first.take_step() for _ in range(6)]
    again = [second.take_step() for _ in range(3)]
    resumed = Trainer(recipe(**options))
    resumed.restore(second.state())
    assert again + [resumed.take_step() for _ in range(3)] == rows
    assert torch.equal(resumed.values(), first.values())


def test_a_run_takes_up_all_of_its_options():
    old = recipe()
    new = old.with_settings(["objective.beta=3.0", "objective.free_bits=0.1", "objective.warm_up=0.2"])
    assert needs_restart(old, new) == []
    assert needs_restart(old, old.with_settings(["objective.importance_samples=8"])) == []
    trainer = Trainer(old)
    trainer.take_step()
    trainer.adopt(old.with_settings(["objective.importance_samples=8"]))
    assert set(trainer.take_step()) == {"negative_bound", "reconstruction", "rate", "beta"}


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"importance_samples": 5, "free_bits": 0.1}, "free bits"),
        ({"importance_samples": 500, "batch_size": 4096}, "places of z"),
    ],
)
def test_options_that_contradict_one_another_are_refused(options, why):
    batch = options.pop("batch_size", 64)
    with pytest.raises(RecipeError, match=why):
        Experiment.from_dict(
            {
                "family": "variational_autoencoder",
                "objective": {"key": "variational_bound", **options},
                "batch_size": batch,
            }
        )


def rates(trainer: Trainer) -> Tensor:
    """Mean rate of each dimension of z over data, nats."""
    u = trainer.experiment.data.draw(500, torch.Generator().manual_seed(0))
    with torch.no_grad():
        return trainer.game.model.bound_terms(u, torch.zeros(500, trainer.game.model.latent_dimension)).rate.mean(0)


def run(steps: int, **options) -> Trainer:
    trainer = Trainer(recipe(**options).with_settings(["optimizer.lr=0.005", f"steps={steps}"]))
    for _ in range(steps):
        trainer.take_step()
    return trainer


def test_a_dear_rate_puts_z_out_of_use_and_a_cheap_one_does_not():
    dear, cheap = run(250, beta=30.0), run(250, beta=0.2)
    assert float(rates(dear).sum()) < 0.02
    assert float(rates(cheap).sum()) > 2.0


def test_free_bits_keep_the_dimensions_in_use():
    held = rates(run(300, beta=30.0, free_bits=0.7))
    assert float(held.min()) > 0.5


def test_training_raises_the_evidence_and_learns_sigma():
    trainer = Trainer(recipe().with_settings(["optimizer.lr=0.005"]))
    model, u = trainer.game.model, trainer.experiment.data.draw(300, torch.Generator().manual_seed(0))
    before = float(model.log_prob(u).mean())
    start = float(model.network.module.observed.std.detach())
    for _ in range(200):
        trainer.take_step()
    assert float(model.log_prob(u).mean()) > max(before, -2.3)
    assert float(model.network.module.observed.std.detach()) != pytest.approx(start, rel=0.1)
