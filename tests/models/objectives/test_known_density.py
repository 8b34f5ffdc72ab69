"""Reverse KL against a known density: its loss, its gradient and its arrows, held to closed forms and quadrature."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from torch import nn

from models.architectures._network import Network
from models.data import DATA
from models.divergences import DIVERGENCES
from models.experiment import Experiment
from models.families._base import NetworkModel
from models.families._weighted import Weighted
from models.latents import LATENTS
from models.objectives import OBJECTIVES
from models.objectives._base import Game
from models.registry import RecipeError
from models.training.trainer import Trainer

NODES, MASSES = np.polynomial.hermite_e.hermegauss(160)


class Scale(nn.Module):
    """u = μ + e^s z: one Gaussian on the line."""

    def __init__(self, mean: float, std: float) -> None:
        super().__init__()
        self.place = nn.Parameter(torch.tensor([mean, math.log(std)]))

    def forward(self, z):
        return self.place[0] + self.place[1].exp() * z


class Gaussian(NetworkModel):
    """N(μ, σ²), with Gauss–Hermite nodes for its samples: its expectations are exact."""

    def __init__(self, mean: float, std: float) -> None:
        self.latent, self.dimension = LATENTS.parse({"key": "gaussian", "dimension": 1}), 1
        self.network = Network(Scale(mean, std))

    def log_density(self, u):
        mean, log_std = self.network.module.place
        return -0.5 * ((u[:, 0] - mean) / log_std.exp()).square() - log_std - 0.5 * math.log(2 * math.pi)

    def draw_weighted(self, z):
        u = self.network.module(z)
        return Weighted(u, torch.tensor(MASSES / MASSES.sum(), dtype=torch.float32), self.log_density(u))


def game(mean: float, std: float, target) -> Game:
    nodes = torch.tensor(NODES, dtype=torch.float32)[:, None]
    return Game(
        Gaussian(mean, std), None, DIVERGENCES["kl_reverse"](), lambda: nodes, lambda: nodes, torch.Generator(),
        log_density=target.log_prob,
    )  # fmt: skip


def turn(mean: float, std: float, target) -> tuple[float, list[float]]:
    played = game(mean, std, target)
    scalars = OBJECTIVES["known_density"]().generator_turn(played)
    return scalars["reverse_kl"], played.model.network.gradient.tolist()


def gaussian_data(mean: float, std: float):
    return DATA.parse({"key": "gaussian_mixture_1d", "means": [mean], "stds": [std], "weights": []})


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (1.5, 0.5), (-2.0, 2.0)])
def test_between_gaussians_it_is_the_closed_form(mean, std):
    m, s = 0.7, 1.3
    loss, (by_mean, by_log_std) = turn(mean, std, gaussian_data(m, s))
    assert loss == pytest.approx(math.log(s / std) + (std**2 + (mean - m) ** 2) / (2 * s**2) - 0.5, abs=2e-5)
    assert by_mean == pytest.approx((mean - m) / s**2, abs=2e-5)
    assert by_log_std == pytest.approx(std**2 / s**2 - 1, abs=2e-5)


def quadrature(mean: float, std: float, target) -> float:
    def integrand(x: float) -> float:
        log_q = -0.5 * ((x - mean) / std) ** 2 - math.log(std * math.sqrt(2 * math.pi))
        log_p = float(target.log_prob(torch.tensor([[x]], dtype=torch.float64)))
        return math.exp(log_q) * (log_q - log_p)

    return quad(integrand, mean - 10 * std, mean + 10 * std, epsabs=1e-10, limit=200)[0]


@pytest.mark.parametrize(("mean", "std"), [(-1.4784, 0.6279), (0.3, 1.2), (2.0, 0.8)])
def test_against_two_modes_it_is_the_quadrature(mean, std):
    target, step = DATA["gaussian_mixture_1d"](), 1e-4
    loss, (by_mean, by_log_std) = turn(mean, std, target)
    assert loss == pytest.approx(quadrature(mean, std, target), abs=1e-4)
    slope = (quadrature(mean + step, std, target) - quadrature(mean - step, std, target)) / (2 * step)
    assert by_mean == pytest.approx(slope, abs=1e-3)
    up, down = (quadrature(mean, std * math.exp(way), target) for way in (step, -step))
    assert by_log_std == pytest.approx((up - down) / (2 * step), abs=1e-3)


def test_at_the_published_fit_the_gradient_vanishes():
    loss, gradient = turn(-1.4784, 0.6279, DATA["gaussian_mixture_1d"]())
    assert loss == pytest.approx(0.3458, abs=1e-4)
    assert gradient == pytest.approx([0, 0], abs=2e-3)


def test_arrows_lead_from_the_model_to_the_data():
    """For Gaussians log q − log p is quadratic: the arrow at x is −(x − m)/s² + (x − μ)/σ², over N."""
    played = game(1.0, 0.5, gaussian_data(-1.0, 2.0))
    x = torch.tensor([[-1.0], [0.0], [1.0], [3.0]], requires_grad=True)
    loss = OBJECTIVES["known_density"]().sample_loss(played, x, x)
    (gradient,) = torch.autograd.grad(loss, x)
    expected = (x + 1) / 4 - (x - 1) / 0.25
    torch.testing.assert_close(gradient * len(x), expected.detach())


def recipe(**parts) -> Experiment:
    known = {"divergence": "kl_reverse", "objective": "known_density"}
    return Experiment.from_dict({"family": "spline_flow", **known, **parts})


@pytest.mark.parametrize(
    ("data", "lacking"),
    [
        ("checkerboard", "density that is positive everywhere"),
        ("segment", "density that is positive everywhere and no exact density"),
    ],
)
def test_data_without_a_density_everywhere_are_refused_at_once(data, lacking):
    with pytest.raises(RecipeError, match=f"the data {data} has no {lacking}, which known_density needs") as caught:
        recipe(data=data)
    assert caught.value.path == "objective.key"


def test_a_bad_start_far_from_the_data_comes_back():
    """Most samples of N(0, I) lie many standard deviations off the moons: log p has a slope there all the same."""
    trainer = Trainer(
        recipe(data={"key": "moons", "noise": 0.1}, batch_size=64, steps=60,
               family={"key": "spline_flow", "count": 1, "width": 8, "standardised": False},
               optimizer={"key": "adam", "lr": 0.02})
    )  # fmt: skip
    losses = [trainer.take_step()["reverse_kl"] for _ in range(60)]
    assert losses[0] > 20
    assert np.mean(losses[-10:]) < 0.3 * losses[0]
