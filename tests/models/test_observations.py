"""Every observation, of every data set: it gives what it promises or says why not."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from models.data import DATA
from models.experiment import Experiment
from models.observations import OBSERVATIONS, _densities, _truth
from models.observations._base import main_axes
from models.observations._kde import histogram_density
from models.training.trainer import Trainer
from models.training.witness import Witness

CASES = [member.key for member in DATA if member.key != "table"]
OF_EACH_KIND = ("ring", "gaussian_mixture_1d", "digits")
SMALL = {"architecture": {"key": "mlp", "width": 8, "depth": 1}}


def witness(**recipe: object) -> Witness:
    return Witness(Experiment.from_dict({**SMALL, "batch_size": 16, **recipe}), points=500)


@pytest.mark.parametrize(
    ("divergence", "data"),
    [*(("jensen_shannon", key) for key in CASES), *(("mmd", key) for key in OF_EACH_KIND)],
)
def test_every_observation_of_every_data_set(divergence, data, monkeypatch):
    monkeypatch.setattr(_densities, "DRAWN", 20_000)  # how exact the truth is, test_truth.py holds
    monkeypatch.setattr(_truth, "PUSHED", 10_000)
    seen, missing = (looker := witness(data=data, divergence=divergence)).observe(OBSERVATIONS.keys())
    assert set(seen) | set(missing) == set(OBSERVATIONS.keys())
    assert not set(seen) & set(missing)
    assert all(reason.endswith(".") for reason in missing.values())
    for key, arrays in seen.items():
        for name, array in arrays.items():
            assert np.isfinite(array).all() or name in ("t_star", "log_ratio"), f"{key}.{name}"
            assert array.dtype in (np.float32, np.float64, np.int64)
    assert ("critic_field" in seen) == (divergence == "jensen_shannon" and looker.experiment.data.dimension <= 2)


@pytest.mark.parametrize("data", CASES)
def test_scene_fits_the_data(data):
    scene = witness(data=data).scene()
    d = scene["dimension"]
    assert scene["real"].shape[1] == d
    side = {1: (256,), 2: (128, 128)}.get(d, (0,))
    assert scene["density"].shape == side
    assert len(scene["mode_weights"]) == len(scene["mode_names"]) == len(scene["mode_means"])
    if d <= 2:
        left, bottom, right, top = scene["bounds"]
        cell = (right - left) / side[0] * ((top - bottom) / side[0] if d == 2 else 1.0)
        assert scene["density"].sum() * cell == pytest.approx(1.0, abs=0.06)


def linear_witness(matrix: list[list[float]], shift: list[float]) -> Witness:
    looker = Witness(
        Experiment.from_dict({"architecture": {"key": "mlp", "depth": 0}, "data": {"key": "ring", "radius": 2.0}})
    )
    looker.game.model.network.theta.copy_(torch.tensor([*matrix[0], *matrix[1], *shift]))
    looker.load(np.concatenate([looker.game.model.network.values, looker.game.critic.values,
                                looker.game.model.network.values]))  # fmt: skip
    return looker


def test_a_linear_map_has_the_stretch_of_its_determinant():
    looker = linear_witness([[2.0, 1.0], [0.0, 0.5]], [0.3, -0.2])
    pictures, _ = looker.observe(["jacobian", "latent_warp", "samples", "density"])
    np.testing.assert_allclose(pictures["jacobian"]["log_det"], math.log(1.0), atol=1e-5)
    lines = pictures["latent_warp"]["lines"]
    np.testing.assert_allclose(np.diff(lines, n=2, axis=1), 0, atol=1e-5)
    answer = looker.answer("push", {"z": np.array([[1.0, 2.0]], np.float32)})
    np.testing.assert_allclose(answer["x"], [[2 * 1 + 2 + 0.3, 1.0 - 0.2]], rtol=1e-6)
    samples = pictures["samples"]["x"]
    np.testing.assert_allclose(samples.mean(0), [0.3, -0.2], atol=0.1)


def test_arrows_point_up_the_critic():
    """With a linear critic T(x) = w·x every arrow of the non-saturating loss points along w."""
    recipe = Experiment.from_dict(
        {
            "objective": {"key": "adversarial", "critic": {"key": "mlp", "depth": 0}},
            "architecture": SMALL["architecture"],
        }
    )
    looker = Witness(recipe, points=500)
    looker.game.critic.theta.copy_(torch.tensor([3.0, -4.0, 0.5]))
    pictures, _ = looker.observe(["gradient_arrows", "critic_field"])
    vectors = pictures["gradient_arrows"]["vector"]
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    np.testing.assert_allclose(unit, np.tile([0.6, -0.8], (300, 1)), atol=1e-5)
    field = pictures["critic_field"]["t"]
    assert field[0, -1] > field[0, 0]  # grows to the right
    assert field[0, 0] > field[-1, 0]  # falls upwards


def test_density_of_a_known_law():
    """100,000 standard normal samples: the smoothed histogram is within a few per cent of the density at its peak."""
    x = torch.randn(100_000, 2, generator=torch.Generator().manual_seed(0))
    density = histogram_density(x, (-4.0, -4.0, 4.0, 4.0), 64)
    assert float(density.sum()) * (8 / 64) ** 2 == pytest.approx(1.0, abs=1e-3)
    assert float(density[31:33, 31:33].mean()) == pytest.approx(1 / (2 * math.pi), rel=0.05)
    far = histogram_density(torch.full((10, 2), 99.0), (-1.0, -1.0, 1.0, 1.0), 8)
    assert float(far.sum()) == 0.0


def test_main_axes_are_where_the_data_varies_most():
    x = torch.randn(4_000, 4, generator=torch.Generator().manual_seed(0)) * torch.tensor([0.1, 3.0, 0.2, 2.0])
    np.testing.assert_allclose(main_axes(x).abs(), [[0, 0], [1, 0], [0, 0], [0, 1]], atol=0.05)
    assert torch.equal(main_axes(x[:, :2]), torch.eye(2))


def test_modes_of_a_perfect_generator():
    """Samples placed by hand: two of four modes, one beside a mode, one sample astray."""
    looker = witness(data={"key": "ring", "modes": 4, "std": 0.01})
    looker._subject.__dict__["fake"] = torch.tensor([[1.0, 0.0], [1.0, 0.2], [0.0, 1.0], [5.0, 5.0]])
    modes = looker.observe(["modes"])[0]["modes"]
    np.testing.assert_allclose(modes["mass"], [0.5, 0.25, 0.0, 0.0])
    np.testing.assert_allclose(modes["good"], [0.25, 0.25, 0.0, 0.0])
    assert modes["quality"] == 0.5


def test_a_witness_sees_what_the_trainer_trains():
    recipe = Experiment.from_dict({**SMALL, "optimizer": {"key": "adam", "ema": 0.5}})
    trainer = Trainer(recipe)
    for _ in range(3):
        trainer.take_step()
    z = torch.ones(1, 2)
    looker = Witness(recipe, points=100)
    looker.load(trainer.values().numpy())
    np.testing.assert_array_equal(looker.answer("push", {"z": z.numpy()})["x"], trainer.game.model.push(z))
    looker.load(trainer.values().numpy(), average=True)
    assert not np.array_equal(looker.answer("push", {"z": z.numpy()})["x"], trainer.game.model.push(z))


def test_looking_never_changes_training():
    recipe = Experiment.from_dict(SMALL)
    alone, watched = Trainer(recipe), Trainer(recipe)
    looker = Witness(recipe, points=200)
    for _ in range(4):
        alone.take_step()
        watched.take_step()
        looker.load(watched.values().numpy())
        looker.observe(OBSERVATIONS.keys())
        looker.measure()
    assert torch.equal(alone.values(), watched.values())


def test_live_measures_have_floors():
    looker = witness(data="ring")
    measures = looker.measure()
    floors, titles, units = looker.floors()
    assert set(measures) == set(floors) == set(titles) == set(units)
    assert {"modes_captured", "high_quality", "mode_kl", "kl_forward", "kl_reverse", "energy"} <= set(measures)
    assert all(low <= mean <= high for mean, low, high in floors.values())
