"""Exact values of the curves, the board, the pinwheel, the segment and the digits."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats
from scipy.spatial.distance import cdist
from sklearn.datasets import load_digits, make_circles, make_moons, make_swiss_roll

from models.data import DATA
from models.registry import RecipeError


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def energy_p_value(a: np.ndarray, b: np.ndarray, shuffles: int = 60) -> float:
    """Share of random divisions of all points whose energy distance is at least that of ``a`` from ``b``."""
    rng = np.random.default_rng(0)
    distances = cdist(np.vstack([a, b]), np.vstack([a, b]))
    sign = np.concatenate([np.full(len(a), 1 / len(a)), np.full(len(b), -1 / len(b))])
    seen = -sign @ distances @ sign
    others = [-other @ distances @ other for other in (rng.permutation(sign) for _ in range(shuffles))]
    return float(np.mean(np.array(others) >= seen))


@pytest.mark.parametrize(("noise", "published"), [(0.05, 0.286), (0.1, 1.009), (0.2, 1.682)])
def test_entropy_of_moons(noise, published):
    law = DATA.parse({"key": "moons", "noise": noise})
    assert float(-law.log_prob(law.draw(30_000, seeded(0))).mean()) == pytest.approx(published, abs=0.02)


def test_sklearn_s_own_moons_have_that_log_likelihood():
    x, _ = make_moons(30_000, noise=0.1, random_state=0)
    likelihood = DATA.parse("moons").log_prob(torch.from_numpy(x)).mean()
    assert float(-likelihood) == pytest.approx(1.009, abs=0.02)


@pytest.mark.parametrize(
    ("recipe", "published"),
    [({"key": "moons", "scale": 2.0}, 2.395), ({"key": "circles"}, 3.262)],
)
def test_entropy_of_ffjord_s_moons_and_circles(recipe, published):
    law = DATA.parse(recipe)
    assert float(-law.log_prob(law.draw(30_000, seeded(0))).mean()) == pytest.approx(published, abs=0.02)


SKLEARN = {
    "moons": lambda n: make_moons(n, noise=0.1, random_state=0)[0],
    "circles": lambda n: 3 * make_circles(n, noise=0.08, factor=0.5, random_state=0)[0],
    "swiss_roll": lambda n: make_swiss_roll(n, noise=1.0, random_state=0)[0][:, [0, 2]] / 5,
}


@pytest.mark.parametrize("key", SKLEARN)
def test_draws_are_those_of_sklearn_in_distribution(key):
    drawn = DATA.parse(key).draw(1000, seeded(3)).double().numpy()
    assert energy_p_value(drawn, SKLEARN[key](1000)) > 0.02
    assert energy_p_value(drawn + 0.3 * drawn.std(), SKLEARN[key](1000)) == 0


def test_density_of_a_circle_is_the_closed_form_with_a_bessel_function():
    law = DATA.parse({"key": "circles", "factor": 1.0, "noise": 0.2, "scale": 1.0})
    r = np.linspace(0, 2, 21)
    log_p = law.log_prob(torch.from_numpy(np.stack([r, 0 * r], 1))).numpy()
    # The radius of a shifted Gaussian is Rice distributed; the direction is uniform.
    expected = stats.rice(1 / 0.2, scale=0.2).pdf(r[1:]) / (2 * math.pi * r[1:])
    assert np.exp(log_p[1:]) == pytest.approx(expected, rel=1e-5)


def test_density_of_moons_is_that_of_adaptive_quadrature():
    x = np.array([0.3, 0.2])

    def integrand(t: float) -> float:
        upper, lower = [math.cos(t), math.sin(t)], [1 - math.cos(t), 0.5 - math.sin(t)]
        normal = stats.multivariate_normal(cov=0.1**2 * np.eye(2))
        return 0.5 * (normal.pdf(x - upper) + normal.pdf(x - lower)) / math.pi

    expected, _ = integrate.quad(integrand, 0, math.pi, epsabs=1e-12, points=[0.5, 1.5, 2.5])
    log_p = DATA.parse("moons").log_prob(torch.tensor(x)[None])
    assert float(log_p.exp()) == pytest.approx(expected, rel=1e-6)


def test_the_board_has_eight_squares_of_side_two():
    law = DATA.parse("checkerboard")
    inside, outside = torch.tensor([[-3.9, -3.9], [3.9, 3.9]]), torch.tensor([[-1.0, -3.0], [4.1, 3.9]])
    assert law.log_prob(inside).tolist() == pytest.approx([-math.log(32)] * 2)
    assert law.log_prob(outside).tolist() == [-math.inf] * 2
    x = law.draw(10_000, seeded(0))
    assert law.log_prob(x).numpy() == pytest.approx(-math.log(32))
    assert len(law.named_modes().names) == 8
    assert law.named_modes().assign(x)[1].all()


def test_a_pinwheel_without_a_turn_is_a_mixture_of_gaussians():
    law = DATA.parse({"key": "pinwheel", "arms": 4, "rate": 0.0, "scale": 1.0})
    x = np.random.default_rng(0).normal(size=(200, 2))
    along, across = np.diag([0.3**2, 0.1**2]), np.diag([0.1**2, 0.3**2])
    arms = [([1, 0], along), ([0, 1], across), ([-1, 0], along), ([0, -1], across)]
    expected = np.mean([stats.multivariate_normal(mean, cov).pdf(x) for mean, cov in arms], axis=0)
    assert law.log_prob(torch.from_numpy(x)).exp().numpy() == pytest.approx(expected, rel=1e-6)


def test_a_pinwheel_whose_folds_carry_mass_still_integrates_to_one():
    options = {"radial_std": 0.4, "tangential_std": 0.3, "rate": 0.5, "arms": 3, "scale": 1.0}
    law = DATA.parse({"key": "pinwheel", **options})
    reach, side = 4.0, 150
    axis = reach * (2 * (torch.arange(side, dtype=torch.float64) + 0.5) / side - 1)
    mass = law.log_prob(torch.cartesian_prod(axis, axis)).exp().sum() * (2 * reach / side) ** 2
    assert float(mass) == pytest.approx(1, abs=0.01)


def test_a_segment_is_uniform_between_its_ends():
    law = DATA.parse({"key": "segment", "start": [1.0, 2.0], "end": [3.0, -2.0]})
    x = law.draw(5000, seeded(0)).double()
    u = (x[:, 0] - 1) / 2
    assert x[:, 1].numpy() == pytest.approx((2 - 4 * u).numpy(), abs=1e-5)
    assert stats.kstest(u.numpy(), "uniform").pvalue > 0.01


def test_a_segment_needs_two_ends():
    with pytest.raises(RecipeError, match=r"^data\.end: .* same point"):
        DATA.parse({"key": "segment", "end": [0.0, 0.0]}, "data")


def test_digits_are_sklearn_s():
    law, (pixels, labels) = DATA.parse("digits"), load_digits(return_X_y=True)
    assert law.size == 1797
    assert torch.equal(law.training_set(seeded(0)), torch.from_numpy(pixels / 8 - 1).float())
    assert law.labels().tolist() == labels.tolist()
    assert law.named_modes().names == tuple("0123456789")
    assert law.named_modes().means[3].numpy() == pytest.approx(pixels[labels == 3].mean(0) / 8 - 1, abs=1e-5)


def test_digits_are_classed_by_the_nearest_real_image():
    law = DATA.parse("digits")
    modes, x, y = law.named_modes(), law.training_set(seeded(0)), law.labels()
    nudged = x + 0.01 * torch.randn(x.shape, generator=seeded(1))
    index, is_high_quality = modes.assign(nudged)
    assert torch.equal(index, y)
    assert is_high_quality.all()
    noise = torch.rand(200, 64, generator=seeded(2)) * 2 - 1
    assert not modes.assign(noise)[1].any()


def test_one_real_image_in_a_hundred_is_out_of_reach_of_the_others():
    law = DATA.parse("digits")
    x = law.training_set(seeded(0)).double().numpy()
    distances = cdist(x, x)
    np.fill_diagonal(distances, np.inf)
    share = np.mean(distances.min(axis=1) <= float(law.named_modes().radii[0]))
    assert share == pytest.approx(0.99, abs=0.001)
