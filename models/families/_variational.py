"""A latent variable model p_θ(x) = ∫ p(x|z) p(z) dz with an encoder q(z|x): its bounds, its evidence on a grid."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from models.architectures._network import Network
from models.families._base import CHUNK, Components, DensityKind, Family, NetworkModel
from models.families._condition import NOTHING, Condition
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
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        observed: Observed,
        latent: Latent,
        prior: FlowModule | None,
        *,
        columns: int = 0,
    ) -> None:
        """Take the parts; where c is told, rows of encoder and decoder end with so many columns."""
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.observed = observed
        self.prior = prior
        self.latent = latent
        self.columns = columns

    def forward(self, rows: Tensor) -> Tensor:
        """A sample of P_θ from all its noise, shape (N, k + d) to (N, d); the mean g(z) from z alone, shape (N, k).

        Where c is told, its columns stand behind either.
        """
        k, end = self.latent.dimension, rows.shape[1] - self.columns
        outputs = self.decode(self.place(rows[:, :k]), rows[:, end:])
        return self.observed.sample(outputs, rows[:, k:end]) if end > k else self.observed.mean(outputs)

    def decode(self, z: Tensor, told: Tensor) -> Tensor:
        """The decoder's outputs for z of the prior and the columns of c: shapes (N, k) and (N or 1, e)."""
        return self.decoder(_beside(z, told))

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

    def posterior(self, u: Tensor, told: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation of q(z|u), or of q(z|u, c), each of shape (N, k)."""
        mean, log_std = self.encoder(_beside(u, told)).chunk(2, dim=1)
        return mean, log_std.clamp(LEAST_LOG_STD, GREATEST_LOG_STD).exp()


class VariationalModel(NetworkModel):
    """P_θ with p_θ(u) = ∫ p(u|z) p(z) dz and the approximate posterior q(z|u) = N(μ(u), diag σ(u)²).

    Everything here is in the units of training, and differentiable where gradients are on, unless it says otherwise.
    With a learnt prior z is what the decoder sees; ``push``, ``sample`` and ``encode`` speak of the noise behind it,
    which has the recipe's latent law.

    A model that is told c has p(u|z, c) and q(z|u, c); ``told`` are classes, shape (N,), or captions, shape (N, L). For
    None it answers as it has learnt of the samples of which it was told nothing.

    Source: told c: Sohn, Lee and Yan 2015, Learning structured output representation using deep conditional generative
    models, NeurIPS, eq. 4.
    """

    def __init__(
        self,
        module: VariationalModule,
        dimension: int,
        units: int = 1,
        condition: Condition = NOTHING,
        untold: float = 0.0,
    ) -> None:
        self.latent = WithNoise.behind(module.latent, dimension + bool(condition))
        self.condition, self.untold = condition, untold
        self.dimension = dimension
        self.network = Network(module, units=units)
        self._module = module
        self._has_plain_prior = module.prior is None and "standard_normal" in module.latent.capabilities

    @property
    def density(self) -> DensityKind:
        """An integral over a grid of z, where z has few dimensions."""
        if self.is_vast_mixture:
            return "none"
        return "exact" if self.latent_dimension <= ON_GRID else "bound"

    @property
    def tells_levels(self) -> bool:
        """Whether its likelihood gives probabilities to levels, and no density."""
        return self._module.observed.is_mass

    @property
    def density_remark(self) -> str:
        """What there is of a law of very many parts."""
        if not self.is_vast_mixture:
            return ""
        return f"the density is known given a caption alone: all of {self.classes} were told, so that none is of all"

    def adopt(self, family: Family) -> None:
        """Take up in mid-run how often nothing is told."""
        self.untold = family.withheld

    @property
    def latent_dimension(self) -> int:
        """The dimension of z, k."""
        return self._module.latent.dimension

    @property
    def is_mixture_of_gaussians(self) -> bool:
        """Whether p(u|z) is a Gaussian, so that P_θ has components."""
        return self._module.observed.std is not None

    def posterior(self, u: Tensor, told: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation of q(z|u): shape (N, d) to two of shape (N, k)."""
        return self._module.posterior(u, self._columns(told, u))

    def _columns(self, told: Tensor | None, like: Tensor) -> Tensor:
        return self.condition.rows(told, len(like)).to(like)

    def _outputs(self, z: Tensor, told: Tensor | None) -> Tensor:
        return self._module.decode(z, self._columns(told, z))

    def log_prior(self, z: Tensor) -> Tensor:
        """Log p(z) in nats: shape (…, k) to (…)."""
        return self._module.log_prior(z.reshape(-1, z.shape[-1])).view(z.shape[:-1])

    def log_likelihood(self, u: Tensor, z: Tensor, told: Tensor | None = None) -> Tensor:
        """Log p(uᵢ|zᵢ) in nats: shapes (N, d) and (N, k) to (N,)."""
        return self._module.observed.log_prob(self._outputs(z, told), u)

    def decode(self, z: Tensor, told: Tensor | None = None) -> Tensor:
        """The mean of p(u|z), shape (N, k) to (N, d)."""
        return self._module.observed.mean(self._outputs(z, told))

    def bound_terms(self, u: Tensor, noise: Tensor, told: Tensor | None = None) -> Terms:
        """The bound's two terms at z = μ + σ ε: shapes (N, d) and (N, k)."""
        if not self._has_plain_prior:
            return self.drawn_terms(u, noise, told)
        mean, std = self.posterior(u, told)
        rate = 0.5 * (mean.square() + std.square() - 1) - std.log()
        return Terms(self.log_likelihood(u, mean + std * noise, told), rate)

    def elbo(self, u: Tensor, chance: torch.Generator, draws: int, told: Tensor | None = None) -> Tensor:
        """E_q[log p(u|z)] − KL(q(z|u) ‖ p(z)), the mean of so many draws: shape (N, d) to (N,)."""
        if told is None and self.is_mixed:
            return self._mixed(u, lambda each: self.elbo(u, chance, draws, each))
        many, noise = u.repeat_interleave(draws, 0), _normal(len(u) * draws, self.latent_dimension, chance, u)
        terms = self.bound_terms(many, noise, _repeated(told, draws))
        return terms.bound.view(-1, draws).mean(1)

    def importance_bound(self, u: Tensor, chance: torch.Generator, draws: int, told: Tensor | None = None) -> Tensor:
        """Log of the mean of K importance weights p(u, zₖ) / q(zₖ|u): shape (N, d) to (N,).

        Source: Burda et al. 2016, arXiv:1509.00519, eq. 8.
        """
        if told is None and self.is_mixed:
            return self._mixed(u, lambda each: self.importance_bound(u, chance, draws, each))
        terms = self.drawn_terms(u, _normal(len(u) * draws, self.latent_dimension, chance, u), told)
        return terms.bound.view(-1, draws).logsumexp(1) - math.log(draws)

    def drawn_terms(self, u: Tensor, noise: Tensor, told: Tensor | None = None) -> Terms:
        """The terms at K draws for each x, the rate as log q(z|u) − log p(z): shapes (N, d) and (N·K, k) to (N·K,)."""
        draws = len(noise) // len(u)
        mean, std = (part.repeat_interleave(draws, 0) for part in self.posterior(u, told))
        z = mean + std * noise
        seen = self.log_likelihood(u.repeat_interleave(draws, 0), z, _repeated(told, draws))
        return Terms(seen, _log_normal(noise, std) - self.log_prior(z))

    def _mixed(self, u: Tensor, given: Callable[[Tensor], Tensor]) -> Tensor:
        """Log Σ_c π_c exp of what is given for each class, shape (N,): of log densities or of bounds on them."""
        parts = [given(torch.full((len(u),), label, device=u.device)) for label in range(self.classes)]
        return (torch.stack(parts, 1) + self.condition.shares.to(u).log()).logsumexp(1)

    def latent_nodes(self, told: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Places z of a quadrature and the log of the prior's mass at each: shapes (J, k) and (J,), k ≤ 2.

        A regular grid over the latent law, bent into the prior with it; no finer than this decoder needs, told one c.
        """
        if self.latent_dimension > ON_GRID:
            raise ValueError(f"no grid over {self.latent_dimension} dimensions of z")
        module = self._module
        with torch.no_grad():
            grid = LatentGrid.fine_enough(
                module.latent, lambda z: self._outputs_of_one(module.place(z), told), module.observed.separation
            )
        return module.place(grid.nodes), grid.log_mass

    def _outputs_of_one(self, z: Tensor, told: Tensor | None) -> Tensor:
        """What the decoder says of many z that one c is told with, shape (1,) or (1, L)."""
        return self._outputs(z, None if told is None else _repeated(told, len(z)))

    def evidence(self, u: Tensor, told: Tensor | None = None) -> Tensor:
        """Log p_θ(u) = log Σⱼ wⱼ p(u|zⱼ) over the latent grid: shape (N, d) to (N,), k ≤ 2.

        Of points whose posterior lies beyond the grid, as far outliers have it, the importance-weighted bound.
        """
        if told is None:
            return self._mixed(u, lambda each: self.evidence(u, each)) if self.is_mixed else self._evidence(u, None)
        kinds, which = told.unique(dim=0, return_inverse=True)
        found = u.new_zeros(len(u))
        for index, kind in enumerate(kinds):
            rows = (which == index).nonzero()[:, 0]
            found = found.index_put((rows,), self._evidence(u[rows], kind[None]))
        return found

    def _evidence(self, u: Tensor, told: Tensor | None) -> Tensor:
        """The same of points of which one c is told, shape (1,) or (1, L)."""
        nodes, log_mass = self.latent_nodes(told)
        outputs = [self._outputs_of_one(z, told) for z in nodes.split(NODES)]
        summed = torch.cat([self._sum_over(outputs, log_mass, part) for part in u.split(POINTS)])
        return self._beyond_grid(u, summed, told)

    def _beyond_grid(self, u: Tensor, summed: Tensor, told: Tensor | None) -> Tensor:
        """The bound where it tells of more than the sum over the grid found."""
        chance = torch.Generator().manual_seed(0)
        with torch.no_grad():
            # An importance weight passes e times its mean, which is p(u), with a chance of less than 1/e.
            far = (self._bound_of_one(u, chance, 1, told) > summed + 1).nonzero()[:, 0]
        if not len(far):
            return summed
        chunk = max(1, NUMBERS // (BOUND_DRAWS * self._module.observed.outputs))
        bound = torch.cat([self._bound_of_one(part, chance, BOUND_DRAWS, told) for part in u[far].split(chunk)])
        return summed.index_put((far,), torch.where(bound > summed[far] + NOTICED, bound, summed[far]))

    def _bound_of_one(self, u: Tensor, chance: torch.Generator, draws: int, told: Tensor | None) -> Tensor:
        return self.importance_bound(u, chance, draws, None if told is None else _repeated(told, len(u)))

    def _sum_over(self, outputs: Sequence[Tensor], log_mass: Tensor, u: Tensor) -> Tensor:
        pairs = zip(outputs, log_mass.split(NODES), strict=True)
        parts = [log_sum_exp(self._module.observed.log_prob_of_all(each, u) + mass) for each, mass in pairs]
        return torch.stack(parts).logsumexp(0)

    def density_map(self, axes: Sequence[Tensor]) -> Tensor:
        """The same on a grid: round Gaussians factor over the axes, so the sum over z is one product of matrices."""
        std = self._module.observed.std
        if std is None or self.density != "exact" or self.is_mixed:
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
        return self._log_density(u, None)

    def log_prob_given(self, x: Tensor, told: Tensor) -> Tensor:
        """The same of p(x|c)."""
        with torch.no_grad():
            parts = zip(self.inward(x).split(CHUNK), told.split(CHUNK), strict=True)
            return torch.cat([self._log_density(u, each) for u, each in parts]) - self.log_stretch

    def _log_density(self, u: Tensor, told: Tensor | None) -> Tensor:
        if self.latent_dimension <= ON_GRID:
            return self.evidence(u, told)
        chance = torch.Generator().manual_seed(0)
        chunk = max(1, NUMBERS // (BOUND_DRAWS * self._module.observed.outputs))
        pieces = u.split(chunk)
        of_each = [None] * len(pieces) if told is None else told.split(chunk)
        parts = zip(pieces, of_each, strict=True)
        return torch.cat([self.importance_bound(piece, chance, BOUND_DRAWS, each) for piece, each in parts])

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


def _beside(x: Tensor, told: Tensor) -> Tensor:
    """Rows with the columns of c behind: shapes (N, d) and (N or 1, e) to (N, d + e)."""
    return torch.cat([x, told.expand(len(x), -1)], 1) if told.shape[1] else x


def _repeated(told: Tensor | None, times: int) -> Tensor | None:
    """What is told of each of so many copies."""
    return None if told is None else told.repeat_interleave(times, 0)


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
