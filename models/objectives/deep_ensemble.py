"""An ensemble of fits: the spread of the answers that independent trainings give stands for what is not known."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import torch
from torch import Tensor

from models.objectives._base import OBJECTIVES, Game, Objective
from models.objectives._particles import ensemble_of, log_likelihoods, whole_sample
from models.registry import option


@OBJECTIVES.register
class DeepEnsemble(Objective):
    """Each particle is a maximum-likelihood fit of its own: another start, and another resample of the data.

    Particle m descends −(1/n) Σᵢ cₘᵢ log p(xᵢ | θₘ), where cₘᵢ is how often xᵢ is in its bootstrap sample, n draws from
    the n points with replacement. The fit beside them counts each point once.

    Source: Lakshminarayanan et al. 2017, arXiv:1612.01474, Algorithm 1; the resampling: Efron 1979, Annals of
    Statistics 7, 1, section 2.
    """

    title: ClassVar[str] = "ensemble of fits"
    source: ClassVar[str] = "Lakshminarayanan et al. 2017, arXiv:1612.01474, Algorithm 1"
    formula: ClassVar[str] = r"\theta_m = \arg\min_\theta\ -\frac{1}{n} \sum_i c_{mi} \log p(x_i \mid \theta)"
    capabilities: ClassVar[frozenset[str]] = frozenset({"particles"})
    requires: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType(
        {"divergence": frozenset({"likelihood"}), "family": frozenset({"particles"})}
    )
    swaps: ClassVar[str] = "particles"

    bootstrap: bool = option(
        default=True, label="bootstrap", live=True,
        help="Gives each particle its own resample of the data; otherwise they differ by their start alone.",
    )  # fmt: skip

    def generator_turn(self, game: Game) -> dict[str, float]:
        """One gradient for every member from the whole sample; the log densities are means over it."""
        model, u = ensemble_of(game), whole_sample(game)
        counts = self._counts(len(model.theta), len(u), game.chance.initial_seed()).to(u.device)
        made = list[Tensor]()

        def loss() -> Tensor:
            made.append(model.member_log_density(u))
            return -(counts * made[0]).mean(1).sum()

        model.network.differentiate(loss)
        return log_likelihoods(made[0].detach(), model.log_stretch)

    def uses_whole_sample(self, game: Game) -> bool:
        """Always."""
        return True

    def _counts(self, members: int, n: int, seed: int) -> Tensor:
        """How often each point counts for each member, shape (M + 1, n): the same at every step of a run."""
        counts = torch.ones(members, n)
        if self.bootstrap:
            draws = torch.randint(n, (members - 1, n), generator=torch.Generator().manual_seed(seed))
            counts[:-1].zero_().scatter_add_(1, draws, torch.ones(members - 1, n))
        return counts
