"""The variational autoencoder: a latent variable model, with an encoder that guesses z from x."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

import torch
from zuko.flows import NSF

from models.architectures import ARCHITECTURES, Architecture
from models.architectures._net import Net
from models.data import Data
from models.data._picture import Shape, numbers, times
from models.families._base import FAMILIES, Family, Model, Recipe
from models.families._condition import NOTHING, Condition, condition_of
from models.families._conditional import conditional_option, unknown_law, untellable, untold_option
from models.families._flow import FlowModule
from models.families._variational import VariationalModel, VariationalModule
from models.latents import Latent
from models.likelihoods import LIKELIHOODS, Likelihood
from models.registry import RecipeError, join, member_type, option


@FAMILIES.register
class VariationalAutoencoder(Family):
    """A decoder turns z into a law p(x|z), and an encoder answers with q(z|x) ≈ p_θ(z|x).

    p_θ(x) = ∫ p(x|z) p(z) dz: a mixture of infinitely many laws, one for each z. The integral is known only as a bound,
    log p_θ(x) ≥ E_q[log p(x|z)] − KL(q(z|x) ‖ p(z)), tight where q is the true posterior; for k ≤ 2 it is summed over a
    grid as well. The architecture of the recipe is the decoder.

    A conditional one tells encoder and decoder the class or caption of x, and bounds log p_θ(x|c).

    Source: Kingma and Welling 2014, Auto-encoding variational Bayes, arXiv:1312.6114, eq. 3; conditional: Sohn, Lee and
    Yan 2015, Learning structured output representation using deep conditional generative models, NeurIPS, eq. 4.
    """

    title: ClassVar[str] = "Variational autoencoder"
    source: ClassVar[str] = "Kingma and Welling 2014, arXiv:1312.6114, eq. 3"
    formula: ClassVar[str] = r"p_\theta(x) = \int p(x|z)\, p(z)\, dz"
    group: ClassVar[str] = "Latent variable models"
    capabilities: ClassVar[frozenset[str]] = frozenset({"sample", "push", "encode", "posterior", "bound", "components"})
    requires: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType({"latent": frozenset({"everywhere"})})
    natural: ClassVar[Mapping[str, Any]] = MappingProxyType(
        {
            "divergence": "kl_forward",
            "objective": "variational_bound",
            "optimizer": {"key": "adam", "schedule": "linear", "ema": 0.99},
        }
    )
    natural_of_pictures: ClassVar[Mapping[str, Any]] = MappingProxyType(
        {"latent": {"key": "gaussian", "dimension": 16}, "architecture": {"key": "convolutional"}}
    )

    likelihood: Annotated[Likelihood, member_type(LIKELIHOODS)] = option(
        LIKELIHOODS["gaussian"](),
        label="likelihood",
        symbol="p",
        help="The law that the decoder's outputs stand for.",
    )
    encoder: Annotated[Architecture, member_type(ARCHITECTURES)] = option(
        ARCHITECTURES.parse({"key": "mlp", "width": 64, "depth": 2}), label="encoder", symbol="q",
        help="The function class of the approximate posterior's mean and deviation.",
    )  # fmt: skip
    conditional: bool = conditional_option()
    untold: float = untold_option()
    prior_transforms: int = option(
        0, label="prior flow", low=0, high=8,
        help="How many splines bend the latent law into the prior p(z), learnt with the rest; 0 leaves it as it is.",
    )  # fmt: skip

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """The likelihood must fit the data, and samples of discrete laws carry no gradient."""
        if self.conditional:
            yield from untellable(recipe.data)
            yield from unknown_law(recipe.data, self.untold)
        objection = self.likelihood.objection(recipe.data)
        if objection:
            ways = tuple(join("family.likelihood", setting) for setting in objection.settings)
            yield RecipeError("family.likelihood", f"{objection.problem}; set {' and '.join(ways)}", ways)
        if recipe.architecture.least_batch > 1 or self.encoder.least_batch > 1:
            problem = "a density belongs to one sample, whatever else is in its batch: leave batch normalisation out"
            yield RecipeError("family", problem)
        needed = recipe.objective.requires.get("family", frozenset())
        if "push" in needed and "smooth" not in self.likelihood.capabilities:
            problem = f"samples of a {self.likelihood.title} likelihood carry no gradient, which the objective needs"
            yield RecipeError("family.likelihood.key", problem, ("family.likelihood.key=gaussian",))

    def condition(self, data: Data) -> Condition:
        """What the data tell, where it is to be learnt."""
        return condition_of(data) if self.conditional else NOTHING

    @property
    def withheld(self) -> float:
        """The option ``untold``, where something is told."""
        return self.untold if self.conditional else 0.0

    def nets(self, recipe: Recipe) -> tuple[Net, ...]:
        """Decoder and encoder."""
        condition = self.condition(recipe.data)
        return self._nets(recipe.architecture, recipe.latent.dimension, recipe.data.shape, condition)

    def build_for(self, recipe: Recipe, generator: torch.Generator) -> Model:
        """Both are told what the data tell, where that is to be learnt."""
        condition = self.condition(recipe.data)
        return self._build(recipe.architecture, recipe.latent, recipe.data.shape, condition, generator)

    def build(self, architecture: Architecture, latent: Latent, shape: Shape, generator: torch.Generator) -> Model:
        """Decoder, encoder, likelihood and prior with fresh weights, in one vector; they are told nothing."""
        return self._build(architecture, latent, shape, NOTHING, generator)

    def _build(
        self, architecture: Architecture, latent: Latent, shape: Shape, condition: Condition, chance: torch.Generator
    ) -> Model:
        nets = self._nets(architecture, latent.dimension, shape, condition)
        decoder, encoder = (condition.before(net.build(chance), chance) for net in nets)
        observed, prior = self.likelihood.build(numbers(shape)), self._prior(latent.dimension, chance)
        module = VariationalModule(encoder.module, decoder.module, observed, latent, prior, columns=condition.columns)
        units = max(decoder.units, encoder.units)
        return VariationalModel(module, numbers(shape), units, condition, self.withheld)

    def _nets(self, architecture: Architecture, k: int, shape: Shape, condition: Condition) -> tuple[Net, Net]:
        planes = self.likelihood.build(numbers(shape)).outputs // numbers(shape)
        decoder = Net("architecture", architecture, k, times(shape, planes), condition.width)
        return decoder, Net("family.encoder", self.encoder, shape, 2 * k, condition.width)

    def _prior(self, k: int, generator: torch.Generator) -> FlowModule | None:
        if not self.prior_transforms:
            return None
        return FlowModule(NSF(k, transforms=self.prior_transforms, hidden_features=[32, 32]).transform, k, generator)
