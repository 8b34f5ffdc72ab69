"""The log density of what a velocity carries from a source to data: the change of variables along the whole way.

The law of u_t is carried along by du/dt = v(u, t), the probability flow, whatever noise a sampler may add on its way.
Followed from a datum at t = 0 to the source at t = 1,

    log p₀(u(0)) = log p₁(u(1)) + ∫₀¹ ∇·v(u(t), t) dt                                              (1)

(Chen et al. 2018, arXiv:1806.07366, theorem 1; Song et al. 2021, arXiv:2011.13456, section 4.3 and appendix D.2). The
net F enters v = a(t) u + b(t) F(u, t), so that ∇·v = a d + b tr ∂F/∂u. Each row of ∂F/∂u is one backward pass.

Steps are those of Runge and Kutta. Their number is fixed, so that a density costs as much of a net with kinks, which a
solver with an error control would never come to terms with. They are equal in the logarithm of noise over data, but for
the ends, where it is infinite for some processes: so they are as short as the detail that the noise has left, and as
the haste with which a net's errors grow where hardly anything is left of the data.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch import Tensor

from models.samplers import Field
from models.samplers._ode import Slope, runge_kutta_step
from models.schedules import NoiseProcess

if TYPE_CHECKING:
    from models.families._denoising import DenoisingModel

STEPS: Final = 64
"""The error of log p is below .001 nats for a trained net on eight narrow modes."""

FEW: Final = 16
"""While a model trains: on eight narrow modes the error is .04 nats at a point, and .007 in the mean."""

STAGES: Final = 4

END: Final = 0.05
"""The ratio of noise to data, or of data to noise, below which steps are equal in the ratio itself."""

TICKS: Final = 2049
"""Times at which that is looked up."""

CHUNK: Final = 1024
"""Points that are followed at once: the layers of more leave the processor's cache."""

EXACT: Final = 16
"""Dimensions up to which the trace is exact: one backward pass for each."""

PROBES: Final = 4
"""Random directions from which it is estimated otherwise."""


class NetDrift:
    """The velocity of the probability flow at places, and its divergence, from one forward and some backward passes."""

    def __init__(self, model: DenoisingModel, labels: Tensor | None, probes: Tensor) -> None:
        """Take the net that is told these classes.

        Args:
            model: the net, with its process.
            labels: shape (N,), −1 or None for any class.
            probes: eₚ, shape (P, N, d) or (P, 1, d), with Σ eₚ eₚᵀ = I, or so in the mean.
        """
        self._model, self._labels, self._probes = model, labels, probes

    def __call__(self, t: float, state: Tensor) -> Tensor:
        """The slope of places and of the growth of space around them: shape (N, d + 1) to the same."""
        model, u = self._model, state[:, : self._model.dimension]
        times = torch.full((len(u), 1), t, dtype=u.dtype, device=u.device)
        with torch.enable_grad():
            place = u.detach().requires_grad_()
            rows = model.embed(place, times, self._labels)
        output = model.network.forward(rows.detach())
        own, of_net = shares(model, t)
        velocity = own * u + of_net * output[:, : model.dimension]
        trace = sum((self._along(probe, place, rows, output) for probe in self._probes), torch.zeros(len(u)).to(u))
        return torch.cat([velocity, (own * model.dimension + of_net * trace)[:, None]], 1)

    def _along(self, probe: Tensor, place: Tensor, rows: Tensor, output: Tensor) -> Tensor:
        """eᵀ (∂F/∂u) e, shape (N,)."""
        direction = torch.zeros_like(output)
        direction[:, : probe.shape[1]] = probe
        pulled = self._model.network.pull(direction)
        (slope,) = torch.autograd.grad([rows], [place], [pulled], retain_graph=True)
        return (slope * probe).sum(1)


def shares(model: DenoisingModel, t: float) -> tuple[float, float]:
    """The numbers a and b of v = a u + b F at t: data and noise follow from F and u by an affine rule."""
    level = model.process.at(t)
    zero, one = torch.zeros(1, 1, dtype=torch.float64), torch.ones(1, 1, dtype=torch.float64)

    def velocity(output: Tensor, u: Tensor) -> float:
        return float(level.velocity(*model.prediction.split(output, u, level)))

    return velocity(zero, one), velocity(one, zero)


