"""How much q(z|x) tells of x, and by which dimensions of z."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from models.families._variational import VariationalModel
from models.observations._base import Array, plain

NOISE: Final = 71
"""Seed of the draws of z: other than that of the data looked at, or noise and data would be the same numbers."""

ACTIVE: Final = 0.01
"""Var_x[E_q(zⱼ|x)[zⱼ]] above which dimension j is in use (Burda et al. 2016, arXiv:1509.00519, section 5) …"""

TELLING: Final = 0.05
"""… if its rate in nats is above this, too: the variance alone stays near its threshold while a posterior collapses."""


@dataclass(frozen=True, eq=False)
class Usage:
    """Means over a sample of x, nats.

    Attributes:
        total_rate: KL(q(z|x) ‖ p(z)), shape ().
        rate: of each dimension, shape (k,): its part of that, where the prior's dimensions are independent; else what
            the dimension alone tells of x.
        by_rate: whether it is the former.
        activity: variance of the mean of q(zⱼ|x) over the sample, shape (k,).
        information: I(x; z) under q, shape (), at most the logarithm of the size of the sample.
    """

    total_rate: Tensor
    rate: Tensor
    by_rate: bool
    activity: Tensor
    information: Tensor

    @property
    def used(self) -> Tensor:
        """Which dimensions are in use, shape (k,)."""
        return (self.activity > ACTIVE) & (self.rate > TELLING)

    def arrays(self) -> dict[str, Array]:
        """All of it by name, ``used`` and ``by_rate`` as 0 and 1."""
        flags = {"used": self.used.long(), "by_rate": torch.tensor(int(self.by_rate))}
        names = ("total_rate", "rate", "activity", "information")
        return {name: plain(value) for name, value in ({n: getattr(self, n) for n in names} | flags).items()}


def usage(model: VariationalModel, u: Tensor) -> Usage:
    """Which dimensions tell how much of a sample in the units of training, shape (N, d), without gradient.

    I(x; z) is the mean of log q(zᵢ|xᵢ) − log (1/N) Σₘ q(zᵢ|xₘ) at one fixed draw for each point.

    Source: Hoffman and Johnson 2016, ELBO surgery, NIPS workshop on advances in approximate Bayesian inference.
    """
    with torch.no_grad():
        mean, std = model.posterior(u)
        noise = torch.randn(mean.shape, generator=torch.Generator().manual_seed(NOISE))
        z = mean + std * noise
        terms = model.bound_terms(u, noise)
        each = -0.5 * ((z[:, None] - mean) / std).square() - std.log() - 0.5 * math.log(2 * math.pi)
        own = each.diagonal(dim1=0, dim2=1).T
        alone = (own - each.logsumexp(1)).mean(0) + math.log(len(u))
        together = (own.sum(1) - each.sum(2).logsumexp(1)).mean() + math.log(len(u))
    by_rate = terms.rate.ndim == 2
    rate = terms.rate.mean(0) if by_rate else alone
    return Usage(terms.total_rate.mean(), rate, by_rate, mean.var(dim=0), together)
