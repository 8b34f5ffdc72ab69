"""What objectives that need no critic share: D of a batch of samples from a batch of data, computed outright."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from models.divergences._base import SampleDivergence
from models.objectives._base import Game, Objective


class ClosedForm(Objective):
    """One player: the divergence of the two batches is descended."""

    swaps: ClassVar[str] = "one player"
    capabilities: ClassVar[frozenset[str]] = frozenset({"arrows"})

    def generator_turn(self, game: Game) -> dict[str, float]:
        """One gradient of the estimate, pulled back through g_θ."""
        divergence, real = _divergence(game), game.real()
        fake = game.model.push_recorded(game.latent())
        loss, slope = divergence.estimate_slopes(real, fake, game.chance)
        game.model.pull_back(slope)
        return {"estimate": loss}

    def sample_loss(self, game: Game, fake: Tensor, real: Tensor) -> Tensor:
        """The estimate itself."""
        return _divergence(game).estimate(real, fake, game.chance)


def _divergence(game: Game) -> SampleDivergence:
    assert isinstance(game.divergence, SampleDivergence), "the recipe allows only divergences of two samples here"
    return game.divergence
