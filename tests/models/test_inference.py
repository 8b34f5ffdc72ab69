"""Inference in latent-variable models against closed forms: a linear Gaussian decoder has a Gaussian posterior."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.distributions import MultivariateNormal

from models.experiment import Experiment
from models.families._variational import VariationalModel
from models.observations._inference import MeanField, balanced, hermite, importance_bound, lower_bound
from models.observations._posterior import densities, infer
from models.observations._usage import usage
from models.training.witness import Witness

STD = 0.3
BLACK_AND_WHITE = {"key": "digits", "binary": True}
SHIFT = torch.tensor([0.1, -0.2])
TILTED = torch.tensor([[1.0, 0.3], [0.2, 0.8]])
STRAIGHT = torch.tensor([[1.5, 0.0], [0.0, 0.5]])
POINTS = torch.tensor([[0.5, 0.7], [1.2, -1.0], [-0.4, 0.1]])


def witness(k: int = 2, data: object = "ring", **family: object) -> Witness:
    return Witness(Experiment.from_dict({
        "data": data, "latent": {"key": "gaussian", "dimension": k}, "architecture": {"key": "mlp", "depth": 0},
        "family": {
            "key": "variational_autoencoder", "encoder": {"key": "mlp", "depth": 0},
            "likelihood": {"key": "gaussian", "std": STD}, **family,
        },
    }), points=400)  # fmt: skip


def inferring(looker: Witness) -> VariationalModel:
    model = looker.game.model
    assert isinstance(model, VariationalModel)
    return model


def linear(weights: torch.Tensor, encoder_std: float = 0.5) -> Witness:
    """P(x|z) = N(W z + b, σ²I) and q(z|x) = N(0, s²I) whatever x."""
    looker = witness(weights.shape[1])
    module = inferring(looker).network.module
    with torch.no_grad():
        for name, value in module.named_parameters():
            if name.startswith("decoder"):
                value.copy_(weights if value.ndim == 2 else SHIFT)
            elif name.startswith("encoder"):
                value.zero_()
                if value.ndim == 1:
                    value[weights.shape[1] :] = math.log(encoder_std)
    return looker


def posterior(weights: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The mean of p(z|x) for each point, and its precision."""
    precision = torch.eye(weights.shape[1]) + weights.T @ weights / STD**2
    return (POINTS - SHIFT) @ weights @ torch.linalg.inv(precision) / STD**2, precision


def evidence(weights: torch.Tensor) -> torch.Tensor:
    return MultivariateNormal(SHIFT, weights @ weights.T + STD**2 * torch.eye(2)).log_prob(POINTS)


@pytest.mark.parametrize("weights", [TILTED, STRAIGHT, TILTED[:, :1]], ids=["tilted", "straight", "line"])
def test_the_best_gaussian_and_all_bounds_are_those_of_the_closed_form(weights):
    """The mean-field optimum has the posterior's mean and the inverse diagonal of its precision."""
    found = infer(inferring(linear(weights)), POINTS, steps=80)
    mean, precision = posterior(weights)
    gap = (torch.logdet(torch.diag(precision.diagonal())) - torch.logdet(precision)) / 2
    np.testing.assert_allclose(found.best.mean, mean, atol=0.01)
    np.testing.assert_allclose(found.best.std, (precision.diagonal() ** -0.5).expand_as(mean), atol=0.01)
    np.testing.assert_allclose(found.log_prob, evidence(weights), atol=1e-3)
    np.testing.assert_allclose(found.best_elbo, evidence(weights) - gap, atol=1e-3)
    q = MultivariateNormal(torch.zeros(len(precision)), 0.25 * torch.eye(len(precision)))
    true = [MultivariateNormal(place, torch.linalg.inv(precision)) for place in mean]
    divergence = torch.stack([torch.distributions.kl_divergence(q, each) for each in true])
    np.testing.assert_allclose(found.log_prob - found.elbo, divergence, rtol=1e-3)


def test_bounds_are_in_order_for_a_decoder_that_bends():
    looker = Witness(Experiment.from_dict({"family": "variational_autoencoder", "data": "moons", "seed": 12}))
    model = inferring(looker)
    found = infer(model, model.inward(looker.subject.real[:16]))
    assert found.exact
    assert (found.elbo <= found.best_elbo).all()
    assert (found.best_elbo <= found.log_prob).all()
    assert (found.best_elbo - found.elbo).max() > 0.05


def test_without_a_grid_log_prob_is_a_bound_and_the_gaps_stay_ordered():
    looker = witness(k=4)
    model = inferring(looker)
    u = model.inward(looker.subject.real[:6])
    found = infer(model, u, draws=20_000)
    assert not found.exact
    assert (found.elbo <= found.best_elbo).all()
    assert (found.best_elbo <= found.log_prob).all()
    parameters = [p.detach() for name, p in model.network.module.named_parameters() if name.startswith("decoder")]
    loading, bias = parameters
    exact = MultivariateNormal(bias, loading @ loading.T + STD**2 * torch.eye(2)).log_prob(u)
    np.testing.assert_allclose(found.log_prob, exact, atol=0.06)


