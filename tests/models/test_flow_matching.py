"""Flow matching: closed-form velocities, transport cost and path energy, classes, reflow, and its protocol."""

from __future__ import annotations

import copy
import math

import pytest
import torch

from models.experiment import Experiment, needs_restart
from models.families._velocity import RectifiedDenoiser, VelocityModel
from models.objectives.conditional_flow_matching import ConditionalFlowMatching
from models.registry import RecipeError
from models.reproduction import PROTOCOLS, flow_matching
from models.training.trainer import Trainer
from models.training.witness import Witness

NET = {"key": "mlp", "width": 32, "depth": 2, "activation": "selu"}


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def recipe(data="ring", coupling="independent", family=None, **parts):
    return Experiment.from_dict({
        "data": data, "architecture": NET, "family": {"key": "flow_matching", **(family or {})},
        "objective": {"key": "conditional_flow_matching", "coupling": coupling}, "batch_size": 64, "seed": 13, **parts,
    })  # fmt: skip


def trained(made, steps=None):
    trainer = Trainer(made)
    for _ in range(steps or made.steps):
        trainer.take_step()
    return trainer


def gaussian(mean, std):
    return {"key": "gaussian_mixture_1d", "means": [mean], "stds": [std], "weights": []}


def test_the_velocity_between_gaussians_is_the_closed_form():
    """E[z − u₀ | u_t = u] for z ~ N(0, 1) and u₀ ~ N(m, s²), independent: both are jointly normal with u_t."""
    m, s = 2.0, 0.5
    made = recipe(
        gaussian(m, s), latent={"key": "gaussian", "dimension": 1}, family={"standardised": False}, batch_size=256,
        optimizer={"key": "adam", "lr": 5e-3, "schedule": "cosine", "ema": 0.99}, steps=800,
    )  # fmt: skip
    model = flow_matching.averaged(trained(made))
    for t in (0.1, 0.5, 0.9):
        mean, variance = (1 - t) * m, (1 - t) ** 2 * s**2 + t**2
        u = mean + math.sqrt(variance) * torch.linspace(-1.5, 1.5, 7)[:, None]
        exact = -m + (t - (1 - t) * s**2) / variance * (u - mean)
        assert model.evaluate(u, torch.full((7, 1), t)).flatten().tolist() == pytest.approx(
            exact.flatten().tolist(), abs=0.2
        )


def test_paths_that_do_not_cross_cost_no_more_than_the_flow():
    cost, energy, losses = {}, {}, {}
    far = {"key": "ring", "radius": 5.0, "std": 0.5}
    for coupling in ("independent", "optimal_transport"):
        trainer = trained(recipe(far, coupling, {"standardised": False}, steps=500), 300)
        rows = [trainer.take_step() for _ in range(100)]
        cost[coupling], energy[coupling], losses[coupling] = (
            sum(row[name] for row in rows) / 100 for name in ("transport_cost", "path_energy", "flow_matching_loss")
        )
    assert cost["independent"] == pytest.approx(25 + 2 * 0.5**2 + 2, rel=0.05), "independent second moments add up"
    assert energy["independent"] < 0.7 * cost["independent"]
    assert energy["optimal_transport"] > 0.8 * cost["optimal_transport"]
    for coupling in cost:  # what paths cost beyond the flow is the variance of velocities at a place: d times the loss
        assert cost[coupling] - energy[coupling] == pytest.approx(2 * losses[coupling], rel=0.1, abs=0.5)


def test_each_class_has_a_share_of_the_source_of_its_own():
    """Joined as one batch, each of two Gaussians would have the half of the source that is near it."""
    made = recipe(
        {"key": "ring", "modes": 2, "radius": 1.0}, "optimal_transport", {"conditional": True, "untold": 0.25},
        batch_size=512,
    )  # fmt: skip
    trainer = Trainer(made)
    objective, model = made.objective, trainer.game.model
    assert isinstance(objective, ConditionalFlowMatching)
    assert isinstance(model, VelocityModel)
    pairs, labels = objective._joined(trainer.game, model)
    assert labels is not None
    assert float((labels == -1).float().mean()) == pytest.approx(0.25, abs=0.07)
    for label, side in ((0, 1.0), (1, -1.0)):
        assert bool((pairs.data[labels == label, 0] * side > 0).all()), "the class is that of the datum"
        assert float(pairs.source[labels == label, 0].mean()) == pytest.approx(0, abs=0.25)


