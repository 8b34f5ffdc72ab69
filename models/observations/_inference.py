"""Inference in a model with latent variables: the posterior p(z|x), Gaussians that stand for it, and what each costs.

For a Gaussian q = N(μ, diag s²) over z, with ε ~ N(0, I) and z = μ + s ε,

    ELBO(q) = E_ε[log p(x|z) + log p(z)] + H(q) ≤ log p(x),    H(q) = Σⱼ log sⱼ + k/2 (1 + log 2π).

What log p(x) has more than the ELBO of the best q of all is the approximation gap; what the best has more than the
q(z|x) that the encoder gives is the amortisation gap (Cremer, Li and Duvenaud 2018, arXiv:1801.03558).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import torch
from torch import Tensor, autograd

from models.families._variational import VariationalModel

LEAST_LOG_STD: Final = -7.0
"""No q becomes narrower than exp of this, in units of z: there a bound would only fit its own nodes."""

LR: Final = 0.15
"""Adam's rate at the start, in units of z; it falls to 0 along half a cosine."""

BETA1: Final = 0.8
BETA2: Final = 0.95
"""Adam forgets sooner than in training: there are few steps, and no noise in them."""


@dataclass(frozen=True, eq=False)
class Nodes:
    """E[f(ε)] ≈ Σᵢ wᵢ f(εᵢ) for ε ~ N(0, I): a quadrature or fixed draws.

    Attributes:
        noise: εᵢ, shape (M, k).
        weight: wᵢ, shape (M,), sum 1.
    """

    noise: Tensor
    weight: Tensor


@dataclass(frozen=True, eq=False)
class MeanField:
    """One Gaussian with independent coordinates for each of N points: shapes (N, k) and (N, k)."""

    mean: Tensor
    std: Tensor

    def at(self, noise: Tensor) -> Tensor:
        """Places z = μ + s ε, shape (M, k) to (N, M, k)."""
        return self.mean[:, None] + self.std[:, None] * noise

    @property
    def entropy(self) -> Tensor:
        """H(q) in nats, shape (N,)."""
        return self.std.log().sum(1) + 0.5 * self.mean.shape[1] * (1 + math.log(2 * math.pi))


@cache
def hermite(k: int, order: int) -> Nodes:
    """Gauss and Hermite's nodes on a product grid: exact for polynomials up to degree 2·order − 1 in each of k."""
    place, weight = np.polynomial.hermite_e.hermegauss(order)
    line = torch.from_numpy(place).float()
    noise = torch.cartesian_prod(*[line] * k).view(-1, k)
    share = torch.from_numpy(weight / weight.sum()).float()
    return Nodes(noise, torch.cartesian_prod(*[share] * k).view(-1, k).prod(dim=1))


