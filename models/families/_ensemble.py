"""Many small models of one family side by side: they stand for a posterior over θ, and predict a density together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from models.architectures._network import Network
from models.families._base import DensityKind, Model
from models.latents._with_noise import WithNoise

LIGHT: Final = 500
"""Weights of a member up to which its density costs next to nothing; beyond, as of nets, 5 to 10 µs a point."""

EVALUATIONS: Final = 40_000
LIGHT_EVALUATIONS: Final = 1_000_000
"""Densities of single points under single members that one picture may take; the second where they are light."""

SIDES: Final = (48, 128)
"""Least and most cells along an axis of a picture of the density."""


class Particles(nn.Module):
    """The weights of all members as one matrix, a row for each θ, and beside it what they hold that is not trained."""

    fixed: Tensor

    def __init__(self, members: Sequence[Network]) -> None:
        super().__init__()
        count = members[0].parameters
        self.theta = nn.Parameter(torch.stack([member.theta for member in members]))
        self.register_buffer("fixed", torch.stack([member.values[count:] for member in members]))


class _LogDensity(nn.Module):
    """The log density of a model as a function of the weights in its network, for calls with others in their place."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.module = model.network.module
        self._model = model

    def forward(self, u: Tensor) -> Tensor:
        """Shape (N, d) to (N,)."""
        return self._model.log_density(u)

    def held(self) -> list[tuple[str, Tensor]]:
        """Parameters and then buffers by name, in the order of ``Network.values``."""
        buffers = [(name, buffer) for name, buffer in self.named_buffers() if buffer.is_floating_point()]
        return [*self.named_parameters(), *buffers]


class EnsembleModel(Model):
    """P_θ = (1/M) Σₘ p(· | θₘ) over particles θ₁ … θ_M, with one more member that only the likelihood moves.

    The last member is the maximum-likelihood fit. It stands beside the others for comparison and is no part of P_θ.

    Attributes:
        evaluations: densities of single points under single members that one picture may take.
    """

    def __init__(self, members: Sequence[Model]) -> None:
        """Take over the weights of members of one kind.

        Args:
            members: θ₁ … θ_M and the maximum-likelihood fit, alike but for their weights.
        """
        self._one = members[0]
        self._one_density = _LogDensity(self._one)
        self._shapes = {name: tensor.shape for name, tensor in self._one_density.held()}
        self.latent = WithNoise.behind(self._one.latent, 1)
        self.dimension = self._one.dimension
        self._particles = Particles([member.network for member in members])
        self.network = Network(self._particles)
        self.evaluations = LIGHT_EVALUATIONS if self.theta.shape[1] <= LIGHT else EVALUATIONS
        self.density_side = min(max(math.isqrt(self.evaluations // len(members)), SIDES[0]), SIDES[1])

    @property
    def density(self) -> DensityKind:
        """The mean of the members'."""
        return "exact"

    @property
    def latent_dimension(self) -> int:
        """The k of one member."""
        return self._one.latent_dimension

    @property
    def theta(self) -> nn.Parameter:
        """θ₁ … θ_M and the maximum-likelihood fit, shape (M + 1, P): the live weights."""
        return self._particles.theta

    @property
    def names(self) -> list[str]:
        """What the P numbers of one θ are: parameter and index, such as ``means[0, 1]``."""
        parameters = self._one.network.module.named_parameters()
        return [f"{name}[{_index(at, p.shape)}]" for name, p in parameters for at in range(p.numel())]

    def member_log_density(self, u: Tensor) -> Tensor:
        """Log p(u | θₘ) in the units of training, nats: shape (N, d) to (M + 1, N), differentiable in all θ."""
        return self._log_densities(torch.cat([self.theta, self._particles.fixed], 1), u)

    def log_density_at(self, theta: Tensor, u: Tensor) -> Tensor:
        """Log p(u | θ) at other places of the space of θ, shape (R, P), in the units of training: shape (R, N)."""
        fixed = self._particles.fixed[-1].expand(len(theta), -1)
        return self._log_densities(torch.cat([theta, fixed], 1), u)

    def _log_densities(self, rows: Tensor, u: Tensor) -> Tensor:
        if self._one.network.theta.device != u.device:
            self._one.network.move_to(u.device)
        return vmap(self._log_density_with, in_dims=(0, None))(rows, u)

    def _log_density_with(self, row: Tensor, u: Tensor) -> Tensor:
        parts = row.split([shape.numel() for shape in self._shapes.values()])
        held = {name: part.view(shape) for part, (name, shape) in zip(parts, self._shapes.items(), strict=True)}
        return functional_call(self._one_density, held, (u,))

    def log_density(self, u: Tensor) -> Tensor:
        """Log (1/M) Σₘ p(u | θₘ): the predictive density, without the maximum-likelihood fit."""
        members = self.member_log_density(u)[:-1]
        return members.logsumexp(0) - math.log(len(members))

    def push_inside(self, z: Tensor) -> Tensor:
        """The last of the noise picks the particle, whose own map takes the others."""
        z = nn.functional.pad(z, (0, self.latent.dimension - z.shape[1]))
        count = len(self.theta) - 1
        which = (count * torch.special.ndtr(z[:, -1])).long().clamp(max=count - 1)
        x = torch.empty(len(z), self.dimension, device=z.device)
        for m in which.unique().tolist():
            self._lend(m)
            x[which == m] = self._one.push_inside(z[which == m, :-1])
        return x

    def start(self, u: Tensor, chance: torch.Generator) -> None:
        """Each member takes a first place of its own."""
        for m in range(len(self.theta)):
            self._lend(m)
            self._one.start(u, chance)
            self.theta.detach()[m] = self._one.network.theta
            self._particles.fixed[m] = self._one.network.values[self._one.network.parameters :]

    def _lend(self, m: int) -> None:
        """Give the one model whose methods are used the weights of a member."""
        self._one.network.values.copy_(torch.cat([self.theta[m].detach(), self._particles.fixed[m]]))


def _index(at: int, shape: torch.Size) -> str:
    place = []
    for size in reversed(shape):
        at, rest = divmod(at, size)
        place.append(str(rest))
    return ", ".join(reversed(place))
