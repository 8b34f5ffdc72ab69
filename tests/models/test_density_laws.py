"""Laws that every family with a density is held to by standing in the registry."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch
from scipy import stats

from models.experiment import Experiment
from models.families import FAMILIES
from models.registry import RecipeError
from models.training.run_folder import RunFolder
from models.training.trainer import Trainer

DENSE = [family.key for family in FAMILIES if "log_prob" in family.capabilities]
SMALL = {"width": 16, "depth": 1, "count": 2, "bins": 6, "members": 3}
DATA = {1: "gaussian_mixture_1d", 2: "moons"}
STEPS = 40
SIDE = 160


def recipe(key, d=2, **parts):
    family = FAMILIES.parse({"key": key})
    small = {name: value for name, value in SMALL.items() if name in type(family).model_fields}
    plain = {
        "family": {"key": key, **small}, "data": DATA[d], "latent": {"key": "gaussian", "dimension": d},
        "batch_size": 64, "steps": STEPS, "seed": 11,
    } | parts  # fmt: skip
    try:
        return Experiment.from_dict(plain)
    except RecipeError as error:
        if "data.n" not in str(error):  # else a family that needs a finite sample
            raise
        return Experiment.from_dict(plain | {"data": {"key": DATA[d], "n": 64}})


def fits(key, d):
    try:
        recipe(key, d)
    except RecipeError:
        return False
    return True


PLACES = [(key, d) for key in DENSE for d in (1, 2) if fits(key, d)]


@cache
def trained(key, d=2):
    trainer = Trainer(recipe(key, d))
    for _ in range(STEPS):
        trainer.take_step()
    return trainer


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def axes_round(x, side=SIDE):
    """Middles of cells that reach half as far again as samples do, along each axis, and a cell's size."""
    low, high = x.min(0).values, x.max(0).values
    low, high = low - (high - low) / 2, high + (high - low) / 2
    share = (torch.arange(side) + 0.5) / side
    return [a + (b - a) * share for a, b in zip(low, high, strict=True)], float(((high - low) / side).prod())


def edges_of(axis):
    """Outer edges of the first and the last cell."""
    half = float(axis[1] - axis[0]) / 2
    return float(axis[0]) - half, float(axis[-1]) + half


def test_every_kind_of_flow_and_mixture_is_here():
    assert {"spline_flow", "autoregressive_flow", "coupling_flow", "continuous_flow"} <= set(DENSE)
    assert all((key, 2) in PLACES for key in DENSE)
    assert [key for key in DENSE if (key, 1) not in PLACES] == ["coupling_flow"]


@pytest.mark.parametrize(("key", "d"), PLACES)
def test_a_density_integrates_to_one_and_samples_follow_it(key, d):
    model = trained(key, d).game.model
    x = model.sample(4_000, seeded(5))
    axes, cell = axes_round(x)
    mass = model.density_map(axes).double() * cell
    assert float(mass.sum()) == pytest.approx(1.0, abs=0.01)

    # Counts in coarse cells against the mass there: cells with few expected are put together.
    blocks = 16 if d == 1 else 20
    shape = [n for _ in range(d) for n in (blocks, SIDE // blocks)]
    expected = mass.view(shape).sum([2 * axis + 1 for axis in range(d)]).flatten().numpy() * len(x)
    edges = [np.linspace(*edges_of(axis), blocks + 1) for axis in axes]
    counts = np.histogramdd(x.numpy()[:, ::-1], edges[::-1])[0].flatten()
    rich = expected > 8
    found, due = np.append(counts[rich], counts[~rich].sum()), np.append(expected[rich], expected[~rich].sum())
    chi2 = float(((found - due) ** 2 / np.maximum(due, 1.0)).sum())
    assert rich.sum() >= 5
    assert stats.chi2.sf(chi2, len(found) - 1) > 1e-4


@pytest.mark.parametrize("key", DENSE)
def test_a_log_density_has_gradients_to_weights_and_places(key):
    model = trained(key).game.model
    u = model.inward(torch.tensor([[0.3, 0.2], [1.2, -0.4]])).requires_grad_()
    with torch.enable_grad():
        slopes = torch.autograd.grad(model.log_density(u).sum(), u)[0]
    step = 1e-2 * torch.eye(2)
    with torch.no_grad():
        numeric = torch.stack([model.log_density(u + e) - model.log_density(u - e) for e in step], 1) / 2e-2
    assert slopes.numpy() == pytest.approx(numeric.numpy(), rel=0.1, abs=0.05)
    model.network.differentiate(lambda: -model.log_density(u.detach()).mean())
    gradient = model.network.gradient
    assert gradient.isfinite().all()
    assert int((gradient != 0).sum()) > 4


@pytest.mark.parametrize("key", DENSE)
def test_a_density_is_per_unit_of_the_data(key, tmp_path):
    """Columns of thousands and of thousandths: the density's integral over them is one."""
    numbers = np.random.default_rng(0).normal(size=(300, 2)) * [2_000.0, 0.003] + [10_000.0, 0.5]
    np.savetxt(path := tmp_path / "table.csv", numbers, delimiter=",", header="x,y", comments="")
    trainer = Trainer(recipe(key, data={"key": "table", "path": str(path), "standardise": True}))
    for _ in range(5):
        trainer.take_step()
    model = trainer.game.model
    axes, cell = axes_round(model.sample(4_000, seeded(5)), 100)
    assert float(model.density_map(axes).double().sum()) * cell == pytest.approx(1.0, abs=0.01)
    x = torch.from_numpy(numbers[:5]).float()
    inside = model.log_density((x - model.units.centre) / model.units.scale)
    assert model.log_prob(x).numpy() == pytest.approx((inside - model.units.scale.log().sum()).detach().numpy())


@pytest.mark.parametrize("key", DENSE)
def test_a_seed_fixes_a_run_whatever_else_draws_at_random(key):
    runs = []
    for other in (1, 2):
        torch.manual_seed(other)
        trainer = Trainer(recipe(key))
        for _ in range(3):
            trainer.take_step()
        runs.append((trainer.values(), trainer.game.model.sample(10, seeded(1))))
    assert all(torch.equal(a, b) for a, b in zip(*runs, strict=True))


@pytest.mark.parametrize("key", DENSE)
def test_a_recipe_and_a_folder_bring_the_same_density_back(key, tmp_path):
    trainer = trained(key)
    experiment = trainer.experiment
    assert Experiment.from_toml(experiment.to_toml()) == experiment
    folder = RunFolder.create(tmp_path / "run", experiment)
    folder.save(trainer.state(), trainer.values().numpy())
    model, x = RunFolder.open(folder.path).model(), experiment.data.draw(50, seeded(3))
    expected = Trainer(experiment).game.model
    expected.network.values.copy_(trainer.average if experiment.optimizer.ema else trainer.game.model.network.values)
    assert torch.equal(model.log_prob(x), expected.log_prob(x))
