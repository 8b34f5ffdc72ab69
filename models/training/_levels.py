"""The probability that a model gives to data whose numbers take levels, as far as it has a likelihood."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from models.data import Data
from models.families import Model
from models.families._denoising import DenoisingModel
from models.families._variational import VariationalModel
from models.measures._base import LogDensity
from models.measures._mass import has_levels, log_mass_of_density

DRAWS: Final = 8
"""Of the evidence lower bound, for each sample."""

SEED: Final = 5
"""Of those draws: the same at every look."""

WORK: Final = 1 << 36
"""Multiplications by weights that the densities of a probability flow may take in all: some ten seconds."""

LEAST: Final = 16
"""Samples whose density is worked out all the same."""


def log_mass(model: Model, data: Data) -> LogDensity | None:
    """Log probability of levels under a model, nats, or a lower bound on it; None without levels or a likelihood.

    Of a variational autoencoder it is the evidence lower bound, or the evidence where a grid reaches it. Of a
    probability flow, whose density takes long, only as many samples are looked at as there is time for.
    """
    if not has_levels(data):
        return None
    if isinstance(model, VariationalModel):
        bound = _evidence(model)
        return bound if model.tells_levels else log_mass_of_density(data, bound)
    if isinstance(model, DenoisingModel):
        return log_mass_of_density(data, _flow(model)) if model.density == "flow" else None
    return log_mass_of_density(data, model.log_prob) if model.density == "exact" else None


def live_log_mass(model: Model, data: Data) -> LogDensity | None:
    """The same where it is quick enough to be taken while a model trains."""
    is_slow = isinstance(model, DenoisingModel) or not model.density_points
    return None if is_slow else log_mass(model, data)


def _evidence(model: VariationalModel) -> LogDensity:
    if model.density == "exact":
        return model.log_prob

    def bound(x: Tensor) -> Tensor:
        with torch.no_grad():
            inside = model.elbo(model.inward(x), torch.Generator().manual_seed(SEED), DRAWS)
        return inside - model.log_stretch

    return bound


def _flow(model: DenoisingModel) -> LogDensity:
    few = max(LEAST, WORK // model.density_work)
    return lambda x: model.quick_log_prob(x[:few])
