"""The ensemble: particles of any family with a density, the density that they predict, and how they are trained."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import multivariate_normal, norm

from models.experiment import Experiment
from models.families import FAMILIES
from models.objectives import OBJECTIVES
from models.registry import RecipeError
from models.training.trainer import Trainer
from models.training.witness import Witness

BASES = {
    "mixture": {"components": 2},
    "spline_flow": {"width": 8, "depth": 1, "count": 1, "bins": 4},
}


def plane(base: str = "mixture", **parts: object) -> Trainer:
    family = {"key": "ensemble", "particles": 5, "base": {"key": base, **BASES[base]}}
    return Trainer(Experiment.from_dict({"family": family, "seed": 12, **parts}))


def chance() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_a_family_alone_is_a_whole_recipe():
    recipe = Experiment.from_dict({"family": "ensemble"})
    assert recipe.objective.key == "langevin"
    assert recipe.data.size == recipe.batch_size == 20
    assert Experiment.from_toml(recipe.to_toml()) == recipe


@pytest.mark.parametrize("base", BASES)
def test_members_have_the_densities_of_models_with_their_weights(base):
    """Worked out together, they are what each gives alone."""
    trainer = plane(base)
    model, u = trainer.game.model, torch.randn(7, 2, generator=chance())
    together = model.member_log_density(u)
    assert together.shape == (6, 7)
    recipe = trainer.experiment
    alone = recipe.family.base.build(recipe.architecture, recipe.latent, 2, chance())
    alone.start(trainer.game.sample, chance())
    for m, theta in enumerate(model.theta.detach()):
        alone.network.theta.copy_(theta)
        torch.testing.assert_close(together[m], alone.log_density(u), rtol=1e-4, atol=1e-4)


def test_predictive_density_is_the_mean_of_the_particles_without_the_fit():
    model, u = plane().game.model, torch.randn(7, 2, generator=chance())
    exact = model.member_log_density(u)[:-1].exp().mean(0).log()
    torch.testing.assert_close(model.log_density(u), exact)
    with torch.no_grad():
        model.theta[-1] += 1.0
    torch.testing.assert_close(model.log_density(u), exact)


def test_predictive_density_integrates_to_one():
    family = {"key": "ensemble", "particles": 3, "base": {"key": "mixture", "components": 2}}
    data = {"key": "gaussian_mixture_1d", "n": 20}
    trainer = Trainer(Experiment.from_dict({"family": family, "data": data, "seed": 12}))
    for _ in range(20):
        trainer.take_step()
    model = trainer.game.model
    mass, _ = quad(lambda x: float(model.log_prob(torch.tensor([[x]])).exp()), -30, 30, limit=200, epsabs=1e-4)
    assert mass == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("base", BASES)
def test_samples_come_from_the_predictive_density(base):
    """−E[log p̂(x̂)] over samples is the entropy: the mean of log p̂ on the grid, weighted by p̂, to the samples' error."""
    trainer = plane(base)
    for _ in range(30):
        trainer.take_step()
    model = trainer.game.model
    line = torch.linspace(-8, 8, 161)
    grid = torch.cartesian_prod(line, line)
    on_grid = model.log_prob(grid)
    weight = on_grid.exp() * float(line[1] - line[0]) ** 2
    assert float(weight.sum()) == pytest.approx(1.0, abs=0.01)
    expected = float((weight * on_grid).sum())
    drawn = model.log_prob(model.sample(4_000, chance()))
    assert float(drawn.mean()) == pytest.approx(expected, abs=5 * float(drawn.std()) / 4_000**0.5 + 0.01)
    mean = model.sample(4_000, chance()).mean(0)
    torch.testing.assert_close(mean, (weight[:, None] * grid).sum(0), atol=0.1, rtol=0)


def test_the_last_of_the_noise_picks_the_particle_evenly():
    model = plane().game.model
    means = [index for index, name in enumerate(model.names) if name.startswith("means")]
    with torch.no_grad():
        for m, theta in enumerate(model.theta[:-1]):
            theta[means] = 100.0 * m  # far apart, so that samples say where they come from
    x = model.sample(5_000, chance())
    counts = torch.bincount((x[:, 0] / 100).round().long(), minlength=5)
    assert counts.sum() == 5_000
    assert ((counts - 1_000).abs() < 4 * (1_000 * 0.8) ** 0.5).all()
    z = torch.zeros(1, model.latent_dimension)
    assert model.push(z)[0, 0] == pytest.approx(200.0, abs=10)  # z alone goes through the middle one


def test_names_of_the_weights():
    names = plane().game.model.names
    assert names[:4] == ["logits[0]", "logits[1]", "means[0, 0]", "means[0, 1]"]
    assert len(names) == plane().game.model.theta.shape[1]


def test_starts_differ():
    theta = plane("spline_flow").game.model.theta.detach()
    assert all(not torch.equal(a, b) for a, b in pairwise(theta))


