"""Langevin dynamics: gradient descent with so much noise that it samples the posterior instead of finding its top."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Final, Self

import torch
from pydantic import model_validator
from torch import Tensor

from models.families._ensemble import EnsembleModel
from models.objectives._base import OBJECTIVES, Game, Objective
from models.objectives._particles import ensemble_of, log_likelihoods, whole_sample
from models.registry import RecipeError, option

REACH: Final = 100.0
"""How often the first stretch of a falling step size fits into a run."""


@dataclass(frozen=True, eq=False)
class Place:
    """Where all members stand, and what the dynamics needs to know there.

    Attributes:
        theta: shape (M + 1, P).
        energy: U, without the prior for the maximum-likelihood fit, shape (M + 1,), nats.
        slope: ∂U/∂θ, shape (M + 1, P).
        members: log p(uᵢ | θₘ), shape (M + 1, N), nats.
    """

    theta: Tensor
    energy: Tensor
    slope: Tensor
    members: Tensor


@OBJECTIVES.register
class Langevin(Objective):
    """Each particle takes noisy gradient steps whose law tends to its posterior p(θ | D).

    θ ← θ − η ∇U(θ) + √(2ητ) ξ with ξ ~ N(0, I), U(θ) = −Σᵢ log p(xᵢ | θ) + ‖θ‖²/(2s²): a prior N(0, s²) on each weight.
    At temperature τ the law is exp(−U/τ) up to a bias that vanishes with η; with Metropolis's test, under which a
    step is refused with the right probability, there is none. The maximum-likelihood fit feels neither noise nor prior.

    Source: Welling and Teh 2011, ICML, eq. 3-4; with the test Roberts and Tweedie 1996, Bernoulli 2, 341.
    """

    title: ClassVar[str] = "Langevin dynamics"
    source: ClassVar[str] = "Welling and Teh 2011, ICML, eq. 3-4"
    formula: ClassVar[str] = r"\theta \leftarrow \theta - \eta \nabla U(\theta) + \sqrt{2 \eta \tau}\, \xi"
    capabilities: ClassVar[frozenset[str]] = frozenset({"particles", "log_target"})
    requires: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType(
        {"divergence": frozenset({"likelihood"}), "family": frozenset({"particles"})}
    )
    idle: ClassVar[frozenset[str]] = frozenset({"optimizer"})
    swaps: ClassVar[str] = "particles"
    remedy: ClassVar[str] = "a smaller step size η, or Metropolis's test"

    rate: float = option(
        1e-3, label="step size", symbol="η", low=1e-7, high=10.0, log=True, live=True,
        help="How far a step goes along the gradient; its noise has variance 2ητ. Larger ones mix faster and err more. "
        "The slope grows with n: take η smaller as n is larger; where the acceptance is near 0, nothing moves.",
    )  # fmt: skip
    decay: float = option(
        0.0, label="decay", symbol="γ", low=0.0, high=1.0, live=True,
        help="Lets η fall over the run as (1 + 100 t)^−γ, t from 0 to 1, and with it the bias; 0 keeps it.",
    )  # fmt: skip
    temperature: float = option(
        1.0, label="temperature", symbol="τ", low=0.001, high=100.0, log=True, live=True,
        help="1 samples the posterior; less gathers the particles at its top, more spreads them.",
    )  # fmt: skip
    prior_std: float = option(
        3.0, label="std of the prior", symbol="s", low=0.01, high=1000.0, log=True, live=True,
        help="Standard deviation of the normal prior on each weight, in the units of training.",
    )  # fmt: skip
    metropolis: bool = option(
        default=True, label="Metropolis test", live=True,
        help="Accepts or refuses each step so that the law of the particles is the posterior itself.",
    )  # fmt: skip
    full_batch: bool = option(
        default=True, label="full batch", live=True,
        help="Takes the whole sample in every step; otherwise a batch stands for it (stochastic-gradient Langevin).",
    )  # fmt: skip

    @model_validator(mode="after")
    def _test_sees_all(self) -> Self:
        if self.metropolis and not self.full_batch:
            without = "without full_batch the test would not know what it accepts"
            problem = f"true is not allowed: {without}; turn it off, or full_batch on"
            raise RecipeError("metropolis", problem, ("metropolis=false",))
        return self

    def generator_turn(self, game: Game) -> dict[str, float]:
        """One step of all particles and of the maximum-likelihood fit; the log densities are means over the sample."""
        model, sample = ensemble_of(game), whole_sample(game)
        u = sample if self.full_batch else game.real()
        scale = len(sample) / len(u)
        start = self._look(model, u, scale)
        accepted = self._step(game, start, lambda: self._look(model, u, scale))
        return {
            "log_posterior": -float(start.energy[:-1].mean()) / len(sample) - model.log_stretch,
            **log_likelihoods(start.members, model.log_stretch),
            "acceptance": float(accepted[:-1].float().mean()),
        }

    def uses_whole_sample(self, game: Game) -> bool:
        """With the full batch."""
        return self.full_batch

    def log_target(self, game: Game, theta: Tensor) -> Tensor:
        """Log of what the particles tend to, −U(θ)/τ, up to a constant, without gradient: shape (R, P) to (R,)."""
        with torch.no_grad():
            log_likelihood = ensemble_of(game).log_density_at(theta, whole_sample(game)).sum(1)
        return (log_likelihood - self._prior(theta)) / self.temperature

    def _look(self, model: EnsembleModel, u: Tensor, scale: float) -> Place:
        """The energies where the members stand, with u counted ``scale`` times, and their slopes."""
        made: list[Tensor] = []

        def total() -> Tensor:
            members = model.member_log_density(u)
            energy = self._prior(model.theta) * _is_particle(model.theta) - scale * members.sum(1)
            made.extend((energy.detach(), members.detach()))
            return energy.sum()

        model.network.differentiate(total)
        slope = model.network.gradient.view_as(model.theta).clone()
        return Place(model.theta.detach().clone(), made[0], slope, made[1])

    def _prior(self, theta: Tensor) -> Tensor:
        """−log p(θ) up to a constant: shape (R, P) to (R,)."""
        return theta.square().sum(1) / (2 * self.prior_std**2)

    def _step(self, game: Game, start: Place, look: Callable[[], Place]) -> Tensor:
        """Move the members and say which have moved, shape (M + 1,)."""
        theta = ensemble_of(game).theta.detach()
        step = self.rate * (1 + REACH * game.progress) ** -self.decay
        noise = torch.randn(theta.shape, generator=game.chance).to(theta.device)
        noise[-1] = 0.0
        theta.copy_(start.theta - step * start.slope + math.sqrt(2 * step * self.temperature) * noise)
        if not self.metropolis:
            return torch.ones(len(theta), dtype=torch.bool, device=theta.device)
        chance = torch.rand(len(theta), generator=game.chance).to(theta.device)
        accepted = chance.log() < self._log_acceptance(start, look(), step)
        theta.copy_(torch.where(accepted[:, None], theta, start.theta))
        return accepted

    def _log_acceptance(self, start: Place, end: Place, step: float) -> Tensor:
        """Log of exp(−ΔU/τ) q(θ | θ′)/q(θ′ | θ), shape (M + 1,), with q the law of a step.

        For the maximum-likelihood fit its limit for τ → 0: nothing that lowers the likelihood is accepted.
        """
        forth = (end.theta - start.theta + step * start.slope).square().sum(1)
        back = (start.theta - end.theta + step * end.slope).square().sum(1)
        log = (start.energy - end.energy - (back - forth) / (4 * step)) / self.temperature
        climbs = torch.where(end.energy[-1:] <= start.energy[-1:], torch.inf, -torch.inf)
        return torch.cat([log[:-1], climbs])


def _is_particle(theta: Tensor) -> Tensor:
    """1 for the particles and 0 for the maximum-likelihood fit, which has a flat prior, shape (M + 1,)."""
    return (torch.arange(len(theta), device=theta.device) < len(theta) - 1).float()
