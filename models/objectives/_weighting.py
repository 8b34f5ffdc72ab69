"""How much the error at each level of noise counts: weights on the square error of what is predicted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor

from models.predictions import Prediction
from models.schedules import Level

MOST_SNR: Final = 5.0
"""γ: levels with a higher ratio of signal to noise count no more than those with this one."""


def simple(level: Level, prediction: Prediction) -> Tensor:
    """1 on what is predicted: Ho et al. 2020, arXiv:2006.11239, eq. 14; for EDM the weight of its table 1."""
    return torch.ones_like(level.alpha)


def noise(level: Level, prediction: Prediction) -> Tensor:
    """1 on the noise that follows from the answer, whatever is predicted: λ = σ² on the score."""
    return prediction.noise_slope(level).square()


def likelihood(level: Level, prediction: Prediction) -> Tensor:
    """λ = g² on the score: half the integral over t bounds KL(P_X ‖ P_θ), up to the rest at t = 1.

    Times that a schedule draws more often than others count as much more, and then it is no bound.

    Source: Song et al. 2021, Maximum likelihood training of score-based diffusion models, arXiv:2101.09258, theorem 1.
    """
    return level.diffusion / level.sigma.square() * noise(level, prediction)


def min_snr(level: Level, prediction: Prediction) -> Tensor:
    """min(α²/σ², γ) on the data that follow from the answer.

    Source: Hang et al. 2023, Efficient diffusion training via Min-SNR weighting strategy, arXiv:2303.09556.
    """
    signal = level.alpha.square() / level.sigma.square()
    return (MOST_SNR / signal).clamp_max(1) * noise(level, prediction)


WEIGHTINGS: Final[Mapping[str, Callable[[Level, Prediction], Tensor]]] = MappingProxyType(
    {"simple": simple, "noise": noise, "likelihood": likelihood, "min_snr": min_snr}
)
"""Each gives w in the loss w ‖F_θ − F‖², shape of the level's tensors."""