def test_each_fit_of_an_ensemble_is_the_best_of_its_own_resample():
    """One Gaussian in the plane: mean and covariance of the points, counted as often as they were drawn."""
    family = {"key": "ensemble", "particles": 4, "base": {"key": "mixture", "components": 1, "start": "random"}}
    recipe = {
        "family": family,
        "objective": "deep_ensemble",
        "optimizer": {"key": "adam", "lr": 0.05, "schedule": "linear", "hold": 0.3},
        "steps": 400,
        "seed": 13,
    }
    trainer = Trainer(Experiment.from_dict(recipe))
    for _ in range(400):
        trainer.take_step()
    model, data = trainer.game.model, trainer.game.sample.double().numpy()
    counts = trainer.experiment.objective._counts(5, len(data), trainer.game.chance.initial_seed()).numpy()
    assert (counts.sum(1) == len(data)).all()
    assert (counts[-1] == 1).all()
    assert all((a != b).any() for a, b in pairwise(counts))
    for m, weights in enumerate(counts):
        best = multivariate_normal(np.average(data, 0, weights), np.cov(data.T, fweights=weights.astype(int), ddof=0))
        found = model.member_log_density(torch.tensor(data, dtype=torch.float32))[m].detach().numpy()
        assert np.average(found, weights=weights) == pytest.approx(
            np.average(best.logpdf(data), weights=weights), abs=2e-3
        )


def test_without_resampling_convex_fits_agree():
    family = {"key": "ensemble", "particles": 3, "base": {"key": "mixture", "components": 1}}
    optimizer = {"key": "adam", "lr": 0.05, "schedule": "linear", "hold": 0.3}
    objective = {"key": "deep_ensemble", "bootstrap": False}
    parts = {"family": family, "objective": objective, "optimizer": optimizer, "steps": 200, "seed": 13}
    trainer = Trainer(Experiment.from_dict(parts))
    for _ in range(200):
        trainer.take_step()
    theta = trainer.game.model.theta.detach()
    torch.testing.assert_close(theta[:, 1:], theta[-1:, 1:].expand(4, -1), atol=0.01, rtol=0)


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        (["data.n=0"], "data.n"),
        (["family.base.key=pushforward"], "family.base.key"),
        (["family.base.key=ensemble"], "family.base.key"),
        (["family.base.key=continuous_flow"], "family.base.key"),
        (["family.base.key=spline_flow", "latent.dimension=3"], "latent.dimension"),
        (["family.base.key=spline_flow", "latent.key=uniform"], "latent.key"),
    ],
)
def test_what_does_not_go_together_is_refused(settings, path):
    recipe = Experiment.from_dict({"family": "ensemble"})
    with pytest.raises(RecipeError) as refused:
        recipe.with_settings(settings)
    assert refused.value.path == path
    if refused.value.settings:
        recipe.with_settings([*settings, *refused.value.settings])


def test_every_family_that_is_said_to_make_particles_does():
    parts = {
        "family": {"key": "ensemble", "particles": 2, "base": {"key": "pushforward"}},
        "objective": "deep_ensemble",
    }
    with pytest.raises(RecipeError) as refused:
        Experiment.from_dict(parts)
    able = set(refused.value.problem.rpartition("what fits: ")[2].split(", "))
    dense = {family.key for family in FAMILIES if "log_prob" in family.capabilities}
    assert dense - able == {"ensemble", "continuous_flow"}
    for base in able:
        parts["family"]["base"] = {"key": base}
        assert all(np.isfinite(value) for value in Trainer(Experiment.from_dict(parts)).take_step().values())


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        ({"family": "ensemble", "objective": "maximum_likelihood"}, "family.key"),
        ({"family": "mixture", "objective": "langevin", "data": {"key": "ring", "n": 200}}, "objective.key"),
    ],
)
def test_an_ensemble_is_trained_by_what_keeps_its_particles_apart(parts, path):
    with pytest.raises(RecipeError) as refused:
        Experiment.from_dict(parts)
    assert refused.value.path == path


def observed(**parts: object) -> tuple[Trainer, dict[str, np.ndarray]]:
    family = {"key": "ensemble", "particles": 20, "base": {"key": "mixture", "components": 1}}
    trainer = Trainer(Experiment.from_dict({"family": family, "seed": 12, **parts}))
    for _ in range(30):
        trainer.take_step()
    looker = Witness(trainer.experiment, points=500)
    looker.load(trainer.values().numpy())
    return trainer, looker.observe(["predictive"])[0]["predictive"]


def test_what_is_seen_of_a_posterior_in_the_plane():
    trainer, seen = observed()
    model, side = trainer.game.model, len(seen["predictive"])
    left, bottom, right, top = trainer.experiment.data.bounds()
    x = left + (right - left) * (30 + 0.5) / side
    y = bottom + (top - bottom) * (50 + 0.5) / side
    members = model.member_log_density(torch.tensor([[x, y]])).detach().exp().numpy()[:, 0]
    assert seen["predictive"][50, 30] == pytest.approx(members[:-1].mean(), rel=1e-4)
    assert seen["fit"][50, 30] == pytest.approx(members[-1], rel=1e-4)
    assert seen["spread"][50, 30] == pytest.approx(members[:-1].std(), rel=1e-3)
    assert seen["low"][50, 30] < np.median(members[:-1]) < seen["high"][50, 30]
    np.testing.assert_allclose(seen["members"][:, 50, 30], members[:8], rtol=1e-4)
    np.testing.assert_array_equal(seen["sample"], trainer.game.sample)


