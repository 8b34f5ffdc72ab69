"""Laws p(x|z) against torch's and scipy's: masses, densities, samples, divergences, and the data that fit them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from scipy import stats
from torch import distributions as laws

from models.data import DATA
from models.experiment import Experiment
from models.likelihoods import LIKELIHOODS
from models.likelihoods._base import Observed
from models.registry import RecipeError
from models.settings import assign

LEVELS = {"bernoulli": 2, "categorical": 5}


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def built(key: str, d: int) -> Observed:
    options = {"levels": LEVELS[key]} if key == "categorical" else {}
    return LIKELIHOODS.parse({"key": key, **options}).build(d)


def values(key: str) -> torch.Tensor:
    return torch.linspace(-1, 1, LEVELS[key])


def drawn(key: str, law: Observed, n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Outputs of a decoder, and samples that are possible."""
    outputs = 2 * torch.randn(n, law.outputs, generator=seeded(1))
    return outputs, law.sample(outputs, torch.randn(n, law.dimension, generator=seeded(2)))


@pytest.fixture(params=LIKELIHOODS.keys())
def key(request) -> str:
    return request.param


@pytest.mark.parametrize("key", LEVELS)
def test_masses_of_all_samples_sum_to_one(key):
    law = built(key, 3)
    outputs = 2 * torch.randn(4, law.outputs, generator=seeded(0))
    everything = torch.tensor(list(itertools.product(values(key).tolist(), repeat=3)))
    mass = law.log_prob_of_all(outputs, everything).exp().sum(0)
    assert mass.detach().numpy() == pytest.approx(1.0, abs=1e-5)


def test_log_probabilities_are_those_of_torch(key):
    law = built(key, 3)
    outputs, u = drawn(key, law, 50)
    if key == "gaussian":
        expected = laws.Normal(outputs, 0.1).log_prob(u).sum(1)
    elif key == "bernoulli":
        expected = laws.Bernoulli(logits=outputs).log_prob((u + 1) / 2).sum(1)
    else:
        expected = laws.Categorical(logits=outputs.view(50, 5, 3).mT).log_prob((u + 1) * 2).sum(1)
    assert law.log_prob(outputs, u).detach().numpy() == pytest.approx(expected.detach().numpy(), rel=1e-4, abs=1e-4)


def test_a_table_of_pairs_holds_the_same_numbers(key):
    law = built(key, 3)
    outputs, u = drawn(key, law, 20)
    table = law.log_prob_of_all(outputs, u)
    singly = torch.stack([law.log_prob(outputs, row.expand(20, -1)) for row in u])
    assert table.detach().numpy() == pytest.approx(singly.detach().numpy(), rel=1e-3, abs=2e-3)


def test_samples_follow_the_law(key):
    law, n = built(key, 2), 40_000
    outputs = 1.5 * torch.randn(1, law.outputs, generator=seeded(3))
    u = law.sample(outputs.expand(n, -1), torch.randn(n, 2, generator=seeded(4)))
    assert u.mean(0).detach().numpy() == pytest.approx(law.mean(outputs)[0].detach().numpy(), abs=0.02)
    if key == "gaussian":
        assert stats.kstest(((u - outputs) / 0.1).detach().numpy()[:, 0], "norm").pvalue > 1e-3
        return
    everything = torch.tensor(list(itertools.product(values(key).tolist(), repeat=2)))
    shares = (u[:, None] - everything).abs().amax(2).lt(1e-3).float().mean(0)
    mass = law.log_prob_of_all(outputs, everything)[:, 0].exp()
    assert float(shares.sum()) == pytest.approx(1, abs=1e-6)
    assert shares.numpy() == pytest.approx(mass.numpy(), abs=4 * float((mass / n).sqrt().max()))


def test_samples_are_differentiable_where_they_are_said_to_be(key):
    law = built(key, 2)
    outputs = torch.randn(5, law.outputs, generator=seeded(0), requires_grad=True)
    u = law.sample(outputs, torch.randn(5, 2, generator=seeded(1)))
    is_smooth = u.requires_grad and bool(torch.autograd.grad(u.sum(), outputs)[0].abs().sum() > 0)
    assert is_smooth == ("smooth" in LIKELIHOODS[key].capabilities)


@pytest.mark.parametrize("key", LEVELS)
def test_separation_is_the_divergence_both_ways(key):
    law = built(key, 2)
    a, b = (torch.randn(1, law.outputs, generator=seeded(i)) for i in (5, 6))
    everything = torch.tensor(list(itertools.product(values(key).tolist(), repeat=2)))
    p, q = (law.log_prob_of_all(outputs, everything)[:, 0] for outputs in (a, b))
    assert float(law.separation(a, b)) == pytest.approx(float(((p.exp() - q.exp()) * (p - q)).sum()), rel=1e-4)


def test_separation_of_gaussians_is_the_squared_distance():
    law = built("gaussian", 2)
    p, q = laws.Normal(torch.tensor([0.0, 0.3]), 0.1), laws.Normal(torch.tensor([0.2, 0.0]), 0.1)
    both = (laws.kl_divergence(p, q) + laws.kl_divergence(q, p)).sum()
    assert law.separation(p.mean[None], q.mean[None]).item() == pytest.approx(float(both), rel=1e-5)


def test_binary_digits_are_white_from_eight_of_sixteen():
    from sklearn.datasets import load_digits

    pixels = load_digits().data
    rows = DATA.parse({"key": "digits", "binary": True}).rows().numpy()
    assert np.array_equal(rows, np.where(pixels >= 8, 1.0, -1.0).astype(np.float32))


def test_all_digits_have_a_mass():
    for options, likelihood in (({"binary": True}, "bernoulli"), ({}, "categorical")):
        data = DATA.parse({"key": "digits", **options})
        law = LIKELIHOODS.parse(likelihood).build(64)
        uniform = law.log_prob(torch.zeros(1, law.outputs).expand(data.size, -1), data.rows())
        assert uniform.detach().numpy() == pytest.approx(-64 * np.log(data.levels), rel=1e-5)


@pytest.mark.parametrize(
    ("likelihood", "data", "why", "helps"),
    [
        ({"key": "bernoulli"}, "moons", "has continuous values", "gaussian"),
        ({"key": "categorical"}, "ring", "has continuous values", "gaussian"),
        ({"key": "bernoulli"}, "digits", "has 17 values a pixel, not 2", "categorical"),
        ({"key": "categorical", "levels": 4}, "digits", "17 values a pixel, not 4", "categorical"),
        ({"key": "categorical"}, {"key": "digits", "binary": True}, "2 values a pixel, not 17", "categorical"),
    ],
)
def test_data_that_do_not_fit_are_refused_and_what_is_advised_helps(likelihood, data, why, helps):
    recipe = {"family": {"key": "variational_autoencoder", "likelihood": likelihood}, "data": data}
    with pytest.raises(RecipeError, match=why) as refusal:
        Experiment.from_dict(recipe)
    assert refusal.value.path == "family.likelihood"
    assert all(setting in refusal.value.problem for setting in refusal.value.settings)
    for setting in refusal.value.settings:
        assign(recipe, setting)
    assert Experiment.from_dict(recipe).family.likelihood.key == helps
