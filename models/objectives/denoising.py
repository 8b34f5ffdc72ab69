"""Denoising: data are noised, and the net is asked what was there."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import torch

from models.families._denoising import DenoisingModel
from models.objectives._base import OBJECTIVES, Game, Objective
from models.objectives._told import told_batch


@OBJECTIVES.register
class Denoising(Objective):
    """Noise is added to data, at random times, and the net's answer is moved towards what is known to be right.

    E_{t, u₀, ε} w(t) ‖F_θ(α u₀ + σ ε, t) − F‖². The least loss is not 0: many data and noises lead to one u_t, and the
    best answer is their mean, which gives the score of the noised data.

    Source: Ho et al. 2020, arXiv:2006.11239, eq. 14; Vincent 2011, Neural Computation 23, eq. 10.
    """

    title: ClassVar[str] = "denoising"
    source: ClassVar[str] = "Ho et al. 2020, arXiv:2006.11239, eq. 14"
    formula: ClassVar[str] = (
        r"\min_\theta\ E\, w_t\, \Vert F_\theta(u_t, t) - F \Vert^2,\ u_t = \alpha_t u_0 + \sigma_t \varepsilon"
    )
    swaps: ClassVar[str] = "one player"
    requires: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType(
        {"divergence": frozenset({"score"}), "family": frozenset({"denoise"})}
    )

    def generator_turn(self, game: Game) -> dict[str, float]:
        """One gradient of the weighted loss."""
        model = game.model
        assert isinstance(model, DenoisingModel)
        clean, labels = told_batch(game, model)
        t = model.process.draw_times(len(clean), game.chance)[:, None].to(clean)
        noise = torch.randn(clean.shape, generator=game.chance).to(clean)
        level = model.process.at(t)
        noised = level.alpha * clean + level.sigma * noise
        loss = model.regress(model.embed(noised, t, labels), model.prediction.target(clean, noise, level))
        return {"denoising_loss": loss}
