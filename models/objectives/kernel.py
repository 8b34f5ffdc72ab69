"""Moment matching: D is known in closed form on two samples, and the generator descends it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from torch import Tensor

from models.divergences._base import KernelDivergence
from models.objectives._base import OBJECTIVES, Game, Objective


@OBJECTIVES.register
class Kernel(Objective):
    """One player: the divergence of a batch of samples from a batch of data is computed outright and descended.

    No critic, no game, no collapse by oscillation; but the estimate sees only one batch at a time and only what its
    kernel sees.

    Source: Li et al. 2015, Generative moment matching networks, arXiv:1502.02761, eq. 5.
    """

    title: ClassVar[str] = "closed form on samples"
    source: ClassVar[str] = "Li et al. 2015, arXiv:1502.02761, eq. 5"
    formula: ClassVar[str] = r"\min_\theta\ \hat D(\{x_i\}, \{g_\theta(z_j)\})"
    requires: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType(
        {"divergence": frozenset({"kernel"}), "family": frozenset({"push"})}
    )

    def generator_turn(self, game: Game) -> dict[str, float]:
        """One gradient of the estimate, pulled back through g_θ."""
        divergence, real = _divergence(game), game.real()
        fake = game.model.push_recorded(game.latent())
        loss, slope = divergence.estimate_slopes(real, fake)
        game.model.pull_back(slope)
        return {"estimate": loss}

    def sample_loss(self, game: Game, fake: Tensor, real: Tensor) -> Tensor:
        """The estimate itself."""
        return _divergence(game).estimate(real, fake)


def _divergence(game: Game) -> KernelDivergence:
    assert isinstance(game.divergence, KernelDivergence), "the recipe allows only divergences with a kernel here"
    return game.divergence
