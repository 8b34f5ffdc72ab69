"""A latent variable model p_θ(x) = ∫ p(x|z) p(z) dz with an encoder q(z|x): its bounds, its evidence on a grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from models.architectures._network import Network
from models.families._base import Components, DensityKind, NetworkModel
from models.families._flow import FlowModule
from models.families._latent_grid import LEAST_EXPONENT, ON_GRID, LatentGrid, log_sum_exp
from models.latents import Latent
from models.latents._with_noise import WithNoise
from models.likelihoods._base import Observed

BOUND_DRAWS: Final = 500
"""Draws of the importance-weighted bound that stands for log p(x) where no grid can."""

NODES: Final = 1024
"""Places of z that are decoded at once."""

POINTS: Final = 256
"""Points that are held against so many nodes at once: their pairs stay in the processor's cache."""

NUMBERS: Final = 1 << 23
"""Numbers that decoders of many draws may give at once."""

NOTICED: Final = 0.5
"""Nats by which a bound must pass the sum over the grid to be more than chance."""

SHOWN_COMPONENTS: Final = 60
"""Gaussians that stand for the infinite mixture in a picture."""

LEAST_LOG_STD: Final = -10.0
GREATEST_LOG_STD: Final = 5.0
"""Between these the encoder's log σ is believed; beyond them it would overflow."""


@dataclass(frozen=True, eq=False)
class Terms:
    """The two terms of the evidence lower bound, for each x.

    Attributes:
        reconstruction: log p(u|z) at z = μ + σ ε, nats, shape (N,).
        rate: KL(q(z|u) ‖ p(z)) of each dimension, shape (N, k), where it is a closed form; else one draw of
            log q(z|u) − log p(z), shape (N,).
    """

    reconstruction: Tensor
    rate: Tensor

    @property
    def total_rate(self) -> Tensor:
        """The rate of each x, shape (N,)."""
        return self.rate if self.rate.ndim == 1 else self.rate.sum(1)

    @property
    def bound(self) -> Tensor:
        """The evidence lower bound on one draw, shape (N,)."""
        return self.reconstruction - self.total_rate


