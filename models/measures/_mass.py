"""From a density to the probability of levels, for data whose numbers take levels."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from models.data import Data
from models.measures._base import LogDensity

SEED: Final = 4
"""Of the noise that widens levels: the same at every look, so that a measure moves only when the model does."""


def has_levels(data: Data) -> bool:
    """Whether the numbers of a sample take levels, with noise on them or without."""
    return data.cells is not None


def log_mass_of_density(data: Data, log_prob: LogDensity) -> LogDensity:
    """A lower bound on the log probability that a density gives to levels, nats.

    E_u[log p(y + wu)] + d log w, on one draw of u for each sample; data that come with such noise have their own.

    Args:
        data: with levels.
        log_prob: log density of data units, or a lower bound on it, shape (N, d) to (N,).
    """
    bins = data.bins
    if bins is not None:
        return lambda y: bins.log_mass(log_prob(y), y.shape[1])
    cells = data.cells
    assert cells is not None, "the numbers take levels"

    def bound(y: Tensor) -> Tensor:
        return cells.log_mass(log_prob(cells.noised(y, torch.Generator().manual_seed(SEED))), y.shape[1])

    return bound
