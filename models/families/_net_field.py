"""What a trained net says is behind the noise, as a field that any sampler follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from models.samplers import Field

if TYPE_CHECKING:
    from models.families._denoising import DenoisingModel


class NetField(Field):
    """What a trained net says is behind the noise.

    Told of a class or caption c, (1 + w) F_θ(u, t, c) − w F_θ(u, t): all predictions are affine in the score, so that
    it is guided the same whatever the net predicts.

    Source: Ho and Salimans 2022, arXiv:2207.12598, eq. 6.
    """

    def __init__(self, model: DenoisingModel, told: Tensor | None, guidance: Tensor) -> None:
        self.process = model.process
        self._model, self._told = model, told
        self._guidance = guidance[:, None] if told is not None and bool(guidance.any()) else None
        self._last: tuple[Tensor, float, Tensor] | None = None

    def split(self, u: Tensor, t: float) -> tuple[Tensor, Tensor]:
        """From one pass, or from two with guidance."""
        said = self._said(u, t)[:, : self._model.dimension]
        return self._model.prediction.split(said, u, self.process.at(t))

    def spread(self, u: Tensor, t: float) -> Tensor | None:
        """What the net says of the variance, where it learnt it."""
        if not self._model.learns_variance:
            return None
        return spread_of(self._said(u, t)[:, self._model.dimension :])

    def _said(self, u: Tensor, t: float) -> Tensor:
        """All outputs, shape (N, outputs); the last ones are kept, for a step may ask for mean and variance."""
        if self._last is None or self._last[0] is not u or self._last[1] != t:
            self._last = u, t, self._evaluate(u, t)
        return self._last[2]

    def _evaluate(self, u: Tensor, t: float) -> Tensor:
        model, times = self._model, torch.full((1, 1), t, dtype=u.dtype, device=u.device)
        told = model.evaluate(u, times, self._told)
        if self._guidance is None:
            return told
        d, free = model.dimension, model.evaluate(u, times)
        return torch.cat([told[:, :d] + self._guidance.to(u) * (told - free)[:, :d], told[:, d:]], 1)


def spread_of(output: Tensor) -> Tensor:
    """The place of a variance between the least and the greatest, in [0, 1], from what the net says of it."""
    return torch.sigmoid(output)