@cache
def balanced(k: int, count: int) -> Nodes:
    """So many draws turned and stretched until mean and covariance are those of N(0, I): count ≥ 2k, even.

    Fewer of them do than of plain draws: they are exact for polynomials up to degree 3.
    """
    half = torch.randn(count // 2, k, generator=torch.Generator().manual_seed(0))
    half = torch.linalg.qr(half).Q * math.sqrt(count // 2)
    return Nodes(torch.cat([half, -half]), torch.full((count,), 1 / count))


def log_joint(model: VariationalModel, u: Tensor, z: Tensor) -> Tensor:
    """Log p(u, z) of each point, shape (N, d), at M places of its own, shape (N, M, k): shape (N, M)."""
    n, m, k = z.shape
    flat = z.reshape(n * m, k)
    points = u[:, None].expand(n, m, u.shape[1]).reshape(n * m, -1)
    return (model.log_likelihood(points, flat) + model.log_prior(flat)).view(n, m)


def lower_bound(model: VariationalModel, u: Tensor, q: MeanField, nodes: Nodes) -> Tensor:
    """ELBO(q) of each point, nats in the units of training, shape (N,); differentiable in q."""
    return log_joint(model, u, q.at(nodes.noise)) @ nodes.weight + q.entropy


def importance_bound(model: VariationalModel, u: Tensor, q: MeanField, nodes: Nodes) -> Tensor:
    """The bound log Σᵢ wᵢ p(u, zᵢ)/q(zᵢ) of each point, shape (N,); never below ``lower_bound`` of the same nodes.

    Source: Burda, Grosse and Salakhutdinov 2016, arXiv:1509.00519, equation 8 (with equal weights).
    """
    log_normal = -0.5 * (nodes.noise.square() + math.log(2 * math.pi)).sum(1)
    log_q = log_normal - q.std.log().sum(1, keepdim=True)
    return (log_joint(model, u, q.at(nodes.noise)) - log_q + nodes.weight.log()).logsumexp(1)


def log_evidence(model: VariationalModel, u: Tensor, q: MeanField, nodes: Nodes, least: Tensor) -> tuple[Tensor, bool]:
    """Log p(u) of each point, nats in the units of training, shape (N,), and whether it is integrated.

    By the model's own grid over z where it has one, else the importance bound from q; so, too, for a point whose
    posterior lies beyond the grid, as is plain where the sum is below ``least``, the ELBO of q, shape (N,).
    """
    bound = importance_bound(model, u, q, nodes)
    if model.density != "exact":
        return bound, False
    whole = model.evidence(u)
    return torch.where(whole < least, bound, whole), True


def optimised(
    model: VariationalModel, u: Tensor, starts: tuple[MeanField, ...], nodes: Nodes, steps: int
) -> tuple[MeanField, Tensor]:
    """The q of the highest ELBO that Adam comes by from these starts, for each point by itself.

    Args:
        model: p(x, z).
        u: the points, units of training, shape (N, d).
        starts: at least one; none of them has a higher ELBO than what is returned.
        nodes: the same at every step, so that the bound is a plain function of q.
        steps: of Adam.

    Returns:
        The best q, and its ELBO, shape (N,), nats in the units of training.
    """
    m, n = len(starts), len(u)
    everyone = MeanField(torch.cat([q.mean for q in starts]), torch.cat([q.std for q in starts]))
    place, bound = _ascend(model, u.repeat(m, 1), everyone, nodes, steps)
    chosen = bound.view(m, n).argmax(0) * n + torch.arange(n)
    return _as_mean_field(place[chosen]), bound[chosen]


def _ascend(model: VariationalModel, u: Tensor, start: MeanField, nodes: Nodes, steps: int) -> tuple[Tensor, Tensor]:
    """The best place (μ, log s) on each way up, shape (N, 2k), and its bound, shape (N,)."""
    place = torch.cat([start.mean, start.std.log()], dim=1).detach()
    best, highest = place, torch.full((len(u),), -torch.inf)
    first, second = torch.zeros_like(place), torch.zeros_like(place)
    for step in range(steps + 1):
        value, slope = _slope(model, u, place, nodes)
        better = value > highest
        best, highest = torch.where(better[:, None], place, best), torch.where(better, value, highest)
        first, second = first.lerp(slope, 1 - BETA1), second.lerp(slope.square(), 1 - BETA2)
        scale = (second / (1 - BETA2 ** (step + 1))).sqrt() + 1e-8
        rate = LR * 0.5 * (1 + math.cos(math.pi * step / max(steps, 1))) / (1 - BETA1 ** (step + 1))
        place = place + rate * first / scale
        place[:, place.shape[1] // 2 :].clamp_(min=LEAST_LOG_STD)
    return best, highest


def _slope(model: VariationalModel, u: Tensor, place: Tensor, nodes: Nodes) -> tuple[Tensor, Tensor]:
    with torch.enable_grad():
        place = place.detach().requires_grad_()
        value = lower_bound(model, u, _as_mean_field(place), nodes)
        (slope,) = autograd.grad(value.sum(), place)
    return value.detach(), slope


def _as_mean_field(place: Tensor) -> MeanField:
    mean, log_std = place.chunk(2, dim=1)
    return MeanField(mean, log_std.exp())
