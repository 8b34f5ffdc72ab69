"""What the ways to train an ensemble share: each particle's log-likelihood, beside that of the best fit."""

from __future__ import annotations

import math

from torch import Tensor

from models.families._ensemble import EnsembleModel
from models.objectives._base import Game


def ensemble_of(game: Game) -> EnsembleModel:
    """The model, which the recipe allows to be nothing else here."""
    assert isinstance(game.model, EnsembleModel)
    return game.model


def whole_sample(game: Game) -> Tensor:
    """The finite training sample D, shape (n, d), units of training."""
    assert game.sample is not None, "the recipe allows only a finite sample here"
    return game.sample


def log_likelihoods(members: Tensor, log_stretch: float) -> dict[str, float]:
    """What is plotted of log p(xᵢ | θₘ), units of training, shape (M + 1, N): means over i, nats in data units.

    Of the particles (the mean over them), of their predictive density, and of the maximum-likelihood fit, the last row.
    """
    particles, fit = members[:-1], members[-1]
    predictive = particles.logsumexp(0) - math.log(len(particles))
    means = {"particles": particles, "predictive": predictive, "best_fit": fit}
    return {f"log_p_{name}": float(value.mean()) - log_stretch for name, value in means.items()}
