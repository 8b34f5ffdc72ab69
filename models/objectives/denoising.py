"""Denoising: data are noised, and the net is asked what was there."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Literal

import torch
from torch import Tensor

from models.families._denoising import DenoisingModel
from models.objectives._base import OBJECTIVES, Game, Objective
from models.objectives._noised import Noised
from models.objectives._told import told_batch
from models.objectives._variance import variance_bound
from models.objectives._weighting import WEIGHTINGS
from models.registry import option


@OBJECTIVES.register
class Denoising(Objective):
    """Noise is added to data, at random times, and the net's answer is moved towards what is known to be right.

    E_{t, u₀, ε} w(t) ‖F_θ(α u₀ + σ ε, t) − F‖². The least loss is not 0: many data and noises lead to one u_t, and the
    best answer is their mean, which gives the score of the noised data. A learnt variance is trained by λ times the
    variational bound, which leaves the mean alone.

    Source: Ho et al. 2020, arXiv:2006.11239, eq. 14; Vincent 2011, Neural Computation 23, eq. 10; with a variance
    Nichol and Dhariwal 2021, arXiv:2102.09672, eq. 16.
    """

    title: ClassVar[str] = "denoising"
    source: ClassVar[str] = "Ho et al. 2020, arXiv:2006.11239, eq. 14"
    formula: ClassVar[str] = (
        r"\min_\theta\ E\, w_t\, \Vert F_\theta(u_t, t) - F \Vert^2,\ u_t = \alpha_t u_0 + \sigma_t \varepsilon"
    )
    swaps: ClassVar[str] = "one player"
    capabilities: ClassVar[frozenset[str]] = frozenset({"per_sample_loss"})
    requires: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType(
        {"divergence": frozenset({"score"}), "family": frozenset({"denoise"})}
    )
    remedy: ClassVar[str] = "a smaller learning rate, or the simple weighting"

    weighting: Literal["simple", "noise", "likelihood", "min_snr"] = option(
        "simple", label="weighting", symbol="w_t", live=True,
        help="Simple: 1 on what is predicted; noise: 1 on the noise that follows; likelihood: the bound on KL; "
        "min_snr: 1 on the noise, but less near the data.",
    )  # fmt: skip
    variance_weight: float = option(
        0.001, label="variance", symbol="λ", low=0.0, high=1.0, live=True,
        help="Weight of the variational bound, from which alone a learnt variance is learnt; without one it is idle.",
    )  # fmt: skip

    def generator_turn(self, game: Game) -> dict[str, float]:
        """One gradient of the weighted loss, the mean over numbers; the bound is in nats a number."""
        model = game.model
        assert isinstance(model, DenoisingModel)
        clean, labels = told_batch(game, model)
        noised = Noised.draw(model, clean, game.chance)
        rows = model.embed(noised.place, noised.t, labels, noised.level)
        if not model.learns_variance:
            weight = WEIGHTINGS[self.weighting](noised.level, model.prediction)
            return {"denoising_loss": model.regress(rows, noised.target(model.prediction), weight)}
        answer = model.network.forward(rows)
        with torch.enable_grad():
            answer.requires_grad_()
            error = self._error(model, noised, answer).mean()
            bound = variance_bound(model, noised, answer).mean()
            (slope,) = torch.autograd.grad(error + self.variance_weight * bound, answer)
        model.network.backward(slope)
        return {"denoising_loss": float(error.detach()), "variational_bound": float(bound.detach())}

    def per_sample_loss(self, game: Game, u: Tensor) -> Tensor:
        """The weighted loss of each point at a time and a noise of its own; no class is told."""
        model = game.model
        assert isinstance(model, DenoisingModel)
        noised = Noised.draw_mixed(model, model.standard(u), game.chance)
        answer = model.network.module(model.embed(noised.place, noised.t))
        loss = self._error(model, noised, answer)
        return loss + self.variance_weight * variance_bound(model, noised, answer) if model.learns_variance else loss

    def _error(self, model: DenoisingModel, noised: Noised, answer: Tensor) -> Tensor:
        """The weighted square error of each sample, a number, shape (N,)."""
        weight = WEIGHTINGS[self.weighting](noised.level, model.prediction)
        error = answer[:, : model.dimension] - noised.target(model.prediction)
        return (weight * error.square()).mean(1)
