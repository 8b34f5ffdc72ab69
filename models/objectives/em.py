"""Expectation maximisation: maximum likelihood in steps that need no rate, for families that have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import ClassVar, Final

from models.families._base import Recipe, needs_sample
from models.objectives._base import OBJECTIVES, Game, Objective
from models.registry import RecipeError

ENOUGH: Final = 2_000
"""Samples from which a mixture can be learnt."""


@OBJECTIVES.register
class ExpectationMaximisation(Objective):
    """Who made each sample is guessed, then the model is fitted to the guess: the likelihood never falls.

    The E step gives each component its share of every sample, rᵢₖ = p_θ(k | xᵢ); the M step maximises the expected log
    likelihood of samples and components together, in closed form. Each step takes the whole training sample, and ends
    in a local maximum that depends on the start.

    Source: Dempster, Laird and Rubin 1977, J. R. Statist. Soc. B 39, 1, Theorem 1; Bishop 2006, Pattern Recognition and
    Machine Learning, eqs. 9.23 to 9.27.
    """

    title: ClassVar[str] = "expectation maximisation"
    source: ClassVar[str] = "Dempster, Laird and Rubin 1977, J. R. Statist. Soc. B 39, 1, Theorem 1"
    formula: ClassVar[str] = (
        r"\theta \leftarrow \arg\max_\theta \sum_{i,k} r_{ik} \log\,(w_k\, N(x_i; \mu_k, \Sigma_k))"
    )
    swaps: ClassVar[str] = "one player"
    remedy: ClassVar[str] = "fewer components, or a larger least std σ₀"
    idle: ClassVar[frozenset[str]] = frozenset({"optimizer"})
    requires: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType(
        {"divergence": frozenset({"likelihood"}), "family": frozenset({"em"})}
    )

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """The likelihood that a step raises is that of one sample: fresh data in every step have none."""
        yield from needs_sample(recipe, f"{self.title} goes over one training sample again and again", ENOUGH)

    def generator_turn(self, game: Game) -> dict[str, float]:
        """One step over the whole sample; the mean negative log-likelihood before it, nats in data units."""
        assert game.sample is not None, "the recipe allows only a finite sample here"
        model = game.model
        return {"negative_log_likelihood": model.log_stretch - model.improve(game.sample)}
