"""The mixture of Gaussians: its density, its samples, its gradients, where it starts."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal

from models.architectures.mlp import Mlp
from models.data._units import Units
from models.divergences import DIVERGENCES
from models.experiment import Experiment
from models.families._gaussians import COVARIANCES, least_variance
from models.families.mixture import Mixture, by_clusters, by_samples
from models.latents.gaussian import Gaussian
from models.objectives import OBJECTIVES
from models.registry import RecipeError
from models.training.trainer import Trainer

SHAPES = tuple(COVARIANCES)


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def built(d: int = 2, seed: int = 0, **options: object):
    """A mixture whose every number was drawn at random, in data units that are not those of training."""
    model = Mixture.parse({"components": 4, **options}).build(Mlp(), Gaussian(dimension=d), d, seeded(seed))
    model.network.theta.copy_(0.7 * torch.randn(model.network.parameters, generator=seeded(seed + 100)))
    model.units = Units(torch.arange(1.0, d + 1), torch.linspace(0.5, 2.0, d))
    return model


def density(model, x: np.ndarray) -> np.ndarray:
    """Of the components that the model states, by another implementation."""
    found = model.components()
    triples = zip(found.weights.tolist(), found.means.numpy(), found.covariances.numpy(), strict=True)
    return sum(w * multivariate_normal(m, c).pdf(x) for w, m, c in triples)


@pytest.mark.parametrize("covariance", SHAPES)
@pytest.mark.parametrize("d", [1, 2, 5])
def test_log_density_is_that_of_its_components(covariance, d):
    model = built(d, covariance=covariance)
    x = model.sample(300, seeded(1))
    np.testing.assert_allclose(model.log_prob(x).exp(), density(model, x.numpy()), rtol=2e-4)


@pytest.mark.parametrize("covariance", SHAPES)
def test_components_have_the_shape_that_was_asked_for(covariance):
    model = built(3, covariance=covariance)
    inside = model.components().covariances / (model.units.scale[:, None] * model.units.scale)
    off_diagonal = inside - torch.diag_embed(inside.diagonal(dim1=1, dim2=2))
    variances = inside.diagonal(dim1=1, dim2=2)
    assert bool((off_diagonal.abs().amax() > 0.01) == (covariance == "full"))
    assert bool((variances.std(1).amax() < 1e-5) == (covariance == "spherical"))


def test_samples_have_the_moments_of_the_mixture():
    model = built(2)
    x, found = model.sample(200_000, seeded(2)), model.components()
    mean = found.weights @ found.means
    spread = found.covariances + found.means[:, :, None] * found.means[:, None]
    covariance = (found.weights[:, None, None] * spread).sum(0) - torch.outer(mean, mean)
    np.testing.assert_allclose(x.mean(0), mean, atol=0.02)
    np.testing.assert_allclose(torch.cov(x.T), covariance, atol=0.01 * float(covariance.amax()))


def test_the_last_normal_picks_the_component_and_none_means_the_middle():
    model = built(1, components=3)
    found = model.components()
    edges = found.weights.cumsum(0)[:-1].double()
    picks = torch.special.ndtri(torch.stack([edges[0] / 2, edges.mean(), (1 + edges[1]) / 2]))
    z = torch.stack([torch.zeros(3), picks.float()], 1)
    np.testing.assert_allclose(model.push(z), found.means, rtol=1e-6)
    middle = int(torch.searchsorted(edges, 0.5))
    np.testing.assert_allclose(model.push(torch.zeros(1, 1)), found.means[middle : middle + 1], rtol=1e-6)
    far = torch.tensor([[0.0, -40.0], [0.0, 40.0]])
    np.testing.assert_allclose(model.push(far), found.means[[0, 2]], rtol=1e-6)


@pytest.mark.parametrize("covariance", SHAPES)
def test_gradients_of_the_density_are_those_of_differences(covariance):
    model = built(2, covariance=covariance, floor=0.1)
    module = model.network.module.double()
    u = torch.randn(3, 2, generator=seeded(3), dtype=torch.float64)
    names = [name for name, _ in module.named_parameters()]

    def log_density(*values: torch.Tensor) -> torch.Tensor:
        made = module._made_of(*values[:-1])
        return made.log_density(values[-1])

    values = [*(dict(module.named_parameters())[name].detach().clone() for name in names), u]
    assert torch.autograd.gradcheck(log_density, [value.requires_grad_() for value in values])


def test_expectations_are_differentiable_in_the_weights_too():
    """E[‖x‖²] = Σ wₖ (‖μₖ‖² + tr Σₖ): value and all gradients of the stratified estimate agree with it."""
    model = built(2)
    module, chance = model.network.module, seeded(4)
    noise = torch.randn(20_000, 3, generator=chance)
    noise[:, :2] -= noise[:, :2].mean(0)
    noise[:, :2] @= torch.linalg.inv(torch.linalg.cholesky(noise[:, :2].T @ noise[:, :2] / len(noise))).T

    def exact() -> torch.Tensor:
        made = module.gaussians()
        sizes = made.means.square().sum(1) + made.scales.square().sum((1, 2))
        return made.log_weights.exp() @ sizes

    def estimated() -> torch.Tensor:
        drawn = model.draw_weighted(noise)
        return (drawn.weight * drawn.u.square().sum(1)).sum()

    value = model.network.differentiate(exact)
    gradient = model.network.gradient.clone()
    assert model.network.differentiate(estimated) == pytest.approx(value, rel=1e-3)
    np.testing.assert_allclose(model.network.gradient, gradient, atol=2e-3 * float(gradient.abs().max()))
    assert float(gradient[:4].abs().min()) > 1e-3, "the logits come first, and they count"


def test_weighted_points_carry_their_density_and_sum_to_one():
    model = built(2)
    with torch.no_grad():
        drawn = model.draw_weighted(model.latent.draw(50, seeded(5)))
    assert drawn.u.shape == (200, 2)
    assert float(drawn.weight.sum()) == pytest.approx(1.0, abs=1e-6)
    torch.testing.assert_close(drawn.log_density, model.log_density(drawn.u).detach())


def test_one_component_is_one_gaussian():
    model = built(2, components=1)
    found = model.components()
    x = torch.randn(50, 2, generator=seeded(6))
    law = multivariate_normal(found.means[0].numpy(), found.covariances[0].numpy())
    np.testing.assert_allclose(model.log_prob(x), law.logpdf(x.numpy()), rtol=1e-4)


@pytest.mark.parametrize("covariance", SHAPES)
def test_a_fit_gives_the_covariance_back_and_no_variance_below_the_floor(covariance):
    half = torch.randn(5, 3, 3, generator=seeded(7), dtype=torch.float64)
    wide = half @ half.mT + torch.eye(3)
    shape, floor = COVARIANCES[covariance], 0.01
    scales = shape.scales(shape.fit(wide, floor), 3, floor)
    variances = wide.diagonal(dim1=1, dim2=2)
    wanted = {
        "full": wide,
        "diagonal": torch.diag_embed(variances),
        "spherical": variances.mean(1)[:, None, None] * torch.eye(3),
    }[covariance]
    torch.testing.assert_close(scales @ scales.mT, wanted.double(), rtol=1e-9, atol=1e-9)
    flat = torch.zeros(1, 3, 3, dtype=torch.float64)
    flat[0, 0, 0] = 1e-9
    least = shape.scales(shape.fit(flat, floor), 3, floor).diagonal(dim1=1, dim2=2).square()
    torch.testing.assert_close(least, torch.full_like(least, least_variance(floor)))


def test_k_means_starts_on_the_clusters_and_random_on_samples():
    centres = torch.tensor([[0.0, 0.0], [5.0, 0.0], [0.0, 5.0]], dtype=torch.float64)
    x = (centres[:, None] + 0.1 * torch.randn(3, 40, 2, generator=seeded(8), dtype=torch.float64)).flatten(0, 1)
    fit = by_clusters(x, 3, seeded(9))
    order = torch.cdist(centres, fit.means).argmin(1)
    own = x.view(3, 40, 2)
    torch.testing.assert_close(fit.means[order], own.mean(1))
    torch.testing.assert_close(fit.weights, torch.full((3,), 1 / 3, dtype=torch.float64))
    torch.testing.assert_close(fit.covariances[order][1], torch.cov(own[1].T, correction=0))
    drawn = by_samples(x, 5, seeded(9))
    assert bool((drawn.means[:, None] == x).all(2).any(1).all())
    assert len(drawn.means.unique(dim=0)) == 5


def test_a_normal_start_sees_no_data():
    models = [Mixture(start="normal").build(Mlp(), Gaussian(), 2, seeded(1)) for _ in range(2)]
    for model, u in zip(models, (torch.zeros(30, 2), 1e6 + torch.randn(30, 2)), strict=True):
        model.start(u, seeded(2))
    first, second = (model.network.theta for model in models)
    assert torch.equal(first, second)
    assert models[0].components().covariances[0].numpy() == pytest.approx(np.eye(2), abs=1e-6)


@pytest.mark.parametrize("start", ["kmeans", "random", "normal"])
def test_a_start_is_the_same_for_the_same_chance(start):
    u = torch.randn(200, 2, generator=seeded(10))
    models = [Mixture(start=start).build(Mlp(), Gaussian(), 2, seeded(1)) for _ in range(3)]
    for model, seed in zip(models, (3, 3, 4), strict=True):
        model.start(u, seeded(seed))
    assert torch.equal(models[0].network.theta, models[1].network.theta)
    assert not torch.equal(models[0].network.theta, models[2].network.theta)


@pytest.mark.parametrize("start", ["kmeans", "random", "normal"])
@pytest.mark.parametrize("covariance", SHAPES)
@pytest.mark.parametrize("u", [torch.zeros(30, 2), torch.randn(3, 2), torch.ones(1, 2)])
def test_a_start_survives_duplicates_and_fewer_samples_than_components(start, covariance, u):
    model = Mixture(start=start, covariance=covariance).build(Mlp(), Gaussian(), 2, seeded(1))
    model.start(u, seeded(2))
    assert bool(model.network.values.isfinite().all())
    assert bool(model.log_density(u).isfinite().all())


def test_gradient_and_reverse_kl_train_it_and_the_rest_is_refused():
    mixture = {"data": {"key": "ring", "n": 500}, "family": {"key": "mixture", "components": 3}, "steps": 20}
    assert Experiment.from_dict(mixture).objective.key == "maximum_likelihood"
    reverse = {"divergence": "kl_reverse", "objective": "known_density"}
    for objective in ({}, reverse):
        trainer = Trainer(Experiment.from_dict({**mixture, **objective}))
        losses = [next(iter(trainer.take_step().values())) for _ in range(20)]
        assert losses[-1] < losses[0]
    assert {member.key for member in OBJECTIVES if _is_taken(mixture, member.key)} == {
        "maximum_likelihood", "em", "known_density",
    }  # fmt: skip


def _is_taken(recipe: dict, objective: str) -> bool:
    for member in DIVERGENCES:
        try:
            Experiment.from_dict({**recipe, "divergence": member.key, "objective": objective})
        except RecipeError:
            continue
        return True
    return False


def test_forward_kl_covers_and_reverse_kl_seeks():
    """Of two far Gaussians, weights .6 and .4, one that covers has the moments, and one that seeks is either of them.

    Both begin on the same sample of the lighter one; from the middle, both would stay there.
    """
    data = {
        "key": "gaussian_mixture", "means": [[-2.0, 0.0], [2.0, 0.0]],
        "covariances": [[[0.25, 0.0], [0.0, 0.25]]], "weights": [0.6, 0.4],
    }  # fmt: skip
    recipe = {
        "data": data, "family": {"key": "mixture", "components": 1, "start": "random"}, "steps": 300, "seed": 10,
        "optimizer": {"key": "adam", "lr": 0.03, "schedule": "linear"},
    }  # fmt: skip
    ends = []
    for parts in ({}, {"divergence": "kl_reverse", "objective": "known_density"}):
        trainer = Trainer(Experiment.from_dict({**recipe, **parts}))
        for _ in range(300):
            trainer.take_step()
        found = trainer.game.model.components()
        ends.append((found.means[0], found.covariances[0].diagonal().sqrt()))
    (cover, wide), (seek, narrow) = ends
    np.testing.assert_allclose(cover, [-0.4, 0.0], atol=0.15)
    np.testing.assert_allclose(wide, [math.sqrt(0.25 + 4 * 0.96), 0.5], rtol=0.08)
    np.testing.assert_allclose(seek, [2.0, 0.0], atol=0.05)
    np.testing.assert_allclose(narrow, [0.5, 0.5], rtol=0.08)


def test_too_many_wide_covariances_are_refused_with_a_way_out():
    wide = {
        "data": {
            "key": "gaussian_mixture",
            "means": [[0.0] * 300],
            "covariances": [np.eye(300).tolist()],
            "weights": [],
        },
        "family": {"key": "mixture", "components": 200},
    }
    with pytest.raises(RecipeError) as refusal:
        Experiment.from_dict(wide)
    assert refusal.value.settings == ("family.components=186",)


def test_it_is_no_pathwise_family():
    model = built(2)
    for call in (model.push_recorded, model.pull_back):
        with pytest.raises(NotImplementedError, match="not differentiable"):
            call(torch.zeros(1, 3))
