"""Learning from few labels and many samples without: a class that is not told is summed over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import ClassVar, Final

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

from models.families._base import Recipe
from models.families._bayes import joint
from models.families._condition import ByClass, condition_of
from models.families._variational import VariationalModel
from models.objectives._base import OBJECTIVES, Game, Objective
from models.registry import RecipeError, option

MOST_PASSES: Final = 2**17
"""Samples with a class each that may pass through the nets in one step."""


@OBJECTIVES.register
class SemiSupervised(Objective):
    """A few samples are told with their class y, and of all others the class is summed over.

    With L(x, y) ≤ log p_θ(x|y) the evidence lower bound, a labelled sample climbs L(x, y) + log p(y), and an unlabelled
    one log Σ_y p(y) exp L(x, y) ≤ log p_θ(x): the bound of the source for the best q(y|x), which is Bayes' rule and
    needs no net of its own. The third term tells labelled samples apart, as a classifier does, by that same rule.

    The known labels are the first of each class in the training sample, in equal numbers. Each step takes one batch of
    all samples without their labels and one of as many labelled ones.

    Source: Kingma, Rezende, Mohamed and Welling 2014, Semi-supervised learning with deep generative models,
    arXiv:1406.5298, eq. 6, 7 and 9, the model M2.
    """

    title: ClassVar[str] = "few labels"
    source: ClassVar[str] = "Kingma et al. 2014, arXiv:1406.5298, eq. 6, 7 and 9"
    formula: ClassVar[str] = (
        r"\max_\theta\ \mathrm{E}_{x}\log\sum_y p(y)\,e^{L(x,y)} + \mathrm{E}_{x,y}[L(x,y) + \alpha\log p_\theta(y|x)]"
    )
    requires: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType(
        {"divergence": frozenset({"likelihood"}), "family": frozenset({"bound"})}
    )

    known: int = option(
        100, label="known labels", symbol="n", low=1, high=1_000_000, log=True,
        help="How many training samples come with their class, spread evenly over the classes.",
    )  # fmt: skip
    alpha: float = option(
        1.0, label="α", symbol="α", low=0.0, high=1_000.0, live=True,
        help="Weight of telling the classes of labelled samples apart; 0 leaves the generative model alone.",
    )  # fmt: skip
    unlabelled: float = option(
        1.0, label="unlabelled", low=0.0, high=1.0, live=True,
        help="Weight of the samples without labels: 0 learns from the labelled ones alone.",
    )  # fmt: skip
    warm_up: float = option(
        0.3, label="warm-up", low=0.0, high=1.0, live=True,
        help="Share of the run over which that weight rises from 0: classes take their places by the labels first.",
    )  # fmt: skip

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """There must be a finite sample with classes, each of which the model is told of."""
        is_held = recipe.data.size is not None and not recipe.data.is_streamed
        if not isinstance(condition_of(recipe.data), ByClass) or not is_held:
            problem = f"{recipe.data.title} here has no training sample in memory with classes, some of which are known"
            yield RecipeError("objective.key", problem, ("objective.key=variational_bound",))
            return
        if not recipe.family.options().get("conditional"):
            yield RecipeError("family.conditional", "the model must know classes", ("family.conditional=true",))
        if recipe.family.options().get("untold"):
            problem = "a class that is not told is summed over here: set family.untold to 0"
            yield RecipeError("family.untold", problem, ("family.untold=0.0",))
        passes = recipe.batch_size * (2 * len(recipe.data.class_names))
        if passes > MOST_PASSES:
            problem = f"{passes:,} samples with a class each a step are too many: at most {MOST_PASSES:,}"
            yield RecipeError("batch_size", problem)

    def generator_turn(self, game: Game) -> dict[str, float]:
        """One gradient; bounds are told in nats in data units, and how many of the labelled batch are told right."""
        model = game.model
        assert isinstance(model, VariationalModel)
        every = game.real()
        labelled = self.labelled_batch(game, len(every))
        scalars: dict[str, float] = {}

        def loss() -> Tensor:
            value, seen = self._loss(model, every, labelled, game)
            scalars.update({name: float(part.detach()) for name, part in seen.items()})
            return value

        model.network.differentiate(loss)
        return {
            "unlabelled_bound": scalars["unlabelled"] - model.log_stretch,
            "labelled_bound": scalars["labelled"] - model.log_stretch,
            "label_loss": scalars["confusion"],
            "labelled_accuracy": scalars["right"],
        }

    def labelled_batch(self, game: Game, n: int) -> tuple[Tensor, Tensor]:
        """So many of the labelled samples, drawn with replacement, units of training: shapes (n, d) and (n,)."""
        assert game.sample is not None, "there is a finite sample"
        assert game.labels is not None, "its samples have classes"
        known = first_of_each(game.labels, self.known)
        index = known[torch.randint(len(known), (n,), generator=game.chance).to(known.device)]
        return game.sample[index], game.labels[index]

    def _loss(
        self, model: VariationalModel, every: Tensor, labelled: tuple[Tensor, Tensor], game: Game
    ) -> tuple[Tensor, dict[str, Tensor]]:
        u, y = labelled
        weight = self.weight_at(game.progress)
        with torch.set_grad_enabled(weight > 0):  # at weight 0 it is only looked at
            unlabelled = _joint_bound(model, every, game.chance).logsumexp(1).mean()
        of_each = _joint_bound(model, u, game.chance)
        told, confusion = of_each.gather(1, y[:, None]).mean(), cross_entropy(of_each, y)
        right = (of_each.argmax(1) == y).float().mean()
        seen = {"unlabelled": unlabelled, "labelled": told, "confusion": confusion, "right": right}
        return self.alpha * confusion - told - weight * unlabelled, seen

    def weight_at(self, progress: float) -> float:
        """Weight of the samples without labels after this share of the run: it rises linearly over the warm-up."""
        return self.unlabelled * min(1.0, progress / self.warm_up) if self.warm_up > 0 else self.unlabelled


def first_of_each(labels: Tensor, count: int) -> Tensor:
    """Which samples are the first of their classes, as many of each as can be and ``count`` in all: int64.

    Args:
        labels: shape (n,), int64.
        count: how many at most.
    """
    told = one_hot(labels)
    rank = told.cumsum(0).gather(1, labels[:, None])[:, 0]
    return (rank * told.shape[1] + labels).argsort()[:count]


def _joint_bound(model: VariationalModel, u: Tensor, chance: torch.Generator) -> Tensor:
    """L(u, y) + log p(y) of every class, shape (N, d) to (N, C), nats; the classes of a sample share their noise."""
    noise = torch.randn(len(u), model.latent_dimension, generator=chance).to(u).repeat_interleave(model.classes, 0)
    return joint(lambda x, y: model.bound_terms(x, noise, y).bound, model.condition.shares.to(u), u)