def test_a_coupling_is_taken_up_in_mid_run_and_reflow_needs_a_new_run():
    trainer = trained(recipe(steps=60), 5)
    trainer.adopt(recipe(coupling="optimal_transport", steps=60))
    before = trainer.take_step()["transport_cost"]
    trainer.adopt(recipe(coupling={"key": "schroedinger_bridge", "std": 8.0}, steps=60))
    assert before < 2.5 < trainer.take_step()["transport_cost"]
    assert needs_restart(recipe(), recipe(family={"reflows": 1})) == ["family.reflows"]


def reflowing(steps, **parts):
    return recipe(family={"reflows": 1, "pairs": 400, "sampler": {"key": "euler", "steps": 1}}, steps=steps, **parts)


def test_reflow_makes_one_step_enough():
    """One Euler step lands at the mean of all data that noise may have come from, until paths are straight."""
    fast = {"key": "adam", "lr": 0.01, "schedule": "cosine", "ema": 0.99}
    trainer = trained(reflowing(1000, data={"key": "ring", "modes": 2, "std": 0.1}, optimizer=fast), 500)
    bent = trainer.game.model.sample(500, seeded(0))[:, 0]
    for _ in range(500):
        last = trainer.take_step()
    straight = trainer.game.model.sample(500, seeded(0))[:, 0]
    assert float((bent.abs() < 0.5).float().mean()) > 0.9, "between the modes"
    assert float((straight.abs() < 0.5).float().mean()) < 0.2
    assert last["path_energy"] == pytest.approx(last["transport_cost"], rel=0.1)


def test_the_teacher_is_frozen_for_its_round_and_the_student_is_not():
    trainer = trained(reflowing(40), 21)
    denoiser = trainer.game.model.network.module
    assert isinstance(denoiser, RectifiedDenoiser)
    assert float(denoiser.round) == 1
    teacher, theta = denoiser.teacher.clone(), trainer.game.model.network.theta.clone()
    trainer.take_step()
    assert torch.equal(denoiser.teacher, teacher)
    assert not torch.equal(denoiser.mean, teacher)
    assert not torch.equal(trainer.game.model.network.theta, theta)


def test_pairs_are_the_ends_of_the_teachers_own_paths():
    trainer = trained(reflowing(40), 30)
    model = trainer.game.model
    taught = model.taught(0.8)
    assert taught.source.shape == taught.data.shape == (400, 2)
    model.network.theta.copy_(model.network.module.teacher)
    model.sampler = type(model.sampler)(steps=100)
    arrived = model.standard(model.push_inside(taught.source))
    assert torch.allclose(arrived, taught.data, atol=1e-5)


@pytest.mark.parametrize("at", [10, 30])
def test_a_run_goes_on_bit_for_bit_from_either_round(at):
    made = reflowing(40)
    straight, half, resumed = Trainer(made), trained(made, at), Trainer(made)
    resumed.restore(copy.deepcopy(half.state()))
    for trainer, steps in ((straight, 40), (resumed, 40 - at)):
        for _ in range(steps):
            trainer.take_step()
    assert torch.equal(straight.values(), resumed.values())


def test_a_run_that_goes_back_to_the_first_round_has_the_teacher_of_its_new_way():
    made = reflowing(40)
    trainer = trained(made, 10)
    early = copy.deepcopy(trainer.state())
    for _ in range(30):
        trainer.take_step()
    end = trainer.values()
    trainer.restore(early)
    for _ in range(30):
        trainer.take_step()
    assert torch.equal(trainer.values(), end)