def test_the_band_on_a_line_holds_nine_in_ten_of_the_particles():
    trainer, seen = observed(data={"key": "gaussian_mixture_1d", "n": 20})
    at = int(seen["spread"].argmax())
    left, _, right, _ = trainer.experiment.data.bounds()
    x = left + (right - left) * (at + 0.5) / 256
    members = trainer.game.model.member_log_density(torch.tensor([[x]])).detach().exp().numpy()[:-1, 0]
    inside = (seen["low"][at] <= members) & (members <= seen["high"][at])
    assert inside.sum() == 18  # of 20


def test_one_theta_has_no_posterior_to_see():
    _, missing = Witness(Experiment.from_dict({"family": "mixture"}), points=100).observe(["predictive"])
    assert missing["predictive"].startswith("Mixture of Gaussians has one θ")


def test_the_law_of_one_gaussian_is_drawn_over_its_mean_and_log_std():
    """On the grid: SciPy's likelihood times the prior, normalised; the weight's logit does not count."""
    data = {"key": "gaussian_mixture_1d", "n": 10}
    recipe = {
        "family": {"key": "ensemble", "particles": 20, "base": {"key": "mixture", "components": 1}},
        "objective": {"key": "langevin", "rate": 0.02, "prior_std": 2.0},
    }
    trainer = Trainer(Experiment.from_dict({**recipe, "data": data, "batch_size": 10, "seed": 12}))
    for _ in range(30):
        trainer.take_step()
    seen = look(trainer, "parameter_posterior")
    assert names(seen) == ["μ", "log σ"]
    np.testing.assert_array_equal(seen["theta"], trainer.game.model.theta.detach()[:, seen["which"]])
    left, bottom, right, top = seen["bounds"].astype(float)
    assert left < seen["theta"][:, 0].min()
    assert seen["theta"][:, 1].max() < top
    share = (np.arange(64) + 0.5) / 64
    mean, log_std = np.meshgrid(left + (right - left) * share, bottom + (top - bottom) * share)
    x = trainer.game.sample.numpy()[:, 0]
    std = np.sqrt(np.exp(2 * log_std) + 1e-6)  # a floor of 0.001 lies below every σ
    log = norm.logpdf(x, mean[..., None], std[..., None]).sum(-1) - (mean**2 + log_std**2) / 8
    law = np.exp(log - log.max())
    cell = (right - left) * (top - bottom) / 64**2
    np.testing.assert_allclose(seen["density"], law / law.sum() / cell, rtol=2e-3, atol=1e-5)


def look(trainer: Trainer, key: str) -> dict[str, np.ndarray]:
    looker = Witness(trainer.experiment, points=100)
    looker.load(trainer.values().numpy())
    return looker.observe([key])[0][key]


def names(seen: dict[str, np.ndarray]) -> list[str]:
    return ["".join(chr(point) for point in row if point) for row in seen["names"]]


def test_many_weights_show_two_and_no_law():
    mixture, flow = plane(), plane("spline_flow")
    seen = look(mixture, "parameter_posterior")
    assert names(seen) == ["μ₁,₁", "μ₁,₂"]
    assert seen["theta"].shape == (6, 2)
    assert seen["density"].size == 0
    assert len(names(look(flow, "parameter_posterior"))) == 2


def test_looking_at_the_particles_changes_nothing():
    alone, watched = plane(), plane()
    looker = Witness(watched.experiment, points=50)
    for _ in range(3):
        alone.take_step()
        watched.take_step()
        looker.load(watched.values().numpy())
        looker.observe(["predictive", "parameter_posterior"])
    assert torch.equal(alone.values(), watched.values())


def test_pictures_of_nets_have_fewer_cells():
    data = {"key": "moons", "n": 20}
    for base, fewer in (("mixture", False), ("spline_flow", True)):
        family = {"key": "ensemble", "particles": 16, "base": {"key": base}}
        recipe = {"data": data, "family": family, "objective": "deep_ensemble", "batch_size": 20}
        looker = Witness(Experiment.from_dict(recipe), points=20)
        pictures = looker.observe(["predictive"])[0]["predictive"]
        sides = looker.game.model.density_side, len(pictures["predictive"])
        assert sides == ((48, 48) if fewer else (128, 96))


def test_each_run_has_resamples_of_its_own():
    objective = OBJECTIVES["deep_ensemble"]()
    assert not torch.equal(objective._counts(5, 30, 1), objective._counts(5, 30, 2))
    assert torch.equal(objective._counts(5, 30, 1), objective._counts(5, 30, 1))
