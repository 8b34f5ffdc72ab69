"""Noise grows until nothing of the data can be made out, and the data themselves stay as they are."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor

from models.schedules._base import SCHEDULES, Level
from models.schedules._exploding import Exploding, exploding


@SCHEDULES.register
class VarianceExploding(Exploding):
    """u_s = u₀ + σ ε, with σ growing by the same factor in equal times: all scales of the data get equal shares.

    σ(s) = σ_min (σ_max/σ_min)ˢ, α = 1. The least noise should be finer than the data's finest detail, and the most
    much wider than all of them.

    Source: Song et al. 2021, Score-based generative modeling through stochastic differential equations,
    arXiv:2011.13456, eq. 31.
    """

    title: ClassVar[str] = "Variance exploding (VE)"
    source: ClassVar[str] = "Song et al. 2021, arXiv:2011.13456, eq. 31"
    formula: ClassVar[str] = r"\alpha = 1,\quad \sigma_t = \sigma_{\min} (\sigma_{\max} / \sigma_{\min})^t"

    def level(self, s: Tensor) -> Level:
        """σ′ = σ log(σ_max/σ_min)."""
        rate = math.log(self.most / self.least)
        sigma = self.least * torch.exp(rate * s)
        return exploding(sigma, rate * sigma)
