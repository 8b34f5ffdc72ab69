"""The variational autoencoder against closed forms, quadrature and its own bounds."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats
from torch import Tensor, nn

from models.experiment import Experiment
from models.families import _latent_grid as latent_grid
from models.families._variational import VariationalModel
from models.observations.density import SIDE
from models.registry import RecipeError
from models.training.setting import Streams, build_model
from models.training.trainer import Trainer
from models.training.witness import Witness


@pytest.fixture(autouse=True)
def _without_graphs():
    with torch.no_grad():
        yield


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def recipe(k: int = 2, data: str | dict = "moons", **more) -> Experiment:
    family = {
        "key": "variational_autoencoder",
        "encoder": {"key": "mlp", "width": 24, "depth": 2},
        "likelihood": {"key": "gaussian", "std": 0.2},
    } | more.pop("family", {})
    base = {"architecture": {"key": "mlp", "width": 24, "depth": 2}, "latent": {"key": "gaussian", "dimension": k}}
    return Experiment.from_dict({**base, "data": data, "family": family, "steps": 400, "seed": 20, **more})


def wild(k: int, seed: int, data: str = "moons", **family) -> VariationalModel:
    """A model with steep random weights and an encoder that is wrong, but not by much."""
    model = build_model(recipe(k, data, family=family), seeded(seed))
    assert isinstance(model, VariationalModel)
    for layer in linear(model.network.module.decoder):
        layer.weight.mul_(2)
    return model


def linear(net: nn.Module) -> list[nn.Linear]:
    return [layer for layer in net.modules() if isinstance(layer, nn.Linear)]


def principal_components(d: int, k: int, seed: int) -> tuple[VariationalModel, Tensor, Tensor, float]:
    """A linear decoder x = Wz + b with noise σ, and W, b and σ."""
    flat = {"key": "mlp", "depth": 0}
    data = {1: "gaussian_mixture_1d", 2: "ring"}[d]
    model = build_model(recipe(k, data, architecture=flat, family={"encoder": flat}), seeded(seed))
    assert isinstance(model, VariationalModel)
    (layer,) = linear(model.network.module.decoder)
    layer.weight.copy_(torch.randn(d, k, generator=seeded(seed + 1)))
    return model, layer.weight.double(), layer.bias.double(), 0.2


@pytest.mark.parametrize(("d", "k"), [(1, 1), (2, 1), (1, 2), (2, 2)])
def test_a_linear_decoder_has_the_evidence_of_probabilistic_principal_components(d, k):
    model, w, b, std = principal_components(d, k, 5)
    u = model.push_inside(model.latent.draw(200, seeded(1))) * 1.1
    expected = stats.multivariate_normal(b.numpy(), (w @ w.T + std**2 * torch.eye(d)).numpy()).logpdf(u.numpy())
    assert model.evidence(u).numpy() == pytest.approx(expected, abs=2e-3)
    assert model.log_prob(u).numpy() == pytest.approx(expected, abs=2e-3)  # this law has no units of its own


def test_outliers_beyond_the_grid_have_the_evidence_too():
    model, w, b, std = principal_components(2, 1, 7)
    (layer,) = linear(model.network.module.encoder)
    m = float(w.T @ w + std**2)
    layer.weight.copy_(torch.cat([w.T / m, torch.zeros(1, 2)]))
    layer.bias.copy_(torch.tensor([float(-(w.T @ b) / m), math.log(std / m**0.5)]))
    u = (b + 9 * w.T).float().expand(3, -1) + torch.tensor([[0.0, 0.0], [0.1, 0.2], [-0.2, 0.1]])
    expected = stats.multivariate_normal(b.numpy(), (w @ w.T + std**2 * torch.eye(2)).numpy()).logpdf(u.numpy())
    assert model.evidence(u).numpy() == pytest.approx(expected, abs=0.01)
    assert model.evidence(torch.cat([u, b[None].float()]))[-1] == pytest.approx(float(model.evidence(b[None].float())))


def test_a_small_std_divides_cells_where_the_decoder_is_steep(monkeypatch):
    model = wild(2, 40, likelihood={"key": "gaussian", "std": 0.05})
    axes = [torch.linspace(-3, 3, 90)] * 2
    monkeypatch.setattr(latent_grid, "FINEST", {1: 4096, 2: 1000})
    finest, whole = len(model.latent_nodes()[0]), model.density_map(axes)
    monkeypatch.setattr(latent_grid, "FINEST", {1: 4096, 2: 60})
    assert len(model.latent_nodes()[0]) < 0.6 * finest
    assert float((model.density_map(axes) - whole).abs().sum() / whole.sum()) < 0.01


def test_the_grid_holds_the_posterior_of_probabilistic_principal_components():
    model, w, b, std = principal_components(2, 2, 6)
    u = torch.tensor([[0.4, -0.3]])
    nodes, log_mass = model.latent_nodes()
    weights = (model.log_likelihood(u.expand(len(nodes), -1), nodes) + log_mass).softmax(0).double()
    z = nodes.double()
    mean = weights @ z
    covariance = (z - mean).T @ (weights[:, None] * (z - mean))
    m = w.T @ w + std**2 * torch.eye(2)
    expected = torch.linalg.solve(m, w.T @ (u[0].double() - b))
    assert mean.numpy() == pytest.approx(expected.numpy(), abs=2e-3)
    assert covariance.numpy() == pytest.approx((std**2 * torch.linalg.inv(m)).numpy(), abs=5e-4)


def test_all_bounds_touch_the_evidence_where_the_encoder_is_the_posterior():
    model, w, b, std = principal_components(2, 1, 7)
    (layer,) = linear(model.network.module.encoder)
    m = float(w.T @ w + std**2)
    layer.weight.copy_(torch.cat([w.T / m, torch.zeros(1, 2)]))
    layer.bias.copy_(torch.tensor([float(-(w.T @ b) / m), math.log(std / m**0.5)]))
    u = model.push_inside(model.latent.draw(50, seeded(1)))
    evidence = model.evidence(u).numpy()
    for draws in (1, 7):
        assert model.importance_bound(u, seeded(draws), draws).numpy() == pytest.approx(evidence, abs=2e-3)
    assert model.elbo(u, seeded(3), 4000).numpy() == pytest.approx(evidence, abs=0.1)


@pytest.mark.parametrize("seed", [30, 31])
def test_evidence_is_the_integral_of_scipy(seed):
    model = wild(1, seed)
    u = model.push_inside(model.latent.draw(3, seeded(seed)))

    line = torch.linspace(-6, 6, 20_001)
    joint = torch.stack([model.log_likelihood(row.expand(len(line), -1), line[:, None]) for row in u])
    joint = (joint + model.log_prior(line[:, None])).exp().double()
    oracle = integrate.simpson(joint.numpy(), x=line.double().numpy())
    assert model.evidence(u).exp().numpy() == pytest.approx(oracle, rel=2e-3)


def bounds_of(model: VariationalModel, u: Tensor) -> list[tuple[float, float]]:
    """Mean over u, and its standard error over repeats, of the bounds on 1, 2, 8 and 64 draws, then the evidence."""
    rows = []
    for draws in (1, 2, 8, 64):
        repeats = torch.stack([model.importance_bound(u, seeded(100 * draws + i), draws) for i in range(40)]).mean(1)
        rows.append((float(repeats.mean()), float(repeats.std()) / 40**0.5))
    return [*rows, (float(model.evidence(u).mean()), 0.0)]


def assert_bounds_rise(model: VariationalModel, u: Tensor) -> None:
    rows = bounds_of(model, u)
    for (low, error), (high, other) in itertools.pairwise(rows):
        assert low <= high + 3 * math.hypot(error, other)
    assert rows[0][0] < rows[2][0] < rows[4][0]
    closed, (single, error) = float(model.elbo(u, seeded(1), 40).mean()), rows[0]
    assert closed == pytest.approx(single, abs=5 * error)


@pytest.mark.parametrize("seed", [40, 41])
@pytest.mark.parametrize("k", [1, 2])
def test_bounds_rise_to_the_evidence(k, seed):
    model = wild(k, seed)
    assert_bounds_rise(model, model.sample(60, seeded(seed)) * 0.8)


@pytest.mark.parametrize("k", [1, 2])
def test_bounds_rise_to_the_evidence_after_training(k):
    trainer = trained(recipe(k), 150)
    model = trainer.game.model
    u = trainer.experiment.data.draw(60, seeded(0))
    assert_bounds_rise(model, u)


def test_bounds_rise_to_the_evidence_of_a_learnt_prior():
    model = wild(2, 42, prior_transforms=1)
    rows = bounds_of(model, model.sample(15, seeded(0)))
    values = [value for value, _ in rows]
    assert values == sorted(values)
    assert values[4] - values[3] < 0.3 * (values[4] - values[0])


def trained(experiment: Experiment, steps: int) -> Trainer:
    trainer = Trainer(experiment)
    for _ in range(steps):
        trainer.take_step()
    return trainer


@pytest.mark.parametrize("data", ["gaussian_mixture_1d", "moons"])
@pytest.mark.parametrize("k", [1, 2])
@pytest.mark.parametrize("transforms", [0, 1])
def test_density_integrates_to_one(data, k, transforms):
    model = wild(k, 50, data, prior_transforms=transforms)
    axis = torch.linspace(-14, 14, 700)
    mass = model.density_map([axis] * model.dimension).sum() * float(axis[1] - axis[0]) ** model.dimension
    assert float(mass) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("k", [1, 2])
def test_a_finer_grid_changes_the_density_by_less_than_a_hundredth(k, monkeypatch):
    for model in (
        wild(k, 60),
        trained(recipe(k, family={"likelihood": {"key": "gaussian", "std": 0.05}}), 100).game.model,
    ):
        axis = torch.linspace(-4, 4, SIDE)
        coarse, nodes = model.density_map([axis, axis]), len(model.latent_nodes()[0])
        with monkeypatch.context() as finer:
            finer.setattr(latent_grid, "SEPARATION", 0.3)
            finer.setattr(latent_grid, "FINEST", {1: 20_000, 2: 500})
            finer.setattr(latent_grid, "COARSE", {1: 2000, 2: 200})
            fine = model.density_map([axis, axis])
            assert len(model.latent_nodes()[0]) > 4 * nodes
        assert float((coarse - fine).abs().sum() / fine.sum()) < 0.01


@pytest.mark.parametrize("data", ["gaussian_mixture_1d", "moons"])
def test_the_map_is_the_density_point_by_point(data):
    model = wild(2, 61, data)
    axes = [torch.linspace(-2, 2, 20), torch.linspace(-1, 3, 30)][: model.dimension]
    points = torch.cartesian_prod(*reversed(axes)).view(-1, model.dimension).flip(1)
    expected = model.log_prob(points).exp().view([len(axis) for axis in reversed(axes)])
    assert model.density_map(axes).numpy() == pytest.approx(expected.numpy(), rel=1e-3, abs=1e-5)


def test_density_of_standardised_data_is_one_in_their_units(tmp_path):
    path = tmp_path / "wide.csv"
    np.savetxt(path, np.random.default_rng(0).normal([100, -5], [20, 0.1], (200, 2)), delimiter=",")
    model = build_model(recipe(2, {"key": "table", "path": str(path)}), seeded(3))
    x, y = torch.linspace(20, 180, 300), torch.linspace(-5.4, -4.6, 300)
    mass = float(model.density_map([x, y]).sum() * (x[1] - x[0]) * (y[1] - y[0]))
    assert mass == pytest.approx(1, abs=0.01)
    middle = torch.tensor([[100.0, -5.0]])
    assert float(model.log_prob(middle)) == pytest.approx(
        float(model.evidence(model.inward(middle))) - model.log_stretch, abs=1e-5
    )
    drawn = model.sample(4000, seeded(0))
    parts = model.components()
    spread = parts.covariances[0].diag().sqrt()
    assert (spread[0] / spread[1]).item() == pytest.approx(float(model.units.scale[0] / model.units.scale[1]), rel=1e-4)
    assert drawn.mean(0).numpy() == pytest.approx(parts.means.mean(0).numpy(), abs=0.2 * float(drawn.std(0).max()))


def test_prior_is_a_density_and_its_nodes_hold_its_mass():
    model = wild(1, 70, prior_transforms=2)
    line = torch.linspace(-12, 12, 4001)
    log_p = model.log_prior(line[:, None])
    assert float(log_p.exp().sum() * (line[1] - line[0])) == pytest.approx(1, abs=1e-3)
    nodes, log_mass = model.latent_nodes()
    assert float((log_mass.exp() * nodes[:, 0]).sum()) == pytest.approx(
        float((log_p.exp() * line).sum() * (line[1] - line[0])), abs=2e-3
    )
    assert model.log_prior(nodes.view(1, -1, 1)).shape == (1, len(nodes))


@pytest.mark.parametrize("latent", ["gaussian", "gaussian_mixture"])
@pytest.mark.parametrize("transforms", [0, 1])
def test_one_draw_of_the_rate_is_unbiased(latent, transforms):
    model = build_model(
        recipe(2, latent={"key": latent, "dimension": 2}, family={"prior_transforms": transforms}), seeded(3)
    )
    u = torch.tensor([[0.3, 0.8]]).expand(20_000, -1)
    noise = torch.randn(20_000, 2, generator=seeded(1))
    mean, std = model.posterior(u[:1])
    drawn = model.drawn_terms(u, noise).rate
    line = torch.linspace(-6, 6, 400)
    z = torch.cartesian_prod(line, line)
    q = torch.distributions.Normal(mean, std).log_prob(z).sum(1)
    exact = float((q.exp() * (q - model.log_prior(z))).sum() * (line[1] - line[0]) ** 2)
    assert float(drawn.mean()) == pytest.approx(exact, abs=4 * float(drawn.std()) / 20_000**0.5 + 1e-3)
    closed = model.bound_terms(u[:5], noise[:5]).rate
    assert closed.shape == ((5, 2) if latent == "gaussian" and not transforms else (5,))
    if closed.ndim == 2:
        assert float(closed[0].sum()) == pytest.approx(exact, abs=1e-3)


def test_fixed_noise_gives_fixed_samples_and_z_alone_the_mean():
    model = wild(2, 80)
    noise = model.latent.draw(500, seeded(1))
    assert noise.shape == (500, 4)
    assert model.latent_dimension == 2
    assert torch.equal(model.push(noise), model.push(noise))
    mean = model.push(noise[:, :2])
    assert torch.allclose(mean, model.decode(noise[:, :2]), atol=1e-6)
    assert torch.allclose(model.push(noise), mean + 0.2 * noise[:, 2:], atol=1e-6)
    z, rest = noise[:, :2].double(), noise[:, 2:].double()
    joint = stats.norm.logpdf(z.numpy()).sum(1) + stats.norm.logpdf(rest.numpy()).sum(1)
    assert model.latent.log_prob(noise).numpy() == pytest.approx(joint, rel=1e-5)
    assert model.latent.extent == 3.0


def test_samples_have_the_density():
    model = wild(2, 81)
    axis = torch.linspace(-8, 8, 9)
    drawn = np.histogramdd(model.sample(60_000, seeded(0)).numpy(), bins=[axis.numpy()] * 2)[0] / 60_000
    finer = torch.linspace(-8, 8, 8 * 40 + 1)
    middles = (finer[1:] + finer[:-1]) / 2
    mass = model.density_map([middles, middles]).T.reshape(8, 40, 8, 40).sum((1, 3)) * float(finer[1] - finer[0]) ** 2
    assert drawn == pytest.approx(mass.numpy(), abs=4 * (0.25 / 60_000) ** 0.5)


@pytest.mark.parametrize("transforms", [0, 1])
def test_encoding_and_pushing_speak_of_the_same_noise(transforms):
    model = wild(2, 82, prior_transforms=transforms)
    x = model.sample(20, seeded(0))
    assert torch.allclose(model.push(model.encode(x)), model.decode(model.posterior(x)[0]), atol=1e-3)


@pytest.mark.parametrize(("likelihood", "binary"), [("bernoulli", True), ("categorical", False)])
def test_masses_of_digits_are_bounded_by_the_evidence(likelihood, binary, monkeypatch):
    options = {"likelihood": likelihood, "encoder": {"key": "mlp", "width": 16, "depth": 1}}
    trainer = trained(recipe(2, {"key": "digits", "binary": binary}, family=options), 30)
    model, u = trainer.game.model, trainer.experiment.data.draw(20, seeded(0))
    evidence = model.log_prob(u)
    assert model.density == "exact"
    assert float(evidence.max()) < 0
    assert float(model.elbo(u, seeded(1), 100).mean()) < float(evidence.mean())
    repeats = torch.stack([model.importance_bound(u, seeded(i), 300) for i in range(10)]).mean(1)
    assert float(repeats.mean()) < float(evidence.mean()) + 3 * float(repeats.std()) / 10**0.5
    assert float(repeats.mean()) > float(evidence.mean()) - 0.5
    with monkeypatch.context() as finer:
        finer.setattr(latent_grid, "SEPARATION", 0.5)
        assert model.log_prob(u).numpy() == pytest.approx(evidence.numpy(), abs=0.02)


def test_more_dimensions_of_z_leave_a_bound():
    model = wild(3, 90)
    u = model.sample(8, seeded(0))
    assert model.density == "bound"
    assert torch.equal(model.log_prob(u), model.log_prob(u))
    direct = torch.stack([model.importance_bound(u, seeded(i), 500) for i in range(30)])
    assert model.log_prob(u).numpy() == pytest.approx(direct.mean(0).numpy(), abs=6 * float(direct.std(0).max()))
    with pytest.raises(ValueError, match="3 dimensions"):
        model.evidence(u)


def test_evidence_is_differentiable():
    model = wild(1, 91)
    with torch.enable_grad():
        u = torch.tensor([[0.2, 0.4]], requires_grad=True)
        (slope,) = torch.autograd.grad(model.evidence(u).sum(), u)
    step = torch.tensor([[1e-2, 0.0]])
    ahead, behind = model.evidence(u.detach() + step), model.evidence(u.detach() - step)
    assert float(slope[0, 0]) == pytest.approx(float(ahead - behind) / 2e-2, rel=0.02)


def test_components_are_gaussians_of_the_mixture():
    model = wild(2, 92)
    parts = model.components()
    assert parts.weights.sum().item() == pytest.approx(1)
    assert parts.covariances.numpy() == pytest.approx(np.broadcast_to(0.04 * np.eye(2), parts.covariances.shape))
    spread = model.decode(model.latent.draw(5000, seeded(1))[:, :2]).std(0)
    assert parts.means.std(0).numpy() == pytest.approx(spread.numpy(), rel=0.35)


def test_samples_train_the_decoder_too():
    trainer = Trainer(recipe(2, divergence="mmd", objective="kernel", batch_size=32))
    before = trainer.game.model.network.theta.clone()
    encoder = sum(p.numel() for p in trainer.game.model.network.module.encoder.parameters())
    trainer.take_step()
    moved = trainer.game.model.network.theta != before
    assert not moved[:encoder].any()
    assert moved[encoder:].float().mean() > 0.9


def test_discrete_samples_are_refused_where_gradients_must_pass_through_them():
    family = {"key": "variational_autoencoder", "likelihood": "bernoulli"}
    with pytest.raises(RecipeError, match="no gradient") as refusal:
        Experiment.from_dict({"family": family, "data": {"key": "digits", "binary": True}, "divergence": "mmd"})
    assert refusal.value.settings == ("family.likelihood.key=gaussian",)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"latent": "uniform"}, "everywhere"),
        ({"architecture": {"key": "mlp", "normalisation": "batch"}}, "batch normalisation"),
        ({"divergence": "jensen_shannon", "objective": "variational_bound"}, "likelihood"),
        ({"family": "pushforward", "divergence": "kl_forward", "objective": "variational_bound"}, "bound"),
    ],
)
def test_parts_that_do_not_fit_are_refused(more, why):
    with pytest.raises(RecipeError, match=why):
        Experiment.from_dict({"family": "variational_autoencoder", **more})


def test_a_recipe_survives_its_file():
    experiment = recipe(3, family={"prior_transforms": 2, "likelihood": {"key": "gaussian", "learn_std": False}})
    assert Experiment.from_toml(experiment.to_toml()) == experiment


def test_naming_the_family_is_enough():
    experiment = Experiment.from_dict({"family": "variational_autoencoder"})
    assert experiment.objective.key == "variational_bound"
    assert experiment.divergence.key == "kl_forward"


def test_the_observer_sees_the_exact_density():
    trainer = trained(recipe(2), 20)
    witness = Witness(trainer.experiment, points=300)
    witness.load(trainer.values().numpy())
    pictures, _ = witness.observe(["density", "samples"])
    left, bottom, right, top = witness.subject.bounds
    cell = (right - left) * (top - bottom) / SIDE**2
    assert pictures["density"]["q"].shape == (SIDE, SIDE)
    assert float(pictures["density"]["q"].sum()) * cell == pytest.approx(1, abs=0.05)
    assert "log_likelihood" in witness.measure()
    assert "density" in witness.scene()["offers"]


def test_weights_of_the_first_step_follow_from_the_seed():
    streams = [Streams.from_seed(seed) for seed in (4, 4, 5)]
    first, again, other = (build_model(recipe(2), each.weights).network.theta for each in streams)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_pictures_are_decoded_by_a_convolutional_net_unless_a_recipe_says_otherwise():
    family = {"key": "variational_autoencoder"}
    assert Experiment.from_dict({"data": "digits", "family": family}).architecture.key == "convolutional"
    assert Experiment.from_dict({"data": "ring", "family": family}).architecture.key == "mlp"
    assert Experiment.from_dict({"data": "digits", "family": family, "architecture": "mlp"}).architecture.key == "mlp"