def test_the_importance_bound_never_falls_below_the_elbo_of_the_same_nodes():
    model = inferring(linear(TILTED))
    q = MeanField(torch.zeros(3, 2), torch.full((3, 2), 0.4))
    for nodes in (hermite(2, 5), balanced(2, 32)):
        with torch.no_grad():
            assert (importance_bound(model, POINTS, q, nodes) >= lower_bound(model, POINTS, q, nodes)).all()


@pytest.mark.parametrize("k", [3, 16])
def test_balanced_draws_have_the_moments_of_the_normal_law(k):
    noise = balanced(k, 64).noise
    np.testing.assert_allclose(noise.mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(noise.T @ noise / 64, torch.eye(k), atol=1e-5)


def test_the_picture_of_the_posterior_is_its_density():
    model = inferring(linear(TILTED))
    mean, precision = posterior(TILTED)
    density, prior = densities(model, POINTS[:1], evidence(TILTED)[:1], 3.0)
    line = torch.linspace(-3, 3, 64)
    z = torch.stack([line.repeat(64), line.repeat_interleave(64)], 1)
    truth = MultivariateNormal(mean[0], torch.linalg.inv(precision)).log_prob(z).exp().view(64, 64)
    np.testing.assert_allclose(density.detach(), truth, atol=1e-3 * float(truth.max()))
    normal = MultivariateNormal(torch.zeros(2), torch.eye(2)).log_prob(z).exp().view(64, 64)
    np.testing.assert_allclose(prior.detach(), normal, atol=1e-6)


@pytest.mark.parametrize(
    ("k", "data", "family", "shape"),
    [
        (2, "moons", {"prior_transforms": 1}, (64, 64)),
        (1, "ring", {}, (1024,)),
        (2, BLACK_AND_WHITE, {"likelihood": {"key": "bernoulli"}}, (64, 64)),
        (5, "digits", {}, (0,)),
    ],
)
def test_an_answer_about_a_point_has_all_parts(k, data, family, shape):
    looker = witness(k, data, **family)
    x = looker.subject.real[:1].numpy()
    told = looker.answer("posterior", {"x": x})
    assert told["density"].shape == told["prior"].shape == shape
    assert {name: told[name].shape for name in ("mean", "std", "best_mean", "best_std")} == dict.fromkeys(
        ("mean", "std", "best_mean", "best_std"), (k,)
    )
    assert told["elbo"] <= told["best_elbo"]
    assert bool(told["exact"]) == (k <= 2)
    assert told["reconstruction"].shape == x[0].shape
    if told["exact"]:  # in data units, as log_prob is
        assert told["log_prob"] == pytest.approx(float(looker.game.model.log_prob(torch.from_numpy(x))), abs=1e-3)


def test_only_models_that_infer_are_asked():
    with pytest.raises(KeyError, match="infers no z"):
        Witness(Experiment.from_dict({}), points=100).answer("posterior", {"x": np.zeros((1, 2), np.float32)})


def test_rates_and_uses_are_those_of_the_closed_form():
    """The encoder μ = x₁, σ = (½, 1): the first dimension has a known rate and the second none."""
    looker = linear(TILTED)
    encoder = [p for name, p in inferring(looker).network.module.named_parameters() if name.startswith("encoder")]
    with torch.no_grad():
        encoder[0][0, 0], encoder[1][3] = 1.0, 0.0
        u = torch.randn(2_000, 2, generator=torch.Generator().manual_seed(0))
    seen = usage(inferring(looker), u)
    expected = (u[:, 0].square().mean() + 0.25 - 1) / 2 + math.log(2)
    np.testing.assert_allclose(seen.rate, [float(expected), 0.0], atol=1e-4)
    assert seen.total_rate == pytest.approx(float(expected), abs=1e-4)
    assert seen.used.tolist() == [True, False]
    assert seen.information == pytest.approx(math.log(5) / 2, abs=0.05)  # ½ log(1 + Var μ / σ²)


def test_the_observations_tell_the_same_as_the_model():
    looker = linear(STRAIGHT)
    made, missing = looker.observe(["inference", "reconstructions"])
    assert not missing
    terms, back = made["inference"], made["reconstructions"]
    assert terms["used"].tolist() == [0, 0]
    np.testing.assert_allclose(back["back"], np.tile(SHIFT.numpy(), (150, 1)), atol=1e-6)
    model = inferring(looker)
    u = model.inward(looker.subject.real[:256])
    bound = model.elbo(u, torch.Generator().manual_seed(1), 64).detach().mean()
    assert terms["reconstruction"] - terms["total_rate"] == pytest.approx(float(bound), abs=0.4)
    assert terms["elbo"] <= terms["best_elbo"] <= terms["log_prob"] + 1e-3


def test_a_flow_prior_has_no_rate_of_its_own_for_each_dimension():
    terms = witness(2, "moons", prior_transforms=1).observe(["inference"])[0]["inference"]
    assert terms["by_rate"] == 0
    assert terms["rate"].shape == (2,)


def test_models_that_infer_nothing_say_so():
    _, missing = Witness(Experiment.from_dict({}), points=100).observe(["inference", "reconstructions"])
    assert all("infers no z from x." in reason for reason in missing.values())
    assert len(missing) == 2
