"""Noised data in closed form: the law of αx + σε is what blurring by chance gives, and its score is its slope."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from models.data import DATA
from models.data._noised import noised_sample
from models.data.gaussian_mixture import GaussianMixture
from models.data.gaussian_mixture_1d import GaussianMixture1d
from models.data.moons import Moons

NOISED = [law.key for law in DATA if "noised" in law.capabilities]
LEVELS = [(1.0, 0.3), (0.6, 0.8), (0.05, 1.0), (0.0, 1.0)]
DRAWS = 40_000


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def places(law, alpha, std, n=60):
    x = law.draw(n, seeded(1)).double()
    return alpha * x + std * torch.randn(x.shape, generator=seeded(2)).double()


def by_chance(law, y, alpha, std):
    """Log density, E[x | y] and E[ε | y] as means over draws of x, each weighed by the noise that leads to y."""
    x = law.draw(DRAWS, seeded(3)).double()
    noise = (y[:, None] - alpha * x) / std
    log_normal = -0.5 * (noise.square().sum(2) + law.dimension * math.log(2 * math.pi)) - law.dimension * math.log(std)
    weights = log_normal.softmax(1)
    clean, behind = weights @ x, torch.einsum("nm,nmd->nd", weights, noise)
    return log_normal.logsumexp(1) - math.log(DRAWS), clean, behind


@pytest.mark.parametrize("key", NOISED)
def test_the_noised_law_is_the_one_that_chance_gives(key):
    law = DATA.parse(key)
    for alpha, std in LEVELS[:2]:
        y = places(law, alpha, std, n=30)
        exact, (clean, noise) = law.noised(alpha, std), law.noised(alpha, std).split(y)
        log_prob, found, behind = by_chance(law, y, alpha, std)
        likely = log_prob > log_prob.max() - 6  # elsewhere too few draws are near
        scale = float(law.draw(1000, seeded(4)).std())
        assert torch.allclose(exact.log_prob(y)[likely], log_prob[likely], atol=0.1)
        assert float((clean - found)[likely].abs().max()) < 0.1 * scale
        assert float((noise - behind)[likely].abs().max()) < 0.1 * alpha * scale / std


@pytest.mark.parametrize("key", NOISED)
@pytest.mark.parametrize(("alpha", "std"), [(1.0, 0.0), *LEVELS])
def test_the_score_is_the_slope_and_what_is_behind_adds_up(key, alpha, std):
    law = DATA.parse(key)
    noised, y = law.noised(alpha, std), places(law, alpha, std).requires_grad_()
    (slope,) = torch.autograd.grad(noised.log_prob(y).sum(), y)
    assert torch.allclose(noised.score(y), slope, rtol=1e-8, atol=1e-8)
    clean, noise = noised.split(y)
    assert torch.allclose(alpha * clean + std * noise, y, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("key", NOISED)
def test_a_noised_density_integrates_to_one_and_begins_at_the_data(key):
    law = DATA.parse(key)
    for alpha, std in ((0.6, 0.5), (0.0, 1.0)):
        reach = alpha * float(law.draw(4000, seeded(5)).abs().max()) + 7 * std
        axis = torch.linspace(-reach, reach, 4001 if law.dimension == 1 else 161, dtype=torch.float64)
        y = torch.cartesian_prod(*[axis] * law.dimension).reshape(-1, law.dimension)
        mass = law.noised(alpha, std).log_prob(y).exp().sum() * (axis[1] - axis[0]) ** law.dimension
        assert float(mass) == pytest.approx(1, abs=1e-3)
    x = places(law, 1.0, 0.1)
    assert torch.allclose(law.noised(1.0, 0.0).log_prob(x), law.log_prob(x), atol=1e-5)


@pytest.mark.parametrize("key", [key for key in NOISED if "classes" in DATA[key].capabilities])
def test_the_law_of_all_is_made_of_those_of_its_classes(key):
    law = DATA.parse(key)
    y = places(law, 0.7, 0.4)
    parts = [law.noised(0.7, 0.4, label).log_prob(y) for label in range(len(law.class_names))]
    whole = (torch.stack(parts, 1) + law.class_shares.double().log()).logsumexp(1)
    assert torch.allclose(whole, law.noised(0.7, 0.4).log_prob(y), atol=1e-6)
    x, labels = law.draw_told(400, seeded(6))
    log_prob = torch.stack([law.noised(1.0, 0.0, label).log_prob(x) for label in range(len(law.class_names))], 1)
    own = log_prob.gather(1, labels[:, None])[:, 0]
    assert float((log_prob.max(1).values - own).mean()) < 0.2  # a sample is likely in its own class


def gaussian(mean, covariance, alpha, std):
    return stats.multivariate_normal(alpha * np.array(mean), alpha**2 * np.array(covariance) + std**2 * np.eye(2))


def test_of_gaussians_it_is_that_of_scipy_in_far_tails_too():
    law = GaussianMixture()
    alpha, std = 0.4, 0.7
    y = torch.tensor([[0.1, -0.2], [3.0, 4.0], [-80.0, 50.0], [900.0, 1.0]], dtype=torch.float64)
    gaussians = zip(law.weights, law.means, law.covariances, strict=True)
    parts = [math.log(weight) + gaussian(mean, cov, alpha, std).logpdf(y) for weight, mean, cov in gaussians]
    expected = np.logaddexp.reduce(parts, axis=0)
    exact = law.noised(alpha, std)
    assert np.allclose(exact.log_prob(y).numpy(), expected, rtol=1e-6)
    assert torch.allclose(exact.log_prob(y.float()).double(), exact.log_prob(y), rtol=1e-5)
    assert exact.score(y.float()).isfinite().all()


def test_on_the_line_it_is_the_integral_of_the_blur():
    law, alpha, std = GaussianMixture1d(), 0.8, 0.5

    def inside(x, y):
        return float(law.log_prob(torch.tensor([[x]], dtype=torch.float64)).exp()) * stats.norm.pdf(y, alpha * x, std)

    for y in (-2.0, 0.0, 1.7):
        blurred, _ = integrate.quad(inside, -6, 7, args=(y,), points=[y / alpha])
        found = float(law.noised(alpha, std).log_prob(torch.tensor([[y]], dtype=torch.float64)))
        assert found == pytest.approx(math.log(blurred), abs=1e-5)


def test_fewer_nodes_follow_a_curve_under_more_noise_and_lose_nothing():
    law = Moons(noise=0.02)
    fine, coarse = law.noised(0.7, 0.0), law.noised(0.7, 0.6)
    assert len(coarse.places) < len(fine.places) / 4
    x = places(law, 0.7, 0.6)
    all_nodes = type(coarse)(fine.places, fine.log_weights, fine.blur, 0.7, 0.6)
    assert torch.allclose(coarse.log_prob(x), all_nodes.log_prob(x), atol=2e-5)
    assert torch.allclose(coarse.score(x), all_nodes.score(x), atol=1e-4)


def test_a_noised_sample_knows_its_points_again():
    x = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]])
    near, _ = noised_sample(x, 1.0, 0.05).split(x + 0.03)
    assert torch.allclose(near, x, atol=1e-6)
    far, noise = noised_sample(x, 0.0, 1.0).split(torch.tensor([[3.0, -1.0]]))
    assert torch.allclose(far, x.mean(0, keepdim=True))
    assert torch.allclose(noise, torch.tensor([[3.0, -1.0]]))
    own, nothing = noised_sample(x, 1.0, 0.0).split(x)
    assert torch.equal(own, x)
    assert torch.equal(nothing, torch.zeros(3, 2))
