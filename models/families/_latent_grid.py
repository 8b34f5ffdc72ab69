"""The integral over a latent space of one or two dimensions as a sum over a regular grid, as fine as it has to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from models.latents import Latent

ON_GRID: Final = 2
"""Dimensions of z up to which the integral over z is such a sum."""

COARSE: Final = {1: 256, 2: 48}
"""Nodes along an axis of the grid that shows how fine the other must be, by the dimension of z."""

FINEST: Final = {1: 4096, 2: 192}
"""Most nodes along an axis of a regular grid; where more are needed, only some cells of the coarse one have them …"""

MOST: Final = {1: 16_384, 2: 40_000}
"""… and all together at most so many: a second of a processor's work would buy little more."""

REACH: Final = 5 / 3
"""Half the grid's side in extents of the latent law: five standard deviations, so that outliers have a density too."""

NEGLIGIBLE: Final = 12.5
"""Nodes whose mass is smaller than the largest by this many nats are left out: less than 1e-5 together."""

SEPARATION: Final = 2.0
"""Nats of Jeffreys divergence between neighbouring nodes' laws up to which the sum is exact enough.

For N(g, σ²I) it is (spacing × slope / σ)², and a sum of Gaussians of width σ at distance h differs from their integral
by the factor 1 ± 2 exp(−2π²σ²/h²), here 1e-4.
"""

SHARE: Final = 0.999
"""Share of the prior's mass that has to have neighbours no farther apart than that."""

LEAST_EXPONENT: Final = -80.0
"""Exponentials of less would be denormal numbers, which take a processor fifty times as long."""


@dataclass(frozen=True, eq=False)
class LatentGrid:
    """Nodes over the latent law.

    Attributes:
        nodes: shape (J, k).
        log_mass: log of the law's mass at each, shape (J,), masses of sum 1.
    """

    nodes: Tensor
    log_mass: Tensor

    @classmethod
    def regular(cls, latent: Latent, side: int) -> LatentGrid:
        """A full grid of side^k nodes, the last coordinate running fastest."""
        reach = REACH * latent.extent
        line = torch.linspace(-reach, reach, side)
        nodes = torch.cartesian_prod(*[line] * latent.dimension).view(-1, latent.dimension)
        return cls(nodes, latent.log_prob(nodes).log_softmax(0))

    @classmethod
    def fine_enough(
        cls, latent: Latent, outputs: Callable[[Tensor], Tensor], separation: Callable[[Tensor, Tensor], Tensor]
    ) -> LatentGrid:
        """The coarsest grid whose neighbours have laws alike enough, without its negligible nodes.

        Where that would be too fine, as for a small σ, each cell of the coarse grid is as fine as it has to be.

        Args:
            latent: the law of z, of one or two dimensions.
            outputs: what the decoder makes of z, shape (J, k) to (J, outputs).
            separation: Jeffreys divergence of the laws of two outputs, twice shape (J, outputs) to (J,), nats.
        """
        k = latent.dimension
        coarse = cls.regular(latent, COARSE[k])
        apart = _separations(outputs(coarse.nodes).view(*[COARSE[k]] * k, -1), separation)
        finer = (_quantile(apart.amax(1), coarse.log_mass.exp()) / SEPARATION) ** 0.5
        side = max(COARSE[k], round(finer * COARSE[k]))
        if side > FINEST[k]:
            return coarse.divided(latent, (apart / SEPARATION).sqrt())
        return cls.regular(latent, side).thinned()

    def divided(self, latent: Latent, finer: Tensor) -> LatentGrid:
        """Each cell of a regular grid, unless negligible, cut into equal parts with a node in the middle of each.

        Args:
            latent: the law of z.
            finer: into how many along each axis, at least, shape (J, k); less, if that makes too many.
        """
        kept = self.log_mass > self.log_mass.max() - NEGLIGIBLE
        k = latent.dimension
        wanted = finer[kept].clamp_min(1)
        excess = max(1.0, float(wanted.prod(1).sum()) / MOST[k]) ** (1 / k)
        counts = (wanted / excess).ceil().long()
        places, share = _parts(counts)
        width = 2 * REACH * latent.extent / (round(len(self.nodes) ** (1 / k)) - 1)
        nodes = self.nodes[kept].repeat_interleave(counts.prod(1), 0) + width * places
        return LatentGrid(nodes, (latent.log_prob(nodes) + share.log()).log_softmax(0))

    def thinned(self) -> LatentGrid:
        """Without negligible nodes."""
        kept = self.log_mass > self.log_mass.max() - NEGLIGIBLE
        return LatentGrid(self.nodes[kept], self.log_mass[kept].log_softmax(0))


def log_sum_exp(terms: Tensor) -> Tensor:
    """Log Σⱼ exp tᵢⱼ, shape (N, J) to (N,), differentiable."""
    greatest = terms.detach().amax(1, keepdim=True)
    return (terms - greatest).clamp_min(LEAST_EXPONENT).exp().sum(1).log() + greatest[:, 0]


def _separations(grid: Tensor, separation: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """How far each node's law is from that of its farther neighbour along each axis: shape (side^k, k)."""
    sides, outputs = grid.shape[:-1], grid.shape[-1]
    here = grid.reshape(-1, outputs)
    each = [separation(here, grid.roll(-1, axis).reshape(-1, outputs)).view(sides) for axis in range(len(sides))]
    both = [torch.maximum(ahead, ahead.roll(1, axis)) for axis, ahead in enumerate(each)]
    return torch.stack(both, -1).view(-1, len(sides))


def _parts(counts: Tensor) -> tuple[Tensor, Tensor]:
    """Middles of the equal parts of unit cells around 0, cell after cell, and the share of its cell that each is.

    Args:
        counts: parts along each axis of each cell, shape (J, k).
    """
    whole = counts.prod(1)
    number = torch.arange(int(whole.sum())) - (whole.cumsum(0) - whole).repeat_interleave(whole)
    each = counts.repeat_interleave(whole, 0)
    places = []
    for count in each.T.flip(0):  # the last coordinate runs fastest
        places.append((number % count + 0.5) / count - 0.5)
        number = number // count
    return torch.stack(places[::-1], 1), 1 / each.prod(1)


def _quantile(values: Tensor, mass: Tensor) -> float:
    """The value that ``SHARE`` of the mass does not pass."""
    order = values.argsort()
    place = int((mass[order].cumsum(0) < SHARE).sum())
    return float(values[order][min(place, len(values) - 1)])
