"""Log-likelihoods by the probability flow: closed forms of mixtures, autograd's trace, units, classes, chance."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
import torch

from models.architectures import ARCHITECTURES
from models.data import DATA
from models.experiment import Experiment
from models.families import FAMILIES
from models.families._denoising import DenoisingModel
from models.families._probability_flow import FEW, STEPS, NetDrift, carried, ends, grown, log_density, probes_for, times
from models.latents import LATENTS
from models.observations._likelihood import likelihood, tells_likelihood
from models.samplers import SAMPLERS
from models.schedules import SCHEDULES, NoiseProcess
from models.training.trainer import Trainer
from models.training.witness import Witness

FLOWING = [family.key for family in FAMILIES if "process" in family.capabilities]
TRAINED = {"architecture": {"key": "mlp", "width": 32, "depth": 2, "activation": "silu"}, "batch_size": 64, "seed": 11}
LINE = {"data": "gaussian_mixture_1d", "latent": {"key": "gaussian", "dimension": 1}}
PLANE = {"data": "gaussian_mixture", "latent": {"key": "gaussian", "dimension": 2}}
PROCESSES = {
    "linear": NoiseProcess(SCHEDULES["linear"]()),
    "variance exploding": NoiseProcess(SCHEDULES["variance_exploding"]()),
    "straight": NoiseProcess(SCHEDULES["straight"]()),
}


def seeded(seed):
    return torch.Generator().manual_seed(seed)


@cache
def trained(family, steps=30, *, line=False, more=()):
    recipe = {**TRAINED, **(LINE if line else PLANE), "family": {"key": family, **dict(more)}, "steps": max(1, steps)}
    trainer = Trainer(Experiment.from_dict(recipe))
    for _ in range(steps):
        trainer.take_step()
    return trainer


def model_of(family, steps=30, *, line=False, **more):
    return trained(family, steps, line=line, more=tuple(more.items())).game.model


def exact_drift(process, data, centre, scale):
    """The velocity of the data's own law, and the trace of its slope by autograd: units (x − m)/s."""

    def slope(t, state):
        level = process.at(t)
        alpha, sigma = float(level.alpha), float(level.sigma)
        with torch.enable_grad():
            u = state[:, :-1].detach().requires_grad_()
            clean, score = data.noised(alpha, scale * sigma).posterior(scale * u + alpha * centre)
            hidden = -scale * sigma * score
            velocity = float(level.alpha_slope) * (clean - centre) / scale + float(level.sigma_slope) * hidden
            rows = [torch.autograd.grad(velocity[:, i].sum(), u, retain_graph=True)[0][:, i] for i in range(u.shape[1])]
        return torch.cat([velocity.detach(), sum(rows)[:, None]], 1)

    return slope


@pytest.mark.parametrize(
    ("key", "name"),
    [*(("gaussian_mixture_1d", name) for name in PROCESSES), ("gaussian_mixture", "variance exploding")],
)
def test_the_flow_of_the_exact_field_has_the_density_of_the_mixture(name, key):
    """The law at t = 0 in closed form, and the source's law at t = 1 as far as nothing of the data is left there."""
    process, data = PROCESSES[name], DATA[key]()
    x = data.draw(80, seeded(1)).double()
    centre, scale, d = x.mean(0), float(x.std()), x.shape[1]
    first, last = process.at(0.0), process.at(1.0)
    alpha, rest = float(first.alpha), float(last.alpha)
    slope = exact_drift(process, data, centre, scale)
    end, growth = grown(slope, alpha * (x - centre) / scale, times(process, STEPS))
    # All from data units: y = s u + α m.
    source = data.noised(max(rest, 1e-9), scale * float(last.sigma))
    found = source.log_prob(scale * end + rest * centre) + growth + d * math.log(alpha)
    blurred = data.noised(alpha, scale * float(first.sigma)).log_prob(alpha * x) + d * math.log(alpha)
    assert found.numpy() == pytest.approx(blurred.numpy(), abs=1e-3)
    assert float((found - data.log_prob(x)).mean()) == pytest.approx(0.0, abs=1e-3)  # the blur is no more than that


def flowed(model, n):
    """Samples of the probability flow, at t = 0, data units."""
    z = torch.randn(n, model.dimension, generator=seeded(2)) * float(model.process.at(1.0).sigma)
    field = model.field()
    back = carried(lambda t, u: field.velocity(u, t), z, times(model.process, FEW)[::-1])
    return model.out_of_process(back / float(model.process.at(0.0).alpha))


def mass_between(model, low, high, side):
    """The integral of the density over a box, by the midpoint rule."""
    share = (torch.arange(side) + 0.5) / side
    points = torch.cartesian_prod(*[a + (b - a) * share for a, b in zip(low, high, strict=True)])
    cell = float(((high - low) / side).prod())
    return float(model.quick_log_prob(points.view(side ** len(low), -1)).double().exp().sum()) * cell