def probes_for(n: int, dimension: int) -> Tensor:
    """All directions, shape (d, 1, d), or a few random ones of length 1 for each point, shape (P, n, d).

    Σ eₚᵀ J eₚ is the trace of J, or an estimate of it without bias: the signs are fixed, so that a point keeps its
    estimate while a model trains.

    Source: Hutchinson 1990, Commun. Stat. Simul. Comput. 19.
    """
    if dimension <= EXACT:
        return torch.eye(dimension)[:, None]
    fixed = torch.Generator().manual_seed(0)
    signs = 2.0 * torch.randint(2, (PROBES, n, dimension), generator=fixed) - 1
    return signs / math.sqrt(PROBES)


def times(process: NoiseProcess, steps: int) -> list[float]:
    """From 0 to 1, in equal steps of log((σ + eα)/(α + eσ)) with e = .05."""
    every = torch.linspace(0, 1, TICKS, dtype=torch.float64)
    level = process.at(every)
    clock = ((level.sigma + END * level.alpha) / (level.alpha + END * level.sigma)).log().numpy()
    return np.interp(np.linspace(clock[0], clock[-1], steps + 1), clock, every.numpy()).tolist()


def carried(slope: Slope, state: Tensor, times: list[float]) -> Tensor:
    """Where the flow takes states that start at the first of these times and stop at the last, shape (N, m)."""
    for start, stop in pairwise(times):
        state = runge_kutta_step(slope, state, start, stop)
    return state


def grown(slope: Slope, u: Tensor, times: list[float]) -> tuple[Tensor, Tensor]:
    """Where places, shape (N, d), are at the end, and how much space grew there: ∫ ∇·v dt, shape (N,).

    Args:
        slope: of places with the growth as a last column.
        u: places at the first time, units of the process.
        times: where steps begin and end.
    """
    end = carried(slope, torch.cat([u, torch.zeros_like(u[:, :1])], 1), times)
    return end[:, :-1], end[:, -1]


def log_density(model: DenoisingModel, v: Tensor, labels: Tensor | None, steps: int) -> Tensor:
    """Log p of the flow at places in units of the process, shape (N, d) to (N,), nats; of the class, where one is told.

    Where noise is left at t = 0 this is the density there, α(0) v standing for v: that of data blurred by σ(0)/α(0).
    """
    alpha, sigma = float(model.process.at(0.0).alpha), float(model.process.at(1.0).sigma)
    parts, way = [], times(model.process, steps)
    for start in range(0, len(v), CHUNK):
        part = v[start : start + CHUNK]
        told = None if labels is None else labels[start : start + CHUNK]
        drift = NetDrift(model, told, probes_for(len(part), model.dimension).to(v))
        end, growth = grown(drift, alpha * part, way)
        parts.append(model.source.log_prob(end / sigma) + growth)
    return torch.cat(parts) + model.dimension * math.log(alpha / sigma)


def mixed_log_density(model: DenoisingModel, v: Tensor, steps: int) -> Tensor:
    """Log Σ_c π_c p(v|c), shape (N,): of a net that was told every class, and so knows no law of all of them."""
    told = [log_density(model, v, torch.full((len(v),), label), steps) for label in range(model.classes)]
    return (torch.stack(told, 1) + model.condition.shares.to(v).log()).logsumexp(1)


def ends(field: Field, v: Tensor, steps: int) -> Tensor:
    """The z from which the flow comes to places in units of the process, shape (N, d) to (N, d)."""
    start, last = field.process.at(0.0), field.process.at(1.0)
    way = times(field.process, steps)
    end = carried(lambda t, u: field.velocity(u, t), float(start.alpha) * v, way)
    return end / float(last.sigma)


def passes(dimension: int, steps: int) -> int:
    """How many passes of a net the density of one point takes."""
    return steps * STAGES * (1 + (dimension if dimension <= EXACT else PROBES))


def remark(model: DenoisingModel) -> str:
    """Which law has the density that is told, a clause."""
    if model.is_vast_mixture:
        return f"the density is known given a caption alone: all of {model.classes} were told, so that none is of all"
    if not model.source.has_density:
        return f"the density of “{model.source.title}” is not known, so neither is that of what flows from it"
    parts = ["the density of the probability flow"]
    if not model.sampler.is_deterministic:
        parts.append(f"from which samples of “{model.sampler.title}” differ by the errors of the net")
    if model.classes and model.guidance:
        parts.append("without guidance")
    level = model.process.at(0.0)
    if model.process.ends_noisy:
        parts.append(f"with noise of {float(level.sigma / level.alpha):.2g} standard deviations of the data left in it")
    if model.dimension > EXACT:
        parts.append(f"an estimate without bias, from {PROBES} random directions")
    return ", ".join(parts)
