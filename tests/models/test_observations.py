"""Every observation, of every data set: it gives what it promises or says why not."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from models.data import DATA
from models.experiment import Experiment
from models.families import FAMILIES
from models.observations import OBSERVATIONS, _densities, _marginals, _truth, sampler_error
from models.observations._base import main_axes
from models.observations._kde import ENOUGH, histogram_density, width_for
from models.presets import presets
from models.training.trainer import Trainer
from models.training.witness import Witness

CASES = [member.key for member in DATA if "path" not in member.model_fields]
OF_EACH_KIND = ("ring", "gaussian_mixture_1d", "digits")
DENOISING = [member.key for member in FAMILIES if "process" in member.capabilities]
SMALL = {"architecture": {"key": "mlp", "width": 8, "depth": 1}}


def witness(**recipe: object) -> Witness:
    return Witness(Experiment.from_dict({**SMALL, "batch_size": 16, **recipe}), points=500)


UNKNOWN_SOMEWHERE = ("t_star", "log_ratio", "noise", "exact", "memorised", "limit")
"""Arrays with places where nothing can be told, or no data is left."""


def hurry(monkeypatch) -> None:
    """Let pictures be made of fewer draws: how exact they are is held by tests of their own."""
    monkeypatch.setattr(_densities, "DRAWN", 20_000)
    monkeypatch.setattr(_marginals, "DRAWN", 20_000)
    monkeypatch.setattr(_truth, "PUSHED", 10_000)
    for size, few in {"FLOORS": 2, "FRESH": 500, "SAMPLED": 100, "TIMES": 5, "ASKED": 50}.items():
        monkeypatch.setattr(sampler_error, size, few)


RECIPES = [
    *(({"divergence": "jensen_shannon"}, key) for key in CASES),
    *(({"divergence": "mmd"}, key) for key in OF_EACH_KIND),
    *(({"family": family}, key) for family in DENOISING for key in OF_EACH_KIND),
]


@pytest.mark.parametrize(("parts", "data"), RECIPES, ids=["-".join((*parts.values(), data)) for parts, data in RECIPES])
def test_every_observation_of_every_data_set(parts, data, monkeypatch):
    hurry(monkeypatch)
    k = DATA[data]().dimension if "family" in parts else 2
    looker = witness(data=data, latent={"key": "gaussian", "dimension": k}, **parts)
    seen, missing = looker.observe(OBSERVATIONS.keys())
    assert set(seen) | set(missing) == set(OBSERVATIONS.keys())
    assert not set(seen) & set(missing)
    assert all(reason.endswith(".") for reason in missing.values())
    for key, arrays in seen.items():
        for name, array in arrays.items():
            if array.dtype.kind == "U":  # a title
                continue
            assert np.isfinite(array).all() or name in UNKNOWN_SOMEWHERE, f"{key}.{name}"
            assert array.dtype in (np.float32, np.float64, np.int64)
    has_critic = parts.get("divergence") == "jensen_shannon"
    assert ("critic_field" in seen) == (has_critic and looker.experiment.data.dimension <= 2)


PRESETS = {made["key"]: made["recipe"] for made in presets()}
NOISING = [key for key, recipe in PRESETS.items() if recipe["about"]["group"].startswith("Denoising")]


@pytest.mark.parametrize("key", NOISING)
def test_every_preset_of_a_denoising_model_trains_and_has_its_pictures(key, monkeypatch):
    """Of a smaller net, and of few samples: three steps, all pictures, measures and a diagnosis."""
    hurry(monkeypatch)
    made = Experiment.from_dict(PRESETS[key]).with_settings(["architecture.width=16"])
    trainer, looker = Trainer(made), Witness(made, points=200)
    scalars = [trainer.take_step() for _ in range(3)]
    assert all(math.isfinite(value) for row in scalars for value in row.values())
    looker.load(trainer.values().numpy(), average=True)
    seen, missing = looker.observe(OBSERVATIONS.keys())
    assert {"samples", "process", "latent_map", "modes"} <= set(seen)
    assert set(seen) | set(missing) == set(OBSERVATIONS.keys())
    assert np.isfinite(seen["samples"]["x"]).all()
    assert "sliced_wasserstein" in looker.measure()
    assert looker.diagnose(3)["verdict"] == "learning"


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


@pytest.mark.parametrize("dimension", [1, 2])
def test_fewer_samples_are_blurred_more_and_tell_no_less_than_they_know(dimension):
    """A tenth of the samples: the wider kernel errs less than the one that is right for many, on the same law."""
    chance = torch.Generator().manual_seed(0)
    x = torch.randn(ENOUGH // 25, dimension, generator=chance)
    side = {1: 256, 2: 128}[dimension]
    line = torch.linspace(-4, 4, 2 * side + 1)[1::2]
    exact = torch.distributions.Normal(0.0, 1.0).log_prob(line).exp()
    exact = exact if dimension == 1 else exact[:, None] * exact
    assert width_for(ENOUGH, dimension) == width_for(2 * ENOUGH, dimension) == 1.0
    wide = width_for(len(x), dimension)
    errors = [
        float((histogram_density(x, (-4.0, -4.0, 4.0, 4.0), side, width) - exact).square().sum())
        for width in (1.0, wide)
    ]
    assert wide > 1.5
    assert errors[1] < 0.6 * errors[0]


def test_pictures_of_a_slow_sampler_are_made_of_the_samples_that_are_there(monkeypatch):
    """The density, its level lines and the ratio ask for no push beyond that of the fixed noise."""
    made = Experiment.from_dict({**SMALL, "data": "ring", "family": {"key": "diffusion", "levels": 10}})
    looker = Witness(made)
    pushes: list[int] = []
    real_push = type(looker.game.model).push_inside
    monkeypatch.setattr(
        type(looker.game.model), "push_inside", lambda self, z: pushes.append(len(z)) or real_push(self, z)
    )
    seen, _ = looker.observe(("samples", "density", "level_lines", "density_ratio", "modes", "latent_map"))
    assert pushes == [2_000]
    assert set(seen) == {"samples", "density", "level_lines", "density_ratio", "modes", "latent_map"}
    left, bottom, right, top = made.data.bounds()
    x = seen["samples"]["x"]
    inside = ((x >= [left, bottom]) & (x <= [right, top])).all(1).mean()
    cell = (right - left) * (top - bottom) / 128**2
    assert seen["density"]["q"].sum() * cell == pytest.approx(inside, abs=0.02)
    assert seen["level_lines"]["p"].sum() * cell == pytest.approx(1.0, abs=0.01)


def test_the_grid_is_drawn_where_no_fresh_noise_enters_and_log_det_where_g_is_one_net():
    made = Experiment.from_dict({**SMALL, "family": {"key": "diffusion", "sampler": {"key": "ancestral", "steps": 40}}})
    looker = Witness(made)
    _, missing = looker.observe(("latent_warp", "jacobian"))
    assert missing["latent_warp"] == "“Ancestral (DDPM)” draws fresh noise on the way: neighbours in z part."
    assert "map" not in looker.offers()
    looker.adopt(made.with_settings(["family.sampler.key=ddim", "family.sampler.steps=40"]))
    seen, missing = looker.observe(("latent_warp", "jacobian"))
    assert "map" in looker.offers()
    assert missing["jacobian"].endswith("log|det J| of all steps is not drawn.")
    lines = seen["latent_warp"]["lines"]
    assert lines.shape == (30, 81, 2)
    extent = looker.game.model.latent.extent
    corner = looker.game.model.push(torch.tensor([[-extent, -extent], [-extent, extent]]))
    np.testing.assert_allclose(lines[0, [0, -1]], corner, rtol=1e-4)
    looker.adopt(made.with_settings(["family.sampler.key=ddim", "family.sampler.steps=1000"]))
    assert looker.observe(["latent_warp"])[0]["latent_warp"]["lines"].shape == (30, 17, 2)


def test_main_axes_are_where_the_data_varies_most():
    x = torch.randn(4_000, 4, generator=torch.Generator().manual_seed(0)) * torch.tensor([0.1, 3.0, 0.2, 2.0])
    np.testing.assert_allclose(main_axes(x).abs(), [[0, 0], [1, 0], [0, 0], [0, 1]], atol=0.05)
    assert torch.equal(main_axes(x[:, :2]), torch.eye(2))


def test_main_axes_of_large_pictures_are_singular_vectors_and_stand_upright_for_one_picture():
    x = torch.randn(40, 600, generator=torch.Generator().manual_seed(0)) @ torch.diag(torch.linspace(3, 0, 600) ** 3)
    known = torch.linalg.svd(x - x.mean(0), full_matrices=False).Vh[:2]
    assert torch.allclose((known @ main_axes(x)).abs(), torch.eye(2), atol=1e-3)
    one = main_axes(x[:1])
    assert torch.allclose(one.T @ one, torch.eye(2), atol=1e-5)


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