@pytest.mark.parametrize("family", FLOWING)
def test_a_density_over_a_line_integrates_to_one(family):
    model = model_of(family, 200, line=True)
    x = flowed(model, 1_000)
    low, high = x.min(0).values, x.max(0).values
    assert mass_between(model, low - (high - low), high + (high - low), 2_000) == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("family", FLOWING)
def test_a_density_in_the_plane_has_the_mass_in_a_box_that_samples_have(family):
    model = model_of(family, 200)
    x = flowed(model, 4_000)
    low, high = torch.tensor([-2.5, -2.5]), torch.tensor([3.0, 1.5])
    share = float(((x > low) & (x < high)).all(1).double().mean())
    assert 0.1 < share < 0.98
    error = math.sqrt(share * (1 - share) / len(x))
    assert mass_between(model, low, high, 40) == pytest.approx(share, abs=4 * error)


@pytest.mark.parametrize("family", FLOWING)
def test_the_trace_is_autograds(family):
    model = model_of(family, place_features=3)
    u = torch.randn(6, 2, generator=seeded(4))
    slope = NetDrift(model, None, probes_for(6, 2))(0.4, torch.cat([u, torch.zeros(6, 1)], 1))
    field = model.field()

    def velocity(one):
        rows = model.embed(one[None], torch.full((1, 1), 0.4))
        level = model.process.at(0.4)
        clean, noise = model.prediction.split(model.network.module(rows)[:, :2], one[None], level)
        return (float(level.alpha_slope) * clean + float(level.sigma_slope) * noise)[0]

    with torch.enable_grad():
        traces = torch.stack([torch.autograd.functional.jacobian(velocity, one).trace() for one in u])
    assert slope[:, :2].numpy() == pytest.approx(field.velocity(u, 0.4).numpy(), rel=1e-3, abs=1e-4)
    assert slope[:, 2].numpy() == pytest.approx(traces.numpy(), rel=1e-3, abs=1e-3)


def test_random_directions_estimate_the_trace_without_bias():
    generator = seeded(0)
    matrix = torch.randn(20, 20, generator=generator)
    probes = probes_for(4_000, 20)
    assert probes.shape == (4, 4_000, 20)
    found = torch.einsum("pni,ij,pnj->n", probes, matrix, probes)
    error = float(found.std()) / math.sqrt(len(found))
    assert float(found.mean()) == pytest.approx(float(matrix.trace()), abs=4 * error)
    assert torch.equal(probes_for(4_000, 20), probes)
    assert torch.equal(probes_for(9, 3).sum(0), torch.ones(1, 3))


def test_a_density_in_many_dimensions_is_estimated_round_its_exact_value(monkeypatch):
    parts = (
        ARCHITECTURES.parse({"key": "mlp", "width": 16, "depth": 1}),
        LATENTS.parse({"key": "gaussian", "dimension": 20}),
    )
    model = FAMILIES["flow_matching"]().build(*parts, 20, seeded(11))
    assert model.density_points == 0
    assert "estimate" in model.density_remark
    x = torch.randn(60, 20, generator=seeded(3))
    found = log_density(model, x, None, 3)
    monkeypatch.setattr("models.families._probability_flow.EXACT", 20)
    exact = log_density(model, x, None, 3)
    error = float((found - exact).std()) / math.sqrt(len(x))
    assert error > 0
    assert float((found - exact).mean()) == pytest.approx(0.0, abs=4 * error)


@pytest.mark.parametrize("family", FLOWING)
def test_a_density_is_per_unit_of_the_data(family, tmp_path):
    """The same net seen in other units: columns of thousands and of thousandths."""
    numbers = np.random.default_rng(0).normal(size=(300, 2))
    scale, centre = np.array([2_000.0, 0.003]), np.array([10_000.0, 0.5])
    densities = []
    for name, table in (("plain", numbers), ("wide", numbers * scale + centre)):
        np.savetxt(path := tmp_path / f"{name}.csv", table, delimiter=",", header="x,y", comments="")
        data = {"key": "table", "path": str(path), "standardise": True}
        trainer = Trainer(Experiment.from_dict({**TRAINED, **PLANE, "data": data, "family": family}))
        for _ in range(3):
            trainer.take_step()
        densities.append(trainer.game.model.log_prob(torch.from_numpy(table[:20]).float()))
    assert densities[0].numpy() == pytest.approx((densities[1] + np.log(scale).sum()).numpy(), abs=2e-2)


