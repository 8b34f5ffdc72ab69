"""Sliced score matching: the score of noised data is learnt without being told the noise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import ClassVar

import torch
from torch import Tensor

from models.families._base import Recipe
from models.families._denoising import DenoisingFamily, DenoisingModel
from models.objectives._base import OBJECTIVES, Game, Objective
from models.objectives._noised import Noised
from models.objectives._told import told_batch
from models.registry import RecipeError, option


@OBJECTIVES.register
class SlicedScoreMatching(Objective):
    """The score is judged by its own slope along random directions: where it is right it falls off around the data.

    E σ² (wᵀ ∇(wᵀ s_θ(u_t, t)) + ½ ‖s_θ(u_t, t)‖²) with random signs w and s_θ the model's score. By integration by
    parts this is the distance to the true score up to a constant, and only places u_t enter, not what they were made
    of: the objective would learn from noisy data alone. It costs a second derivative, and its estimate spreads more.

    Source: Song et al. 2019, Sliced score matching, arXiv:1905.07088, eq. 8; Hyvärinen 2005, JMLR 6, theorem 1; over
    levels of noise Song and Ermon 2019, arXiv:1907.05600, section 3.
    """

    title: ClassVar[str] = "sliced score matching"
    source: ClassVar[str] = "Song et al. 2019, arXiv:1905.07088, eq. 8"
    formula: ClassVar[str] = (
        r"\min_\theta\ E\, \sigma_t^2 \left[w^\top \nabla(w^\top s_\theta) + \frac{1}{2} \Vert s_\theta \Vert^2\right]"
    )
    swaps: ClassVar[str] = "one player"
    capabilities: ClassVar[frozenset[str]] = frozenset({"per_sample_loss"})
    requires: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType(
        {"divergence": frozenset({"score"}), "family": frozenset({"denoise"})}
    )
    remedy: ClassVar[str] = "a smaller learning rate, or more slices"

    slices: int = option(
        1, label="slices", symbol="M", low=1, high=16, live=True,
        help="How many random directions the slope is taken along at each sample.",
    )  # fmt: skip

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """The score says nothing of a learnt variance."""
        if isinstance(recipe.family, DenoisingFamily) and recipe.family.outputs > 1:
            problem = "sliced score matching learns the score alone: leave the variance out, or train by denoising"
            yield RecipeError("family.learnt_variance", problem, ("family.learnt_variance=false",))

    def generator_turn(self, game: Game) -> dict[str, float]:
        """One gradient of the mean over samples."""
        model = game.model
        assert isinstance(model, DenoisingModel)
        clean, labels = told_batch(game, model)
        noised = Noised.draw(model, clean, game.chance)
        loss = model.network.differentiate(lambda: self._losses(model, noised, labels, game.chance).mean())
        return {"sliced_loss": loss}

    def per_sample_loss(self, game: Game, u: Tensor) -> Tensor:
        """The loss of each point at a time, a noise and directions of its own; no class is told."""
        model = game.model
        assert isinstance(model, DenoisingModel)
        noised = Noised.draw_mixed(model, model.standard(u), game.chance)
        return self._losses(model, noised, None, game.chance)

    def _losses(self, model: DenoisingModel, noised: Noised, labels: Tensor | None, chance: torch.Generator) -> Tensor:
        """With s = −ε̂/σ the loss is ½‖ε̂‖² − σ wᵀ ∇(wᵀ ε̂), here a number of the sample, shape (N,)."""
        place = noised.place.detach().requires_grad_()
        answer = model.network.module(model.embed(place, noised.t, labels))
        _, noise = model.prediction.split(answer, place, noised.level)
        slope = torch.stack([_slope_along(noise, place, chance) for _ in range(self.slices)]).mean(0)
        return 0.5 * noise.square().mean(1) - noised.level.sigma[:, 0] * slope / model.dimension


def _slope_along(noise: Tensor, place: Tensor, chance: torch.Generator) -> Tensor:
    """wᵀ ∇(wᵀ ε̂) for random signs w, shape (N,)."""
    signs = (2 * torch.randint(2, place.shape, generator=chance) - 1).to(place)
    (slope,) = torch.autograd.grad((noise * signs).sum(), place, create_graph=True)
    return (slope * signs).sum(1)
