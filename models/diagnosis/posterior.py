"""Is the latent in use? What q(z|x) tells of x, how much there is to tell, and what the bound still lacks."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from models.families._variational import VariationalModel
from models.observations._base import Subject
from models.observations._usage import NOISE, usage

JUDGED: Final = 256
"""Data points that the signs are averaged over."""

ALONE: Final = 0.25
"""Of the dimensions that are of use, the share that is in use at most in a collapsed posterior."""

SHORT: Final = 0.1
"""Nats that the bound lacks at least if z could explain anything at all."""


def posterior_signs(subject: Subject) -> dict[str, float]:
    """The latent dimensions k and those in use, those of use, the rate, and what the bound lacks; all in nats.

    Empty for models that infer no z, or only that of samples of which they are told the class. ``short`` is
    E[log p(x)] − ELBO, known only where P_X has a density.
    """
    model = subject.game.model
    if not isinstance(model, VariationalModel) or model.is_mixed:
        return {}
    u = model.inward(subject.real[:JUDGED])
    used = usage(model, u)
    signs = {
        "latent": float(model.latent_dimension),
        "active": float(used.used.sum()),
        "needed": min(float(model.latent_dimension), spread(u)),
        "rate": float(used.total_rate),
        "information": float(used.information),
    }
    if subject.game.log_density is not None:
        signs["short"] = float(subject.game.log_density(u).mean() - _bound(model, u))
    return signs


def spread(u: Tensor) -> float:
    """In how many directions data, shape (M, d), varies: exp of the entropy of the covariance's eigenvalues.

    Source: Roy and Vetterli 2007, EUSIPCO, definition 1, for the covariance in place of the matrix.
    """
    centred = u - u.mean(dim=0)
    # Both products have the same eigenvalues but for zeros: of pictures there are far fewer than numbers in each.
    few = centred @ centred.T if len(u) < u.shape[1] else centred.T @ centred
    share = torch.linalg.eigvalsh(few).clamp_min(0)
    return float(torch.special.entr(share / share.sum().clamp_min(1e-30)).sum().exp())


def _bound(model: VariationalModel, u: Tensor) -> Tensor:
    noise = torch.randn(len(u), model.latent_dimension, generator=torch.Generator().manual_seed(NOISE))
    with torch.no_grad():
        return model.bound_terms(u, noise).bound.mean()
