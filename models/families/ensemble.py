"""A posterior over θ, held by particles: the predictive density instead of that of one best θ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Final, Self

import torch
from pydantic import model_validator

from models.architectures import Architecture
from models.capabilities import phrases
from models.data._picture import Shape
from models.families._base import FAMILIES, Family, Model, Recipe, needs_sample
from models.families._ensemble import EnsembleModel
from models.latents import Latent
from models.registry import RecipeError, member_type, option

FEW: Final = 50
"""Points that leave θ open enough for a posterior to be worth looking at."""


@FAMILIES.register
class Ensemble(Family):
    """M particles θ₁ … θ_M of a family with a density; P_θ is the predictive density (1/M) Σₘ p(x | θₘ).

    Particles drawn from the posterior p(θ | D) make it the posterior predictive ∫ p(x | θ) p(θ | D) dθ: where few data
    leave θ open, it is broader than the density of any one θ. A further member, the maximum-likelihood fit, is trained
    beside them and is no part of P_θ.

    Source: Gelman et al. 2013, Bayesian Data Analysis, 3rd edition, eq. 1.4.
    """

    title: ClassVar[str] = "Posterior over θ"
    source: ClassVar[str] = "Gelman et al. 2013, Bayesian Data Analysis, 3rd edition, eq. 1.4"
    formula: ClassVar[str] = (
        r"p(x \mid D) = \int p(x \mid \theta)\, p(\theta \mid D)\, d\theta \approx \frac{1}{M}\sum_m p(x \mid \theta_m)"
    )
    capabilities: ClassVar[frozenset[str]] = frozenset({"sample", "log_prob", "particles"})
    requires: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType({"objective": frozenset({"particles"})})
    natural: ClassVar[Mapping[str, Any]] = MappingProxyType(
        {
            "data": {"key": "ring", "modes": 2, "std": 0.3, "n": 20},
            "divergence": "kl_forward",
            "objective": "langevin",
            "optimizer": {"key": "adam", "schedule": "linear"},
            "batch_size": 20,
        }
    )

    base: Annotated[Family, member_type(FAMILIES)] = option(
        lambda: FAMILIES["mixture"].parse({"components": 2, "covariance": "spherical", "start": "random"}),
        label="family of each", help="What one particle is: a family with a density of its own.",
    )  # fmt: skip
    particles: int = option(
        16, label="particles", symbol="M", low=1, high=256, log=True,
        help="How many θ stand for the posterior; the predictive density is their mean.",
    )  # fmt: skip

    @model_validator(mode="after")
    def _has_density(self) -> Self:
        if not _can_be_particle(type(self.base)):
            able = ", ".join(family.key for family in FAMILIES if _can_be_particle(family))
            needs = "a particle needs an exact density that many θ can be put into at once"
            problem = f"{self.base.key} is not allowed: {needs}; what fits: {able}"
            raise RecipeError("base.key", problem, ("base.key=mixture",))
        return self

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """What the family of each particle needs, and a finite sample, for p(θ | D) is about a D that stays."""
        yield from self._lacking(recipe)
        if self.base.condition(recipe.data):
            problem = "true is not allowed: a posterior p(θ | D) is of models that are told no classes here"
            yield RecipeError("family.base.conditional", problem, ("family.base.conditional=false",))
        yield from (_nested(objection) for objection in self.base.objections(recipe))
        batch = f"batch_size={min(FEW, recipe.batch_size)}"
        yield from needs_sample(recipe, "a posterior p(θ | D) needs a finite sample D", FEW, batch)

    def _lacking(self, recipe: Recipe) -> Iterable[RecipeError]:
        for field, needed in self.base.requires.items():
            chosen = getattr(recipe, field)
            lacking = needed - chosen.capabilities
            if lacking:
                problem = f"the {field} {chosen.key} has no {phrases(lacking)}, which {self.base.key} needs"
                yield RecipeError(f"{field}.key", problem)

    def build(self, architecture: Architecture, latent: Latent, shape: Shape, generator: torch.Generator) -> Model:
        """M particles and the maximum-likelihood fit, each with weights of its own."""
        builds = (self.base.build(architecture, latent, shape, generator) for _ in range(self.particles + 1))
        return EnsembleModel(list(builds))


def _can_be_particle(family: type[Family]) -> bool:
    return "log_prob" in family.capabilities and "particles" not in family.capabilities and family.side_by_side


def _nested(objection: RecipeError) -> RecipeError:
    """The options of a family that is the base of another lie one level deeper."""
    path, *settings = (re.sub("^family[.]", "family.base.", text) for text in (objection.path, *objection.settings))
    return RecipeError(path, objection.problem, tuple(settings))
