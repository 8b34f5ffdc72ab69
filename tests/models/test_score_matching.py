"""Sliced score matching against denoising: the same distance to the score, without being told the noise."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
import torch

from models.experiment import Experiment
from models.objectives._noised import Noised
from models.registry import RecipeError
from models.training.trainer import Trainer

NET = {"key": "mlp", "width": 16, "depth": 2, "activation": "silu"}
NORMAL = {"key": "gaussian_mixture", "means": [[1.0, 0.0]], "covariances": [[[1.0, 0.6], [0.6, 1.0]]], "weights": []}


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def made(options=None, family="score_based", **parts):
    return Experiment.from_dict(
        {"data": NORMAL, "architecture": NET, "family": {"key": family, "schedule": "linear", **(options or {})},
         "objective": "sliced_score_matching", "batch_size": 256, "steps": 300, "seed": 13, **parts}
    )  # fmt: skip


def slice_loss(recipe, model, noised, seed=3):
    return recipe.objective._losses(model, noised, None, seeded(seed))


def noised_batch(model, n, t, seed=1):
    clean = torch.randn(n, 2, generator=seeded(seed))
    return Noised.at(model, clean, torch.full((n,), t), seeded(seed + 1))


@pytest.mark.parametrize("prediction", ["noise", "data", "preconditioned"])
def test_the_slope_is_that_along_each_pair_of_signs(prediction):
    """Over all signs the mean is the divergence, which the Jacobian's trace gives."""
    recipe = made({"prediction": prediction})
    model = Trainer(recipe).game.model
    noised = noised_batch(model, 1, 0.4)
    sigma = float(noised.level.sigma)

    def score(u):
        answer = model.network.module(model.embed(u[None], noised.t))
        return model.prediction.split(answer, u[None], noised.level)[1][0] / -sigma

    place = noised.place[0]
    jacobian, value = torch.autograd.functional.jacobian(score, place), score(place).detach()
    signs = [torch.tensor(pair) for pair in itertools.product([-1.0, 1.0], repeat=2)]
    slopes = torch.stack([w @ jacobian @ w for w in signs])
    assert torch.allclose(slopes.mean(), jacobian.trace(), rtol=1e-4)
    possible = sigma**2 * (slopes + 0.5 * value.square().sum()) / 2  # a number of the sample
    losses = torch.cat([slice_loss(recipe, model, noised, seed) for seed in range(12)]).detach()
    nearest = (losses[:, None] - possible).abs().min(1).values
    assert float(nearest.max()) < 1e-4 * float(possible.abs().max()) + 1e-6
    assert len(losses.round(decimals=4).unique()) > 1


def test_it_is_half_the_denoising_loss_but_for_a_constant_and_so_are_the_gradients():
    """E½‖ε̂‖² − σ div ε̂ = ½ E‖ε̂ − ε‖² − ½ E‖ε‖², by Stein's identity, with normal data and any net."""
    recipe = made()
    model = Trainer(recipe).game.model
    noised = noised_batch(model, 40_000, 0.5)
    network, gradients, losses = model.network, [], []
    for loss in (
        lambda: slice_loss(recipe, model, noised).mean(),
        lambda: 0.5 * (network.module(model.embed(noised.place, noised.t)) - noised.noise).square().mean(),
    ):
        losses.append(network.differentiate(loss))
        gradients.append(network.gradient.clone())
    assert losses[0] == pytest.approx(losses[1] - 0.5, abs=0.01)
    assert float(torch.cosine_similarity(*gradients, dim=0)) > 0.97
    assert float(gradients[0].norm() / gradients[1].norm()) == pytest.approx(1, abs=0.1)


def test_it_never_sees_of_what_a_place_was_made():
    recipe = made()
    model = Trainer(recipe).game.model
    noised = noised_batch(model, 8, 0.5)
    other = replace(noised, clean=noised.place / noised.level.alpha, noise=torch.zeros_like(noised.noise))
    assert torch.allclose(other.place, noised.place)
    assert torch.allclose(slice_loss(recipe, model, noised), slice_loss(recipe, model, other), atol=1e-6)


def test_more_slices_spread_less():
    losses = []
    for slices in (1, 16):
        recipe = made(objective={"key": "sliced_score_matching", "slices": slices})
        model = Trainer(recipe).game.model
        noised = noised_batch(model, 1, 0.8)
        losses.append(torch.cat([slice_loss(recipe, model, noised, seed) for seed in range(60)]).detach())
    assert 3 < float(losses[0].std() / losses[1].std()) < 5.5  # 4, the root of 16
    assert float(losses[0].mean()) == pytest.approx(float(losses[1].mean()), abs=4 * float(losses[0].std()) / 60**0.5)


def test_the_score_of_gaussian_data_is_learnt():
    recipe = made({"standardised": False}, optimizer={"key": "adam", "lr": 0.01, "schedule": "cosine", "hold": 0.0})
    trainer = Trainer(recipe)
    for _ in range(recipe.steps):
        scalars = trainer.take_step()
    assert set(scalars) == {"sliced_loss"}
    model, x = trainer.game.model, recipe.data.draw(400, seeded(4))
    for t in (0.3, 0.6):
        level = model.process.at(t)
        u = (level.alpha * x + level.sigma * torch.randn(400, 2, generator=seeded(5))).float()
        law = level.alpha**2 * torch.tensor([[1.0, 0.6], [0.6, 1.0]]) + level.sigma**2 * torch.eye(2)
        exact = -torch.linalg.solve(law.double(), (u.double() - level.alpha * torch.tensor([1.0, 0.0])).T).T
        apart = (model.field().score(u, t).double() - exact).square().mean() / exact.square().mean()
        assert float(apart) < 0.05, t


def test_a_learnt_variance_is_refused():
    with pytest.raises(RecipeError, match="score alone") as caught:
        made({"learnt_variance": True}, family="diffusion")
    (setting,) = caught.value.settings
    free = made(family="diffusion").with_settings([setting])
    assert free.family.outputs == 1
