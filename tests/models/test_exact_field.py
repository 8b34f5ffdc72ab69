"""The exact field: what a perfect net would say is behind the noise, in the units of a model's process."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from models.experiment import Experiment
from models.observations._exact_field import (
    ExactField,
    exact_field,
    memorising_field,
    unknowable,
)
from models.samplers import Keyed
from models.training.trainer import Trainer
from models.training.witness import Witness

SMALL = {"key": "mlp", "width": 8}
MIXTURE = {"key": "gaussian_mixture"}
FINE = {"key": "flow_matching", "sampler": {"key": "euler", "steps": 200}}


def trainer(data, family="diffusion", **more):
    return Trainer(Experiment.from_dict({"data": data, "family": family, "architecture": SMALL, **more}))


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def field_of(run) -> ExactField:
    return exact_field(run.game.model, run.experiment.data)


def least_squares_gain(run, field, t, shift):
    """How much worse the field's answers are when they are moved by ``shift``, on fresh noised data."""
    model = run.game.model
    clean = model.into_process(run.experiment.data.draw(20_000, seeded(1))).double()
    noise = torch.randn(clean.shape, generator=seeded(2)).double()
    level = model.process.at(t)
    u = float(level.alpha) * clean + float(level.sigma) * noise
    told_clean, told_noise = field.split(u, t)
    worse = (told_clean + shift - clean).square().mean() - (told_clean - clean).square().mean()
    worse_noise = (told_noise + shift - noise).square().mean() - (told_noise - noise).square().mean()
    return float(worse), float(worse_noise)


@pytest.mark.parametrize("width", [0.0, 0.4])
def test_errors_of_the_answers_have_nothing_to_do_with_the_answers_however_wide_paths_are(width):
    """E[(u₀ − E[u₀|u]) E[u₀|u]] = 0, and the same of the noise that the source has in what is seen."""
    objective = {"key": "conditional_flow_matching", "width": width}
    run = trainer(MIXTURE, "flow_matching", objective=objective)
    model, chance = run.game.model, seeded(1)
    field = exact_field(model, run.experiment.data, width)
    clean = model.into_process(run.experiment.data.draw(40_000, chance))
    noise, around = torch.randn(2, *clean.shape, generator=chance)
    for t in (0.1, 0.4, 0.8):
        u = model.process.at(t).place(clean, noise) + width * around
        for told, right in zip(field.split(u, t), (clean, noise), strict=True):
            assert float(((right - told) * told).mean()) == pytest.approx(0, abs=0.01)
        assert float((field.split(u, t)[1] ** 2).mean()) > 0.01


@pytest.mark.parametrize("data", [MIXTURE, {"key": "moons", "scale": 4.0}, {"key": "gaussian_mixture_1d"}])
@pytest.mark.parametrize("family", ["diffusion", "flow_matching"])
def test_no_answer_is_better_on_average_although_the_units_are_moved_and_stretched(data, family):
    dimension = 1 if data["key"].endswith("1d") else 2
    run = trainer(data, family, latent={"key": "gaussian", "dimension": dimension})
    assert float(run.game.model.denoiser.scale) != pytest.approx(1, abs=0.05)
    for t in (0.1, 0.5, 0.8):
        for shift in (-0.1, 0.1):
            both = least_squares_gain(run, field_of(run), t, shift)
            assert min(both) > 0.004  # exactly right answers: shift² = .01, but for chance


def test_the_score_is_the_slope_of_its_own_density_and_that_of_the_data_at_the_end():
    run = trainer(MIXTURE)
    field = field_of(run)
    u = torch.randn(50, 2, generator=seeded(0), dtype=torch.float64).requires_grad_()
    for t in (0.0, 0.3, 1.0):
        (slope,) = torch.autograd.grad(field.log_prob(u, t).sum(), u)
        assert torch.allclose(field.score(u, t), slope, atol=1e-6)
    flow = trainer(MIXTURE, "flow_matching")
    model, data = flow.game.model, flow.experiment.data
    x = data.draw(50, seeded(3))
    inside = field_of(flow).log_prob(model.into_process(x), 0.0)
    log_stretch = 2 * float(model.denoiser.scale.log())
    assert torch.allclose(inside - log_stretch, data.log_prob(x), atol=1e-4)


