"""The evidence lower bound, and its importance-weighted relatives, climbed by encoder and decoder together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import ClassVar, Final

import torch
from torch import Tensor

from models.families._base import Recipe
from models.families._variational import Terms, VariationalModel
from models.objectives._base import OBJECTIVES, Game, Objective
from models.objectives._told import untold_some
from models.registry import RecipeError, option

MOST_DRAWS: Final = 2**17
"""Places of z of one step: with nets of 200 units their numbers fill about a hundred megabytes."""


@OBJECTIVES.register
class VariationalBound(Objective):
    """A lower bound on the log-likelihood is climbed: how well z gives x back, less what z tells of x.

    log p_θ(x) ≥ E_q[log p(x|z)] − β KL(q(z|x) ‖ p(z)) with β = 1; the gap is KL(q(z|x) ‖ p_θ(z|x)). With K > 1 draws
    the bound is E log (1/K) Σₖ p(x, zₖ)/q(zₖ|x), which rises with K to log p_θ(x).

    Source: Kingma and Welling 2014, arXiv:1312.6114, eq. 3; β: Higgins et al. 2017, ICLR; K draws: Burda et al. 2016,
    arXiv:1509.00519, eq. 8; free bits: Kingma et al. 2016, arXiv:1606.04934; annealing: Bowman et al. 2016,
    arXiv:1511.06349, section 3.1.
    """

    title: ClassVar[str] = "variational bound"
    source: ClassVar[str] = "Kingma and Welling 2014, arXiv:1312.6114, eq. 3"
    formula: ClassVar[str] = r"\max_{\theta, q}\ E_q[\log p_\theta(x|z)] - \beta\, \mathrm{KL}(q(z|x) \,\|\, p(z))"
    swaps: ClassVar[str] = "one player"
    requires: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType(
        {"divergence": frozenset({"likelihood"}), "family": frozenset({"bound"})}
    )

    beta: float = option(
        1.0, label="β", symbol="β", low=0.0, high=100.0, live=True,
        help="Weight of the rate: 1 bounds the log-likelihood; more makes z tell less of x, less makes it tell more.",
    )  # fmt: skip
    warm_up: float = option(
        0.0, label="warm-up", low=0.0, high=1.0, live=True,
        help="Share of the run over which β rises from 0: z is used before its cost is felt.",
    )  # fmt: skip
    free_bits: float = option(
        0.0, label="free bits", symbol="λ", low=0.0, high=10.0, unit="nats", live=True,
        help="Rate that each dimension of z has for nothing: below it nothing drives the dimension out of use.",
    )  # fmt: skip
    importance_samples: int = option(
        1, label="importance samples", symbol="K", low=1, high=500, log=True, live=True,
        help="How many z are drawn for each x: 1 climbs the evidence lower bound, more a tighter one.",
    )  # fmt: skip

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """The bound on K draws has no rate of its own that free bits could hold."""
        if self.importance_samples > 1 and self.free_bits > 0:
            problem = "free bits need the rate of the plain bound: set importance_samples to 1 or free_bits to 0"
            yield RecipeError("objective.free_bits", problem, ("objective.free_bits=0.0",))
        draws = recipe.batch_size * self.importance_samples
        if draws > MOST_DRAWS:
            problem = f"{draws:,} places of z a step are too many: K times the batch may be {MOST_DRAWS:,}"
            yield RecipeError("objective.importance_samples", problem)

    def generator_turn(self, game: Game) -> dict[str, float]:
        """One gradient of the negative bound; the scalars are nats in data units, and the bound is that of β = 1."""
        model = game.model
        assert isinstance(model, VariationalModel)
        (u, told), beta = game.batch(), self.beta_at(game.progress)
        told = None if told is None else untold_some(told, model, game.chance)
        scalars: dict[str, float] = {}

        def loss() -> Tensor:
            value, seen = self._loss(model, u, told, game.chance, beta)
            scalars.update({name: float(part.detach()) for name, part in seen.items()})
            return value

        model.network.differentiate(loss)
        name = "negative_elbo" if self.importance_samples == 1 else "negative_bound"
        return {
            name: model.log_stretch - scalars["bound"],
            "reconstruction": scalars["reconstruction"] - model.log_stretch,
            "rate": scalars["rate"],
            "beta": beta,
        }

    def beta_at(self, progress: float) -> float:
        """β in use after this share of the run: it rises linearly over the warm-up."""
        return self.beta * min(1.0, progress / self.warm_up) if self.warm_up > 0 else self.beta

    def charged(self, terms: Terms, k: int) -> Tensor:
        """The rate that is paid for: Σⱼ max(λ, mean of the rate of dimension j), shape ()."""
        if terms.rate.ndim == 1:  # one number for all dimensions
            return terms.rate.mean().clamp_min(k * self.free_bits) if self.free_bits else terms.rate.mean()
        return terms.rate.mean(0).clamp_min(self.free_bits).sum()

    def _loss(
        self, model: VariationalModel, u: Tensor, told: Tensor | None, chance: torch.Generator, beta: float
    ) -> tuple[Tensor, dict[str, Tensor]]:
        k, draws = model.latent_dimension, self.importance_samples
        noise = torch.randn(len(u) * draws, k, generator=chance).to(u)
        if draws == 1:
            terms = model.bound_terms(u, noise, told)
            reconstruction, rate = terms.reconstruction.mean(), terms.total_rate.mean()
            seen = {"bound": reconstruction - rate, "reconstruction": reconstruction, "rate": rate}
            return beta * self.charged(terms, k) - reconstruction, seen
        terms = model.drawn_terms(u, noise, told)
        weights = terms.reconstruction - beta * terms.rate
        tempered = (weights.view(-1, draws).logsumexp(1) - math.log(draws)).mean()
        bound = (terms.bound.view(-1, draws).logsumexp(1) - math.log(draws)).mean()
        reconstruction, rate = terms.reconstruction.mean(), terms.rate.mean()
        return -tempered, {"bound": bound, "reconstruction": reconstruction, "rate": rate}
