"""What objectives that need no critic share: D of a batch of samples from a batch of data, computed outright."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final

import torch
from torch import Tensor

from models.divergences._base import SampleDivergence
from models.families._base import Recipe
from models.families._condition import ByCaption
from models.objectives._base import Game, Objective
from models.registry import RecipeError

LEAST: Final = 2
"""Samples of a class without which a batch tells nothing of it."""

EACH: Final = 4
"""Samples of each class that a batch is to have, at the mean."""


class ClosedForm(Objective):
    """One player: the divergence of the two batches is descended.

    Where the model is told classes, samples are told those of the batch of data, and the mean over the classes of
    D(P(·|c) ‖ P_θ(·|c)) is descended, each estimated from what the batch has of it.
    """

    swaps: ClassVar[str] = "one player"
    capabilities: ClassVar[frozenset[str]] = frozenset({"arrows"})

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """What is told must come more than once in a batch."""
        condition = recipe.family.condition(recipe.data)
        if isinstance(condition, ByCaption):
            ways = ("divergence.key=jensen_shannon", "objective.key=adversarial")
            problem = f"{self.key!r} compares samples of the same c, and hardly any two of a batch share a caption"
            yield RecipeError("objective.key", f"{problem}; a critic can: set {' and '.join(ways)}", ways)
        elif condition and recipe.batch_size < EACH * condition.kinds:
            least = EACH * condition.kinds
            problem = f"{recipe.batch_size} is too small: each of the {condition.kinds} classes is compared on its own"
            yield RecipeError("batch_size", f"{problem}; take {least} or more", (f"batch_size={least}",))

    def generator_turn(self, game: Game) -> dict[str, float]:
        """One gradient of the estimate, pulled back through g_θ."""
        real, told = game.batch()
        fake = game.model.push_recorded(game.latent(), told)
        if told is None:
            loss, slope = _divergence(game).estimate_slopes(real, fake, game.chance)
        else:
            loss, slope = _slopes_by_class(game, real, fake, told)
        game.model.pull_back(slope)
        return {"estimate": loss}

    def sample_loss(self, game: Game, fake: Tensor, real: Tensor, told: Tensor | None = None) -> Tensor:
        """The estimate itself."""
        divergence = _divergence(game)
        if told is None:
            return divergence.estimate(real, fake, game.chance)
        parts = [share * divergence.estimate(real[rows], fake[rows], game.chance) for share, rows in _classes(told)]
        return torch.stack(parts).sum() if parts else 0.0 * fake.sum()


def _slopes_by_class(game: Game, real: Tensor, fake: Tensor, told: Tensor) -> tuple[float, Tensor]:
    """The weighted mean of the estimates, and its derivative in ``fake``, shape (N, d)."""
    total, slopes = 0.0, torch.zeros_like(fake)
    for share, rows in _classes(told):
        loss, slope = _divergence(game).estimate_slopes(real[rows], fake[rows], game.chance)
        total += share * loss
        slopes[rows] = share * slope
    return total, slopes


def _classes(told: Tensor) -> Iterable[tuple[float, Tensor]]:
    """The share and the rows of each class of which a batch has enough."""
    for label in told.unique():
        rows = (told == label).nonzero()[:, 0]
        if len(rows) >= LEAST:
            yield len(rows) / len(told), rows


def _divergence(game: Game) -> SampleDivergence:
    assert isinstance(game.divergence, SampleDivergence), "the recipe allows only divergences of two samples here"
    return game.divergence
