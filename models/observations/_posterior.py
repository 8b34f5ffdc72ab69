"""What is inferred of a point: the posterior on a grid, two Gaussians that stand for it, and log p(x) in its parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from models.families._base import WORK
from models.families._variational import VariationalModel
from models.observations._base import Array, plain
from models.observations._inference import (
    MeanField,
    Nodes,
    balanced,
    hermite,
    log_evidence,
    log_joint,
    lower_bound,
    optimised,
)

INTEGRATED: Final = 2
"""Dimensions of z up to which quadratures and pictures of the posterior are on a grid."""

SIDE: Final = 64
"""Places along each side of the picture of a posterior in the plane."""

LINE: Final = 1_024
"""Places of the picture of one on a line."""

ORDER: Final = 6
"""Of the quadrature along each dimension of z by which a q is fitted …"""

JUDGED_ORDER: Final = 16
"""… and of the one by which it is judged: a bound flatters itself on the few nodes that it was fitted to."""

STEPS: Final = 50
FITTED_DRAWS: Final = 64
"""Draws, at least, that a q is fitted by where no quadrature reaches …"""

JUDGED_DRAWS: Final = 2_000
"""… and those that it is judged by, fewer of a point where decoding them would take seconds: at least …"""

LEAST_DRAWS: Final = 256

WIDEST: Final = 3.0
"""The picture is at most so many times as wide as the latent square."""


@dataclass(frozen=True, eq=False)
class Inferred:
    """What is inferred of N points; bounds in nats, units of training.

    Attributes:
        amortised: q(z|x) as the encoder gives it.
        best: the q that was optimised for each point.
        elbo: ELBO of the amortised q, shape (N,).
        best_elbo: ELBO of the best q, shape (N,), never below ``elbo``.
        log_prob: log p(x), or a lower bound on it, shape (N,).
        exact: whether it is log p(x) itself, integrated over a grid.
    """

    amortised: MeanField
    best: MeanField
    elbo: Tensor
    best_elbo: Tensor
    log_prob: Tensor
    exact: bool


def infer(
    model: VariationalModel, u: Tensor, *, steps: int = STEPS, order: int = ORDER, draws: int = JUDGED_DRAWS
) -> Inferred:
    """Amortised and optimised inference of points in the units of training, shape (N, d).

    Args:
        model: p(x, z) and q(z|x).
        u: the points.
        steps: of Adam, for each q.
        order: of the quadrature along each dimension of z, for k ≤ 2.
        draws: that take its place for k > 2.
    """
    k = model.latent_dimension
    with torch.no_grad():
        q = MeanField(*model.posterior(u))
    fitted, judged = _nodes(k, order, draws)
    wide = MeanField(torch.zeros_like(q.mean), torch.ones_like(q.std))
    starts = (q, wide) if k <= INTEGRATED else (q,)  # from afar there may be a better hill; in many dimensions seldom
    best, _ = optimised(model, u, starts, fitted, steps)
    with torch.no_grad():
        return _judge(model, u, (q, best), judged)


def _nodes(k: int, order: int, draws: int) -> tuple[Nodes, Nodes]:
    """What a q is fitted by, and what it is judged by."""
    if k <= INTEGRATED:
        return hermite(k, order), hermite(k, JUDGED_ORDER)
    return balanced(k, max(FITTED_DRAWS, 4 * k)), balanced(k, max(draws, 4 * k))


def _judge(model: VariationalModel, u: Tensor, pair: tuple[MeanField, MeanField], nodes: Nodes) -> Inferred:
    q, best = pair
    first, second = (lower_bound(model, u, each, nodes) for each in pair)
    worse = (second < first)[:, None]
    best = MeanField(torch.where(worse, q.mean, best.mean), torch.where(worse, q.std, best.std))
    highest = torch.maximum(first, second)
    return Inferred(q, best, first, highest, *log_evidence(model, u, best, nodes, highest))


def posterior_answer(model: VariationalModel, x: Tensor) -> dict[str, Array]:
    """All that the inference card shows of one point, shape (1, d), data units; nats in data units.

    ``mean``, ``std``, ``best_mean``, ``best_std``: shape (k,). ``density`` and ``prior``: p(z|x) and p(z), 1/unit of z,
    shape (64, 64), row 0 at the bottom, or (1024,), or empty for k > 2, over the square of half side ``extent``, shape
    (). ``elbo``, ``best_elbo``, ``log_prob``: shape (); ``exact``: 1 where the last is no bound. ``reconstruction``:
    shape (d,).
    """
    u = model.inward(x)
    draws = min(JUDGED_DRAWS, max(LEAST_DRAWS, WORK // model.sample_work))
    found = infer(model, u, draws=draws - draws % 2)  # they come in pairs
    extent = _extent(model, found)
    with torch.no_grad():
        density, prior = densities(model, u, found.log_prob, extent)
        reconstruction = model.outward(model.decode(found.amortised.mean))
    nats = {name: plain(getattr(found, name)[0]) - model.log_stretch for name in ("elbo", "best_elbo", "log_prob")}
    return {
        "mean": plain(found.amortised.mean[0]),
        "std": plain(found.amortised.std[0]),
        "best_mean": plain(found.best.mean[0]),
        "best_std": plain(found.best.std[0]),
        "density": plain(density),
        "prior": plain(prior),
        "extent": np.array(extent, np.float32),
        "exact": np.array(int(found.exact)),
        "reconstruction": plain(reconstruction[0]),
        **{name: np.array(value, np.float32) for name, value in nats.items()},
    }


def densities(model: VariationalModel, u: Tensor, log_prob: Tensor, extent: float) -> tuple[Tensor, Tensor]:
    """The densities p(z|u) = p(u, z)/p(u) of one point and p(z) over a square, of shape (64, 64) or (1024,) each.

    Empty for k > 2.
    """
    k = model.latent_dimension
    if k > INTEGRATED:
        return torch.empty(0), torch.empty(0)
    side = LINE if k == 1 else SIDE
    line = torch.linspace(-extent, extent, side)
    z = line[:, None] if k == 1 else torch.cartesian_prod(line, line).flip(1)
    both = (log_joint(model, u, z[None])[0] - log_prob).exp(), model.log_prior(z).exp()
    return both[0].view([side] * k), both[1].view([side] * k)


def _extent(model: VariationalModel, found: Inferred) -> float:
    """Half the side of the square that holds the prior and both Gaussians, as far as a picture may reach."""
    latent = model.latent.extent
    reach = max(float((q.mean.abs() + 3 * q.std).max()) for q in (found.amortised, found.best))
    return latent if reach <= latent else min(reach, WIDEST * latent)