def test_a_few_steps_are_enough_for_a_picture():
    model = model_of("diffusion", 200)
    x = trained("diffusion", 200).experiment.data.draw(100, seeded(2))
    slow, quick = model.log_prob(x), model.quick_log_prob(x)
    assert float((slow - quick).mean()) == pytest.approx(0.0, abs=0.01)
    assert float((slow - quick).std()) < 0.1
    assert STEPS > FEW


@pytest.mark.parametrize("family", FLOWING)
def test_encoding_and_the_probability_flow_are_each_others_inverse(family):
    model = model_of(family, 200)
    x = trained(family, 200).experiment.data.draw(50, seeded(2))
    inside = model.into_process(x)
    z = ends(model.field(), inside, STEPS)
    assert model.encode(x).numpy() == pytest.approx(z.numpy(), abs=0.03)
    *_, before, last = model.states(z, SAMPLERS.parse({"key": "runge_kutta", "steps": 300}))
    end = before.u / float(model.process.at(0.0).alpha) if model.process.ends_noisy else last.u
    assert end.numpy() == pytest.approx(inside.numpy(), abs=1e-2)


def conditional(untold):
    family = {"key": "flow_matching", "conditional": True, "untold": untold}
    trainer = Trainer(Experiment.from_dict({**TRAINED, **PLANE, "data": "moons", "family": family}))
    for _ in range(5):
        trainer.take_step()
    return trainer


def test_a_class_has_a_density_of_its_own_and_all_together_one_where_none_is_left_untold(monkeypatch):
    monkeypatch.setattr("models.families._denoising.STEPS", 8)
    trainer = conditional(0.0)
    model = trainer.game.model
    x = trainer.experiment.data.draw(10, seeded(1))
    told = torch.stack([model.log_prob_given(x, torch.full((10,), label)) for label in range(2)], 1)
    assert not torch.allclose(told[:, 0], told[:, 1], atol=1e-2)
    assert model.log_prob(x).numpy() == pytest.approx((told.exp() @ model.condition.shares).log().numpy(), abs=1e-4)
    few = model.density_points
    model.untold, model.guidance = 0.1, 2.0
    assert model.density_points in (2 * few, 2 * few + 1)
    assert model.density_remark.endswith("without guidance")
    free = model.log_prob(x)
    assert free.numpy() == pytest.approx(model.log_prob_given(x, torch.full((10,), -1)).numpy(), abs=1e-5)
    assert not torch.allclose(free, (told.exp() @ model.condition.shares).log(), atol=1e-3)


def test_a_source_without_a_density_has_none_and_says_so():
    model = {}
    for data in ("segment", "gaussian_mixture"):
        latent = {"key": "data_set", "data": data}
        recipe = Experiment.from_dict({**TRAINED, **PLANE, "family": "flow_matching", "latent": latent})
        model[data] = Trainer(recipe).game.model
    assert model["segment"].density == "none"
    assert "is not known" in model["segment"].density_remark
    assert model["gaussian_mixture"].density == "flow"
    assert bool(model["gaussian_mixture"].quick_log_prob(torch.zeros(3, 2)).isfinite().all())


def test_a_remark_says_which_law_has_the_density():
    assert model_of("flow_matching").density_remark == "the density of the probability flow"
    noisy = model_of("diffusion").density_remark
    assert "Ancestral" in noisy
    assert "of the data left in it" in noisy


@pytest.mark.parametrize("family", FLOWING)
def test_live_curves_measures_and_colours_have_the_density(family):
    experiment = trained(family).experiment
    witness = Witness(experiment)
    witness.load(trained(family).values().numpy())
    model = witness.game.model
    assert isinstance(model, DenoisingModel)
    assert "likelihood" in witness.offers()
    assert "density" not in witness.offers()
    assert tells_likelihood(witness.subject)
    told = likelihood(witness.subject)
    x = experiment.data.held_out_sample(2_000, torch.Generator().manual_seed(2))[: model.density_points]
    assert told["held_out"] == pytest.approx(float(model.quick_log_prob(x).mean()), abs=1e-3)
    assert told["oracle"] == pytest.approx(float(experiment.data.log_prob(x).mean()), abs=1e-4)
    found = witness.measure()["log_likelihood"]
    assert found == pytest.approx(told["held_out"], abs=0.5)
    if family == "diffusion":
        assert witness.floors()[0]["log_likelihood"][0] > found
    pictures, missing = witness.observe(["sample_likelihood", "encoded"])
    assert not missing
    assert pictures["sample_likelihood"]["log_q"].shape == (model.density_points,)


def test_carried_follows_a_known_equation_to_order_four():
    one, ways = torch.ones(1, 1, dtype=torch.float64), [times(PROCESSES["straight"], n) for n in (16, 32)]
    errors = [abs(float(carried(lambda t, u: -u * 2 * t, one, way)) - math.exp(-1)) for way in ways]
    assert errors[0] / errors[1] > 2**3.5
