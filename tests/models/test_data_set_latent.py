"""A data set as the source: its draws, its density, and what is said of a wrong dimension."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.data import DATA
from models.experiment import Experiment
from models.latents import LATENTS
from models.registry import RecipeError
from models.training.trainer import Trainer

MOONS = {"key": "moons", "noise": 0.2}


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def test_samples_are_those_of_the_data_set_enlarged_and_moved():
    law = LATENTS.parse({"key": "data_set", "data": MOONS, "scale": 3.0, "shift": -1.0})
    assert torch.equal(law.draw(50, seeded(1)), 3 * DATA.parse(MOONS).draw(50, seeded(1)) - 1)


def test_the_density_of_moved_moons_integrates_to_one():
    law = LATENTS.parse({"key": "data_set", "data": MOONS, "scale": 3.0, "shift": -1.0})
    assert law.has_density
    axis = torch.linspace(-12, 12, 241, dtype=torch.float64)
    mass = law.log_prob(torch.cartesian_prod(axis, axis)).exp() * 0.1**2
    assert float(mass.sum()) == pytest.approx(1, abs=1e-3)
    mean = law.draw(20_000, seeded(0)).double().mean(0)
    assert (mass[:, None] * torch.cartesian_prod(axis, axis)).sum(0).numpy() == pytest.approx(mean.numpy(), abs=0.06)


def test_a_data_set_without_density_says_so():
    digits = LATENTS.parse({"key": "data_set", "data": "digits", "dimension": 64})
    assert not digits.has_density
    assert digits.draw(3, seeded(0)).shape == (3, 64)
    assert LATENTS.parse("gaussian").has_density


def test_columns_of_a_table_are_seen_as_nets_see_them(tmp_path):
    rows = np.random.default_rng(0).normal([100.0, -3.0], [20.0, 0.1], (400, 2))
    np.save(tmp_path / "rows.npy", rows)
    table = {"key": "table", "path": str(tmp_path / "rows.npy"), "standardise": True}
    z = LATENTS.parse({"key": "data_set", "data": table}).draw(4000, seeded(0))
    assert z.mean(0).numpy() == pytest.approx([0, 0], abs=0.1)
    assert z.std(0).numpy() == pytest.approx([1, 1], abs=0.1)


def test_a_wrong_dimension_is_refused_with_the_right_one():
    with pytest.raises(RecipeError, match=r"^latent\.dimension: 3 is not allowed: samples of Two moons") as refused:
        Experiment.from_dict({"latent": {"key": "data_set", "dimension": 3}})
    assert refused.value.settings == ("latent.dimension=2",)


def test_moons_to_eight_gaussians_by_settings_and_by_toml():
    settings = [
        "latent.key=data_set", "latent.data.key=moons", "latent.data.noise=0.2", "latent.scale=3", "latent.shift=-1",
        "objective.coupling.key=optimal_transport", "family.standardised=false", "batch_size=16", "steps=3",
    ]  # fmt: skip
    made = Experiment.from_dict({"data": "ring", "family": "flow_matching"}).with_settings(settings)
    assert Experiment.from_toml(made.to_toml()) == made
    trainer = Trainer(made)
    assert np.isfinite(trainer.take_step()["transport_cost"])
    z = trainer.game.model.latent.draw(1000, seeded(0))
    assert float(z[:, 0].mean()) == pytest.approx(0.5, abs=0.3), "3 · ½ − 1"


def test_the_extent_frames_the_samples_wherever_they_are():
    law = LATENTS.parse({"key": "data_set", "shift": 30.0})
    assert 31 < law.extent < 40
