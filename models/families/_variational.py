"""A latent variable model p_θ(x) = ∫ p(x|z) p(z) dz with an encoder q(z|x): its bounds, its evidence on a grid."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from models.architectures._network import Network
from models.families._base import Components, DensityKind, NetworkModel
from models.families._flow import FlowModule
from models.latents import Latent
from models.latents._with_noise import WithNoise
from models.likelihoods._base import Observed

ON_GRID: Final = 2
"""Dimensions of z up to which the integral over z is a sum over a grid."""

GRID_SIDES: Final = {1: 4096, 2: 128}
"""Nodes along an axis of the grid over z, by the dimension of z."""

GRID_REACH: Final = 1.5
"""Half the grid's side, in extents of the latent law: beyond 4.5 standard deviations lies nothing that counts."""

BOUND_DRAWS: Final = 500
"""Draws of the importance-weighted bound that stands for log p(x) where no grid can."""

PAIRS: Final = 1 << 22
"""Pairs of a point and a node, or of a point and a draw, that are worked out at once."""

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
    """

    def __init__(self, module: VariationalModule, dimension: int) -> None:
        self.latent = WithNoise.behind(module.latent, dimension)
        self.dimension = dimension
        self.network = Network(module)
        self._module = module
        self._has_plain_prior = module.prior is None and "standard_normal" in module.latent.capabilities
        self.density: DensityKind = "exact" if self.latent_dimension <= ON_GRID else "bound"

    @property
    def latent_dimension(self) -> int:
        """The dimension of z, k."""
        return self._module.latent.dimension

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
        """Places z of a quadrature and the log of the prior's mass at each: shapes (J, k) and (J,), k ≤ 2."""
        k = self.latent_dimension
        if k > ON_GRID:
            raise ValueError(f"no grid over {k} dimensions of z")
        reach = GRID_REACH * self._module.latent.extent
        line = torch.linspace(-reach, reach, GRID_SIDES[k], device=self.network.theta.device)
        nodes = torch.cartesian_prod(*[line] * k).view(-1, k)
        log_mass = self._module.latent.log_prob(nodes).log_softmax(0)
        return self._module.place(nodes), log_mass

    def evidence(self, u: Tensor) -> Tensor:
        """Log p_θ(u) = log Σⱼ wⱼ p(u|zⱼ) over the latent grid: shape (N, d) to (N,), k ≤ 2."""
        nodes, log_mass = self.latent_nodes()
        outputs = self._module.decoder(nodes)
        chunk = max(1, PAIRS // len(nodes))
        law = self._module.observed
        return torch.cat([(law.log_prob_of_all(outputs, part) + log_mass).logsumexp(1) for part in u.split(chunk)])

    def log_density(self, u: Tensor) -> Tensor:
        """The evidence where a grid reaches it, else the importance-weighted bound with K = 500 draws."""
        if self.density == "exact":
            return self.evidence(u)
        chance = torch.Generator().manual_seed(0)
        chunk = max(1, PAIRS // (BOUND_DRAWS * self._module.observed.outputs))
        return torch.cat([self.importance_bound(part, chance, BOUND_DRAWS) for part in u.split(chunk)])

    def encode(self, x: Tensor) -> Tensor:
        """The posterior's mean μ(x)."""
        with torch.no_grad():
            return self.posterior(self.inward(x))[0]

    def components(self) -> Components:
        """Equally weighted N(g(z), σ²I) for fixed z: some of the infinitely many that P_θ is a mixture of."""
        std = getattr(self._module.observed, "std", None)
        if std is None:
            raise NotImplementedError("only a Gaussian likelihood makes a mixture of Gaussians")
        z = self._module.latent.draw(SHOWN_COMPONENTS, torch.Generator().manual_seed(0)).to(self.network.theta.device)
        means = self.push(z)
        scale = torch.ones(self.dimension) if self.units is None else self.units.scale
        covariance = torch.diag((std.detach() * scale).square()).to(means)
        n = len(means)
        return Components(torch.full((n,), 1 / n).to(means), means, covariance.expand(n, -1, -1))


def _normal(n: int, k: int, chance: torch.Generator, like: Tensor) -> Tensor:
    return torch.randn(n, k, generator=chance).to(like)


def _log_normal(noise: Tensor, std: Tensor) -> Tensor:
    """Log density of μ + σ ε under its own law, nats: shapes (N, k) to (N,)."""
    return -(0.5 * noise.square() + std.log() + 0.5 * math.log(2 * math.pi)).sum(1)