def test_classes_go_along_with_a_teachers_pairs():
    made = recipe(
        {"key": "ring", "modes": 2}, family={"reflows": 1, "pairs": 300, "conditional": True, "untold": 0.0}, steps=600
    )
    taught = trained(made, 301).game.model.taught(0.6)
    assert taught is not None
    right = taught.data[:, 0] > 0
    assert float((right == (taught.labels == 0)).float().mean()) > 0.95


def test_whoever_looks_on_the_averaged_flow_sees_the_teacher_itself():
    """An average of two teachers is none, and neither is one of the numbers of two rounds."""
    made = reflowing(40, optimizer={"key": "adam", "ema": 0.999})
    trainer, witness = trained(made, 23), Witness(made, points=20)
    witness.load(trainer.values().numpy(), average=True)
    seen, own = witness.game.model.denoiser, trainer.game.model.denoiser
    assert float(seen.round) == 1
    assert torch.equal(seen.teacher, own.teacher)
    assert not torch.equal(witness.game.model.network.theta, trainer.game.model.network.theta)
    assert bool(witness.game.model.sample(20, seeded(1)).isfinite().all())


def test_a_teacher_must_answer_for_each_sample_apart():
    with pytest.raises(RecipeError, match=r"^family\.reflows: 1 is not allowed") as refused:
        recipe(family={"reflows": 1}, architecture=NET | {"normalisation": "batch"})
    assert refused.value.settings == ("family.reflows=0",)


def test_the_energy_of_a_constant_velocity_is_its_square():
    model = Trainer(recipe(family={"standardised": False})).game.model
    assert isinstance(model, VelocityModel)
    model.network.theta.zero_()
    model.network.theta[-2:] = torch.tensor([3.0, -4.0])  # the bias of the last layer
    z = torch.randn(50, 2, generator=seeded(0))
    x, energy = flow_matching.carried(model, z, 7)
    assert energy == pytest.approx(25, rel=1e-4)
    assert torch.allclose(x, z - torch.tensor([3.0, -4.0]), atol=1e-4)


def test_the_protocol_states_floor_and_need_beside_what_it_finds(monkeypatch):
    monkeypatch.setattr(flow_matching, "DRAWS", 1)
    rows = PROTOCOLS["flow_matching"](budget=1e-3).rows((10,))
    assert {row.case for row in rows} == set(flow_matching.CASES)
    assert len(rows) == 7 * len(flow_matching.CASES)
    checked = [row for row in rows if row.met is not None]
    assert len(checked) == 5
    assert not any(row.met for row in checked), "eight steps of training cannot pass"
    far = [row for row in rows if row.quantity.startswith("W₂ to")]
    assert all(row.floor > 0 for row in far)
    energies = [row for row in rows if row.quantity.startswith("path energy")]
    needed = {row.case: row.ours for row in rows if row.quantity == flow_matching.NEEDED}
    assert all(row.oracle == needed[row.case] for row in energies if not row.case.startswith("I-CFM"))


def test_the_bars_are_those_of_the_checks():
    good = {name: 0.0 for by in (flow_matching.FEW, flow_matching.MANY) for name in (by.energy, by.distance, by.excess)}
    few, many = flow_matching.FEW, flow_matching.MANY
    good |= {flow_matching.FLOOR: 0.4, flow_matching.NEEDED: 14.4}
    for case, distance, excess, met in (
        ("OT-CFM, N → 8 Gaussians", 0.528, 0.031, [True, True]),
        ("OT-CFM, N → 8 Gaussians", 0.529, 0.032, [False, False]),
        ("OT-CFM, moons → 8 Gaussians", 0.569, 0.074, [True, True]),
        ("OT-CFM, moons → 8 Gaussians", 0.57, 0.075, [False, False]),
        ("I-CFM, N → 8 Gaussians", 9.0, 0.209, [True]),
        ("I-CFM, N → 8 Gaussians", 0.1, 0.17, [False]),
    ):
        rows = PROTOCOLS["flow_matching"]().judge(
            case, {0: good | {few.distance: distance, few.excess: excess, many.excess: excess}}
        )
        assert [row.met for row in rows if row.met is not None] == met
