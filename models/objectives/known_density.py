"""D against a density that is known: no data at all, only samples of the model and both densities at them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import ClassVar

from torch import Tensor

from models.families._base import Recipe
from models.objectives._base import OBJECTIVES, Game, Objective
from models.registry import RecipeError


@OBJECTIVES.register
class KnownDensity(Objective):
    """Samples of the model climb log p and spread by their own entropy: E[log p_θ(x̂) − log p(x̂)] is descended.

    KL(P_θ ‖ P_X) is an expectation under the model, so it needs the density p of the data but no data; where p is known
    only up to its integral, the loss is off by that constant. Modes that the model never samples are never missed: it
    seeks one. Whether a model has its first place from data is an option of its family.

    Source: Rezende and Mohamed 2015, Variational inference with normalizing flows, arXiv:1505.05770, eq. 15.
    """

    title: ClassVar[str] = "known density"
    source: ClassVar[str] = "Rezende and Mohamed 2015, arXiv:1505.05770, eq. 15"
    formula: ClassVar[str] = r"\min_\theta\ E_z[\log p_\theta(g_\theta(z)) - \log p(g_\theta(z))]"
    swaps: ClassVar[str] = "one player"
    capabilities: ClassVar[frozenset[str]] = frozenset({"arrows"})
    requires: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType(
        {
            "data": frozenset({"log_prob", "everywhere"}),
            "divergence": frozenset({"known_density"}),
            "family": frozenset({"reparameterised"}),
        }
    )

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """A density of all samples together tells no classes."""
        if recipe.family.condition(recipe.data):
            problem = "true is not allowed: a density p(x) tells no classes, and no samples are drawn here that would"
            yield RecipeError("family.conditional", problem, ("family.conditional=false",))

    def generator_turn(self, game: Game) -> dict[str, float]:
        """One gradient of the expectation, through the model's samples."""
        return {"reverse_kl": game.model.network.differentiate(lambda: _divergence(game))}

    def sample_loss(self, game: Game, fake: Tensor, real: Tensor, told: Tensor | None = None) -> Tensor:
        """The mean log ratio at samples that are free to move while θ is not."""
        assert game.log_density is not None, "the recipe allows only data with a density here"
        return (game.model.log_density(fake) - game.log_density(fake)).mean()


def _divergence(game: Game) -> Tensor:
    assert game.log_density is not None, "the recipe allows only data with a density here"
    drawn = game.model.draw_weighted(game.latent())
    return (drawn.weight * (drawn.log_density - game.log_density(drawn.u))).sum()
