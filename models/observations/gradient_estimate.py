"""How far the gradient of a minibatch is from that of the whole sample."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, autograd

from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject

SAMPLE: Final = 1_024
"""Data points at most whose gradients are looked at: 30 ms of work for a spline flow, 300 for a continuous one."""

SIZES: Final = (4, 16, 64, 256, 1024)
"""Batch sizes N that are tried."""

BATCHES: Final = 1_000
"""Batches of each size."""


@OBSERVATIONS.register
class GradientEstimate(Observation):
    """Gradients of many batches, as lengths along the gradient of the whole sample.

    With gᵢ = ∂ℓᵢ/∂θ of each of n data points and ∇ their mean, a batch of N points drawn with replacement estimates ∇
    by its own mean ĝ. Shown is ⟨ĝ, ∇⟩/‖∇‖²: its expectation is 1 for every N, and its standard deviation that of
    ⟨gᵢ, ∇⟩/‖∇‖² over √N. Gradients are those of the weights that train, not of averaged ones.
    """

    title: ClassVar[str] = "gradient estimate"
    source: ClassVar[str] = "Robbins and Monro 1951, A stochastic approximation method, Ann. Math. Stat. 22, 400"

    def missing(self, subject: Subject) -> str:
        """For losses that are means over data, of which nothing but their places is told."""
        objective = subject.experiment.objective
        if subject.game.model.classes:
            return "In training the net is told the class of each data point, of which this picture knows nothing."
        if "per_sample_loss" in objective.capabilities:
            return ""
        return f"The loss of “{objective.title}” is no mean over data points, each with a gradient of its own."

    def observe(self, subject: Subject) -> Arrays:
        """What 1,000 batches of each size give; NaN where ∇ = 0.

        Returns:
            ``sizes`` N, int64, shape (K,); ``estimates`` ⟨ĝ, ∇⟩/‖∇‖², shape (K, 1000); their ``mean``, its standard
            ``error`` and their ``spread`` (standard deviation), shape (K,); ``norm`` ‖∇‖, shape (); ``points``: n;
            ``batch``: the N that training takes; ``whole``: 1 if it takes the whole sample instead; int64, shape ().
        """
        sample = _sample(subject)
        along, norm = along_gradient(subject, sample)
        estimates = batch_means(along, SIZES)
        spread = estimates.std(axis=1, ddof=1)
        whole = subject.experiment.objective.uses_whole_sample(subject.game)
        return {
            "sizes": np.array(SIZES, np.int64),
            "estimates": estimates.astype(np.float32),
            "mean": estimates.mean(axis=1).astype(np.float32),
            "error": (spread / BATCHES**0.5).astype(np.float32),
            "spread": spread.astype(np.float32),
            "norm": np.array(norm, np.float32),
            "points": np.array(len(sample), np.int64),
            "batch": np.array(subject.experiment.batch_size, np.int64),
            "whole": np.array(whole, np.int64),
        }


def along_gradient(subject: Subject, u: Tensor) -> tuple[Tensor, float]:
    """⟨gᵢ, ∇⟩/‖∇‖² of every data point, and ‖∇‖, for the loss of the subject's recipe.

    No gᵢ is ever made. The gradient ∇(w) = Σ wᵢ gᵢ of a weighted sum of losses is linear in the weights w, so one more
    backward pass, of ⟨∇(w), ∇⟩ to w, gives all ⟨gᵢ, ∇⟩ at once.

    Args:
        subject: with the weights that train.
        u: the data points, units of training, shape (n, d).

    Returns:
        Shape (n,), mean 1 (NaN where ∇ = 0); and the norm, nats a unit of θ.
    """
    game = replace(subject.game, model=subject.rival, chance=torch.Generator().manual_seed(0))
    weights = torch.full((len(u),), 1 / len(u), requires_grad=True)
    parameters = [p for p in game.model.network.module.parameters() if p.requires_grad]
    with torch.enable_grad():
        loss = (weights * subject.experiment.objective.per_sample_loss(game, u)).sum()
        gradient = autograd.grad(loss, parameters, create_graph=True, materialize_grads=True)
        products = [(part * part.detach()).sum() for part in gradient]
        (along,) = autograd.grad(torch.stack(products).sum(), weights)
    squared = float(torch.stack(products).detach().sum())
    return along / (squared or torch.nan), squared**0.5


def batch_means(values: Tensor, sizes: tuple[int, ...]) -> NDArray[np.float64]:
    """Means of 1,000 batches of each size N drawn with replacement from values, shape (n,): shape (K, 1000)."""
    whole, chance = values.double().numpy(), np.random.default_rng(0)
    return np.stack([_means(whole, size, chance) for size in sizes])


def _means(whole: NDArray[np.float64], size: int, chance: np.random.Generator) -> NDArray[np.float64]:
    return whole[chance.integers(len(whole), size=(BATCHES, size))].mean(axis=1)


def _sample(subject: Subject) -> Tensor:
    """The training sample, or a part of it that stays the same; fixed fresh points where there is none."""
    whole = subject.game.sample
    if whole is None:
        return subject.game.model.inward(subject.real[:SAMPLE])
    order: Any = slice(None)
    if len(whole) > SAMPLE:
        order = torch.randperm(len(whole), generator=torch.Generator().manual_seed(0))[:SAMPLE]
    return whole[order]