def test_a_fine_sampler_on_it_draws_the_data():
    run = trainer(MIXTURE, FINE)
    model, z = run.game.model, torch.randn(4000, 2, generator=seeded(4))
    *_, last = model.sampler.states(field_of(run), z, Keyed(z))
    x, real = model.out_of_process(last.u), run.experiment.data.draw(40_000, seeded(5))
    assert torch.allclose(x.mean(0), real.mean(0), atol=0.08)
    assert torch.allclose(x.T.cov(), real.T.cov(), atol=0.15)
    drawn, true = run.experiment.data.log_prob(x), run.experiment.data.log_prob(real)
    assert float(drawn.mean()) == pytest.approx(float(true.mean()), abs=0.06)


def test_with_classes_each_sample_follows_its_own_and_guidance_goes_beyond():
    run = trainer({"key": "ring"}, {"key": "diffusion", "schedule": "linear", "conditional": True})
    field, labels = field_of(run), torch.arange(8)
    u = torch.zeros(8, 2)
    told = field.told(labels, 0.0).denoised(u, 0.2)
    means = run.game.model.standard(run.experiment.data.named_modes().means)
    assert torch.allclose(told, means, atol=0.05)
    free = field.denoised(u, 0.2)
    assert torch.allclose(field.told(labels, 2.0).denoised(u, 0.2), told + 2 * (told - free), atol=1e-6)
    assert torch.allclose(field.told(-torch.ones(8, dtype=torch.int64), 2.0).denoised(u, 0.2), free)


def test_the_field_of_a_training_sample_comes_back_to_its_points():
    run = trainer({"key": "moons", "n": 50}, FINE, batch_size=50)
    field = memorising_field(run.game.model, run.game.sample)
    z = torch.randn(200, 2, generator=seeded(6))
    *_, last = run.game.model.sampler.states(field, z, Keyed(z))
    nearest = torch.cdist(run.game.model.restored(last.u), run.game.sample).min(1).values
    assert float(nearest.quantile(0.9)) < 0.01
    free = field_of(run)
    *_, last = run.game.model.sampler.states(free, z, Keyed(z))
    assert float(torch.cdist(run.game.model.restored(last.u), run.game.sample).min(1).values.median()) > 0.03


def test_it_says_where_there_is_none():
    def said(recipe):
        return unknowable(Witness(Experiment.from_dict({"architecture": SMALL, **recipe})).subject)

    assert said({"data": MIXTURE, "family": "diffusion"}) == ""
    assert said({"data": MIXTURE, "family": "flow_matching"}) == ""
    assert "Checkerboard" in said({"data": "checkerboard", "family": "diffusion"})
    assert "source" in said({"data": MIXTURE, "family": "flow_matching", "latent": "uniform"})
    transported = {"key": "conditional_flow_matching", "coupling": "optimal_transport"}
    assert "Optimal transport" in said({"data": MIXTURE, "family": "flow_matching", "objective": transported})
    assert "reflow" in said({"data": MIXTURE, "family": {"key": "flow_matching", "reflows": 1}})
    assert "no way" in said({"data": MIXTURE})


def test_coordinates_that_are_scaled_apart_have_no_round_noise():
    from models.data._units import Units

    subject = Witness(Experiment.from_dict({"data": MIXTURE, "family": "diffusion", "architecture": SMALL})).subject
    subject.game.model.units = Units(torch.zeros(2), torch.tensor([1.0, 3.0]))
    assert "scaled apart" in unknowable(dataclasses.replace(subject))
