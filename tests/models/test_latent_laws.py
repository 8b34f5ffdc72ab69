"""Laws that every latent law is held to by standing in the registry, and their exact values."""

from __future__ import annotations

import math

import pytest
import torch
from scipy import stats

from models.latents import LATENTS, Latent
from models.registry import RecipeError


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(params=LATENTS.keys())
def key(request) -> str:
    return request.param


def of_dimension(key: str, k: int) -> Latent:
    """A law over ℝᵏ; one that is a data set has the dimension of that."""
    two = [[-1.0] * k, [2.0] * k]
    data = {"key": "gaussian_mixture", "means": two, "covariances": [torch.eye(k).tolist()], "weights": []}
    options = {"data": data} if key == "data_set" else {}
    return LATENTS.parse({"key": key, "dimension": k, **options})


@pytest.mark.parametrize("k", [1, 2, 3, 64])
def test_draw_has_its_shape_and_is_finite(key, k):
    z = of_dimension(key, k).draw(100, seeded(0))
    assert z.shape == (100, k)
    assert z.dtype == torch.float32
    assert z.isfinite().all()


def test_the_generator_is_the_only_source_of_chance(key):
    law = LATENTS.parse(key)
    assert torch.equal(law.draw(32, seeded(3)), law.draw(32, seeded(3)))
    assert not torch.equal(law.draw(32, seeded(3)), law.draw(32, seeded(4)))


def test_the_recipe_gives_the_member_back(key):
    law = of_dimension(key, 5)
    law.draw(8, seeded(0))
    again = LATENTS.parse(law.recipe())
    again.draw(8, seeded(0))
    assert again == law


@pytest.mark.parametrize("k", [0, -1, 2**20 + 1, 1.5])
def test_impossible_dimensions_are_refused_by_path(key, k):
    with pytest.raises(RecipeError, match=r"^latent\.dimension: "):
        LATENTS.parse({"key": key, "dimension": k}, "latent")


@pytest.mark.parametrize("k", [1, 2])
def test_density_integrates_to_one_and_is_that_of_the_sampler(key, k):
    law = of_dimension(key, k)
    reach, side = 2.5 * law.extent, 400
    axis = reach * (2 * (torch.arange(side, dtype=torch.float64) + 0.5) / side - 1)
    log_p = law.log_prob(torch.cartesian_prod(*[axis] * k).reshape(-1, k))
    mass = log_p.exp() * (2 * reach / side) ** k
    assert float(mass.sum()) == pytest.approx(1, abs=0.01)
    entropy = float(-torch.special.xlogy(mass, log_p.exp()).sum())
    drawn = law.log_prob(law.draw(20_000, seeded(0)))
    assert float(-drawn.mean()) == pytest.approx(entropy, abs=0.01 + 4 * float(drawn.std()) / 20_000**0.5)


@pytest.mark.parametrize("k", [1, 2])
def test_extent_holds_nearly_all(key, k):
    law = of_dimension(key, k)
    z = law.draw(10_000, seeded(0))
    assert float((z.abs() <= law.extent).all(dim=1).float().mean()) > 0.98


def test_gaussian_density_is_that_of_scipy():
    z = torch.randn(50, 3, generator=seeded(0), dtype=torch.float64)
    expected = stats.multivariate_normal(mean=[0.0] * 3).logpdf(z.numpy())
    assert LATENTS.parse({"key": "gaussian", "dimension": 3}).log_prob(z).numpy() == pytest.approx(expected)


def test_uniform_density_is_flat_with_sharp_edges():
    law = LATENTS.parse({"key": "uniform", "dimension": 3})
    z = torch.tensor([[0.0, 0.5, -0.9], [0.0, 1.1, 0.0]])
    assert law.log_prob(z).tolist() == pytest.approx([-3 * math.log(2), -math.inf])


def test_mixture_in_the_plane_stands_on_a_circle_and_is_zero_beyond():
    law = LATENTS.parse({"key": "gaussian_mixture", "dimension": 3, "components": 5, "radius": 3.0, "std": 0.01})
    z = law.draw(2000, seeded(0))
    assert z[:, :2].norm(dim=1).numpy() == pytest.approx(3.0, abs=0.06)
    assert float(z[:, 2].abs().max()) < 0.06
    turns = (torch.atan2(z[:, 1], z[:, 0]) / (2 * math.pi) * 5).round().remainder(5)
    assert torch.bincount(turns.long(), minlength=5).min() > 330


@pytest.mark.parametrize(("components", "places"), [(1, [0.0]), (2, [-1.0, 1.0]), (3, [-1.0, 0.0, 1.0])])
def test_mixture_on_the_line_stands_evenly(components, places):
    options = {"dimension": 1, "components": components, "radius": 1.0, "std": 0.01}
    z = LATENTS.parse({"key": "gaussian_mixture", **options}).draw(500, seeded(0))
    assert sorted(set((z * 10).round().div(10).add(0.0).flatten().tolist())) == pytest.approx(places)