class VariationalModule(nn.Module):
    """Encoder, decoder, the likelihood's own weights and the prior's flow in one module."""

    def __init__(
        self, encoder: nn.Module, decoder: nn.Module, observed: Observed, latent: Latent, prior: FlowModule | None
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.observed = observed
        self.prior = prior
        self.latent = latent

    def forward(self, noise: Tensor) -> Tensor:
        """A sample of P_θ from all its noise, shape (N, k + d) to (N, d); the mean g(z) from z alone, shape (N, k)."""
        k = self.latent.dimension
        outputs = self.decoder(self.place(noise[:, :k]))
        return self.observed.sample(outputs, noise[:, k:]) if noise.shape[1] > k else self.observed.mean(outputs)

    def place(self, z: Tensor) -> Tensor:
        """From the latent law to the prior, shape (N, k)."""
        return z if self.prior is None else self.prior(z)

    def unplace(self, z: Tensor) -> Tensor:
        """From the prior to the latent law, shape (N, k)."""
        return z if self.prior is None else self.prior.inverse(z)[0]

    def log_prior(self, z: Tensor) -> Tensor:
        """Log p(z), shape (N, k) to (N,)."""
        if self.prior is None:
            return self.latent.log_prob(z)
        base, stretch = self.prior.inverse(z)
        return self.latent.log_prob(base) + stretch

    def posterior(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation of q(z|u), each of shape (N, k)."""
        mean, log_std = self.encoder(u).chunk(2, dim=1)
        return mean, log_std.clamp(LEAST_LOG_STD, GREATEST_LOG_STD).exp()


class VariationalModel(NetworkModel):
    """P_θ with p_θ(u) = ∫ p(u|z) p(z) dz and the approximate posterior q(z|u) = N(μ(u), diag σ(u)²).

    Everything here is in the units of training, and differentiable where gradients are on, unless it says otherwise.
    With a learnt prior z is what the decoder sees; ``push``, ``sample`` and ``encode`` speak of the noise behind it,
    which has the recipe's latent law.
    """

    def __init__(self, module: VariationalModule, dimension: int, units: int = 1) -> None:
        self.latent = WithNoise.behind(module.latent, dimension)
        self.dimension = dimension
        self.network = Network(module, units=units)
        self._module = module
        self._has_plain_prior = module.prior is None and "standard_normal" in module.latent.capabilities

    @property
    def density(self) -> DensityKind:
        """An integral over a grid of z, where z has few dimensions."""
        return "exact" if self.latent_dimension <= ON_GRID else "bound"

    @property
    def latent_dimension(self) -> int:
        """The dimension of z, k."""
        return self._module.latent.dimension

    @property
    def is_mixture_of_gaussians(self) -> bool:
        """Whether p(u|z) is a Gaussian, so that P_θ has components."""
        return self._module.observed.std is not None

    def posterior(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation of q(z|u): shape (N, d) to two of shape (N, k)."""
        return self._module.posterior(u)

    def log_prior(self, z: Tensor) -> Tensor:
        """Log p(z) in nats: shape (…, k) to (…)."""
        return self._module.log_prior(z.reshape(-1, z.shape[-1])).view(z.shape[:-1])

    def log_likelihood(self, u: Tensor, z: Tensor) -> Tensor:
        """Log p(uᵢ|zᵢ) in nats: shapes (N, d) and (N, k) to (N,)."""
        return self._module.observed.log_prob(self._module.decoder(z), u)

    def decode(self, z: Tensor) -> Tensor:
        """The mean of p(u|z), shape (N, k) to (N, d)."""
        return self._module.observed.mean(self._module.decoder(z))

    def bound_terms(self, u: Tensor, noise: Tensor) -> Terms:
        """The bound's two terms at z = μ + σ ε: shapes (N, d) and (N, k)."""
        if not self._has_plain_prior:
            return self.drawn_terms(u, noise)
        mean, std = self.posterior(u)
        rate = 0.5 * (mean.square() + std.square() - 1) - std.log()
        return Terms(self.log_likelihood(u, mean + std * noise), rate)

    def elbo(self, u: Tensor, chance: torch.Generator, draws: int) -> Tensor:
        """E_q[log p(u|z)] − KL(q(z|u) ‖ p(z)), the mean of so many draws: shape (N, d) to (N,)."""
        many = u.repeat_interleave(draws, 0)
        terms = self.bound_terms(many, _normal(len(many), self.latent_dimension, chance, u))
        return terms.bound.view(-1, draws).mean(1)

    def importance_bound(self, u: Tensor, chance: torch.Generator, draws: int) -> Tensor:
        """Log of the mean of K importance weights p(u, zₖ) / q(zₖ|u): shape (N, d) to (N,).

        Source: Burda et al. 2016, arXiv:1509.00519, eq. 8.
        """
        terms = self.drawn_terms(u, _normal(len(u) * draws, self.latent_dimension, chance, u))
        return terms.bound.view(-1, draws).logsumexp(1) - math.log(draws)

    def drawn_terms(self, u: Tensor, noise: Tensor) -> Terms:
        """The terms at K draws for each x, the rate as log q(z|u) − log p(z): shapes (N, d) and (N·K, k) to (N·K,)."""
        draws = len(noise) // len(u)
        mean, std = (part.repeat_interleave(draws, 0) for part in self.posterior(u))
        z = mean + std * noise
        return Terms(self.log_likelihood(u.repeat_interleave(draws, 0), z), _log_normal(noise, std) - self.log_prior(z))

    def latent_nodes(self) -> tuple[Tensor, Tensor]:
        """Places z of a quadrature and the log of the prior's mass at each: shapes (J, k) and (J,), k ≤ 2.

        A regular grid over the latent law, bent into the prior with it; no finer than this decoder needs.
        """
        if self.latent_dimension > ON_GRID:
            raise ValueError(f"no grid over {self.latent_dimension} dimensions of z")
        module = self._module
        with torch.no_grad():
            grid = LatentGrid.fine_enough(
                module.latent, lambda z: module.decoder(module.place(z)), module.observed.separation
            )
        return module.place(grid.nodes), grid.log_mass

    def evidence(self, u: Tensor) -> Tensor:
        """Log p_θ(u) = log Σⱼ wⱼ p(u|zⱼ) over the latent grid: shape (N, d) to (N,), k ≤ 2.

        Of points whose posterior lies beyond the grid, as far outliers have it, the importance-weighted bound.
        """
        nodes, log_mass = self.latent_nodes()
        outputs = [self._module.decoder(z) for z in nodes.split(NODES)]
        summed = torch.cat([self._sum_over(outputs, log_mass, part) for part in u.split(POINTS)])
        return self._beyond_grid(u, summed)

    def _beyond_grid(self, u: Tensor, summed: Tensor) -> Tensor:
        """The bound where it tells of more than the sum over the grid found."""
        chance = torch.Generator().manual_seed(0)
        with torch.no_grad():
            # An importance weight passes e times its mean, which is p(u), with a chance of less than 1/e.
            far = (self.importance_bound(u, chance, 1) > summed + 1).nonzero()[:, 0]
        if not len(far):
            return summed
        chunk = max(1, NUMBERS // (BOUND_DRAWS * self._module.observed.outputs))
        bound = torch.cat([self.importance_bound(part, chance, BOUND_DRAWS) for part in u[far].split(chunk)])
        return summed.index_put((far,), torch.where(bound > summed[far] + NOTICED, bound, summed[far]))

    def _sum_over(self, outputs: Sequence[Tensor], log_mass: Tensor, u: Tensor) -> Tensor:
        pairs = zip(outputs, log_mass.split(NODES), strict=True)
        parts = [log_sum_exp(self._module.observed.log_prob_of_all(each, u) + mass) for each, mass in pairs]
        return torch.stack(parts).logsumexp(0)

    def density_map(self, axes: Sequence[Tensor]) -> Tensor:
        """The same on a grid: round Gaussians factor over the axes, so the sum over z is one product of matrices."""
        std = self._module.observed.std
        if std is None or self.density != "exact":
            return super().density_map(axes)
        with torch.no_grad():
            nodes, log_mass = self.latent_nodes()
            means = self.outward(torch.cat([self.decode(z) for z in nodes.split(NODES)]))
            stds = std * (torch.ones(self.dimension) if self.units is None else self.units.scale).to(std)
            across, *up = (_normal_density(axis, means[:, i], stds[i]) for i, axis in enumerate(axes))
            weighted = log_mass.exp()[:, None] * across
            return up[0].T @ weighted if up else weighted.sum(0)

    def log_density(self, u: Tensor) -> Tensor:
        """The evidence where a grid reaches it, else the importance-weighted bound with K = 500 draws."""
        if self.density == "exact":
            return self.evidence(u)
        chance = torch.Generator().manual_seed(0)
        chunk = max(1, NUMBERS // (BOUND_DRAWS * self._module.observed.outputs))
        return torch.cat([self.importance_bound(part, chance, BOUND_DRAWS) for part in u.split(chunk)])

    def encode(self, x: Tensor) -> Tensor:
        """The posterior's mean μ(x), as noise of the latent law: what ``push`` makes g(μ(x)) of."""
        with torch.no_grad():
            return self._module.unplace(self.posterior(self.inward(x))[0])

    def components(self) -> Components:
        """Equally weighted N(g(z), σ²I) for fixed z: some of the infinitely many that P_θ is a mixture of."""
        std = self._module.observed.std
        if std is None:
            raise NotImplementedError("only a Gaussian likelihood makes a mixture of Gaussians")
        z = self._module.latent.draw(SHOWN_COMPONENTS, torch.Generator().manual_seed(0)).to(self.network.theta.device)
        means = self.push(z)
        scale = torch.ones(self.dimension) if self.units is None else self.units.scale
        covariance = torch.diag((std.detach() * scale).square()).to(means)
        n = len(means)
        return Components(torch.full((n,), 1 / n).to(means), means, covariance.expand(n, -1, -1))


def _normal_density(axis: Tensor, means: Tensor, std: Tensor) -> Tensor:
    """N(x; m, σ²) for all pairs: shapes (n,) and (J,) to (J, n)."""
    away = (axis.to(means) - means[:, None]) / std
    # So that products of two of them and a mass are no denormal numbers either.
    return (-0.5 * away.square()).clamp_min(LEAST_EXPONENT / 3).exp() / (std * math.sqrt(2 * math.pi))


def _normal(n: int, k: int, chance: torch.Generator, like: Tensor) -> Tensor:
    return torch.randn(n, k, generator=chance).to(like)


def _log_normal(noise: Tensor, std: Tensor) -> Tensor:
    """Log density of μ + σ ε under its own law, nats: shapes (N, k) to (N,)."""
    return -(0.5 * noise.square() + std.log() + 0.5 * math.log(2 * math.pi)).sum(1)
