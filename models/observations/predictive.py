"""What a posterior over θ predicts, beside the density of the one best θ, and how far its particles disagree."""

from __future__ import annotations

import math
from typing import ClassVar, Final

import torch
from torch import Tensor

from models.families._base import CHUNK
from models.families._ensemble import EnsembleModel
from models.objectives._particles import ensemble_of, whole_sample
from models.observations._base import (
    CURVE_POINTS,
    OBSERVATIONS,
    Arrays,
    Observation,
    Subject,
    only_particles,
    only_up_to,
    plain,
)
from models.observations.density import cell_middles

EVALUATIONS: Final = 160_000
"""Densities of single points under single members that this picture takes at most, as it keeps them all."""

SIDES: Final = (48, 96)
"""Least and most cells to a side."""

MEMBERS: Final = 8
"""Particles that are drawn one by one."""

BAND: Final = (0.05, 0.95)
SAMPLE: Final = 1_000
"""Points of the training sample that are marked."""


@OBSERVATIONS.register
class Predictive(Observation):
    """The predictive density p(x | D) = (1/M) Σₘ p(x | θₘ), single p(x | θₘ), and that of the maximum-likelihood fit.

    Where the particles disagree, data have not settled θ: the predictive density is broad there, while that of the fit
    knows of no doubt.

    Source: Gelman et al. 2013, Bayesian Data Analysis, 3rd edition, eq. 1.4.
    """

    title: ClassVar[str] = "predictive density"
    source: ClassVar[str] = "Gelman et al. 2013, Bayesian Data Analysis, 3rd edition, eq. 1.4"

    def missing(self, subject: Subject) -> str:
        """For families of particles, over one or two dimensions."""
        return only_particles(subject) or only_up_to(2, subject)

    def observe(self, subject: Subject) -> Arrays:
        """Densities in data units on the cells of the shown part, row 0 at the bottom, and the sample they come from.

        ``predictive``, ``fit`` and ``spread`` (standard deviation over the particles), ``low`` and ``high`` (between
        them lie 90 % of the particles): shape (S, S) in the plane, (256,) on the line; ``members``: the same of up to
        8 particles, the first ones; ``sample``: shape (n, d), at most 1,000 points.
        """
        model = ensemble_of(subject.game)
        shape = [_side(subject, model)] * subject.dimension
        members = _densities(model, cell_middles(subject, shape[0])).view(-1, *shape)
        particles = members[:-1]
        low, high = particles.quantile(torch.tensor(BAND), dim=0)
        parts = {
            "predictive": particles.mean(0),
            "fit": members[-1],
            "members": particles[:MEMBERS],
            "spread": particles.std(0, correction=0),
            "low": low,
            "high": high,
            "sample": model.outward(whole_sample(subject.game)[:SAMPLE]),
        }
        return {name: plain(part) for name, part in parts.items()}


def _side(subject: Subject, model: EnsembleModel) -> int:
    if subject.dimension == 1:
        return CURVE_POINTS
    least, most = SIDES
    return min(max(math.isqrt(min(EVALUATIONS, model.evaluations) // len(model.theta)), least), most)


def _densities(model: EnsembleModel, x: Tensor) -> Tensor:
    """Densities p(x | θₘ) in data units, shape (N, d) to (M + 1, N)."""
    with torch.no_grad():
        parts = [model.member_log_density(part) for part in model.inward(x).split(CHUNK)]
    return (torch.cat(parts, 1) - model.log_stretch).exp()
