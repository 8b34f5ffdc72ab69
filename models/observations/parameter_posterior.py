"""The particles themselves, in the plane of two weights, and the law that they tend to where that can be drawn."""

from __future__ import annotations

from typing import ClassVar, Final

import torch
from torch import Tensor

from models.families._ensemble import EnsembleModel
from models.objectives._particles import ensemble_of, whole_sample
from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, only_particles, plain

SIDE: Final = 64
MARGIN: Final = 0.25
"""Free space on each side of the particles, in units of their range."""

LAST: Final = ("logits",)
"""Weights that come after all others when two are chosen: they say how much of what the others say there is."""

LETTERS: Final = {"means": "μ", "free": "log σ"}
"""What the lecture calls weights that have a letter there."""

SUBSCRIPTS: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@OBSERVATIONS.register
class ParameterPosterior(Observation):
    """Two weights of each particle and of the maximum-likelihood fit, as points of the plane of these weights.

    Where the density depends on no other weight, the law that the particles tend to is drawn, too: exp(−U/τ) on a grid,
    such as that of μ and log σ of one Gaussian on the line.

    Source: Gelman et al. 2013, Bayesian Data Analysis, 3rd edition, section 3.7 (a posterior of two weights on a grid).
    """

    title: ClassVar[str] = "posterior over two weights"
    source: ClassVar[str] = "Gelman et al. 2013, Bayesian Data Analysis, 3rd edition, section 3.7"

    def missing(self, subject: Subject) -> str:
        """For families of particles with two weights or more."""
        few = "" if only_particles(subject) or len(ensemble_of(subject.game).names) > 1 else "Needs a θ of two weights."
        return only_particles(subject) or few

    def observe(self, subject: Subject) -> Arrays:
        """The chosen weights and what is known of their law.

        Returns:
            ``theta``: shape (M + 1, 2), the fit last; ``which``: places of the two in θ, int64; ``bounds``: (left,
            bottom, right, top); ``density``: of the law over them on cells, shape (64, 64), row 0 at the bottom,
            integral 1 over the bounds, or shape (0, 0) where other weights count, too; ``names``: of the two, as code
            points padded with zeros, int64, shape (2, L).
        """
        model = ensemble_of(subject.game)
        counting = _counting(subject, model)
        pair = sorted(counting, key=lambda at: (model.names[at].startswith(LAST), at))[:2]
        theta = model.theta.detach()[:, pair]
        bounds = _bounds(theta)
        is_known = len(counting) == 2 and "log_target" in subject.experiment.objective.capabilities
        density = _density(subject, pair, bounds) if is_known else torch.zeros(0, 0)
        return {
            "theta": plain(theta),
            "which": plain(torch.tensor(pair)),
            "bounds": plain(bounds),
            "density": plain(density),
            "names": plain(_code_points([_letters(at, model.names) for at in pair])),
        }


def _counting(subject: Subject, model: EnsembleModel) -> list[int]:
    """Places in θ of the weights that the likelihood depends on; of two at least, so that there is a plane."""
    sample = whole_sample(subject.game)
    model.network.differentiate(lambda: model.member_log_density(sample).sum())
    slope = model.network.gradient.view_as(model.theta).abs().amax(0)
    found = (slope > 0).nonzero()[:, 0].tolist()
    return found if len(found) > 1 else list(range(2))


def _bounds(theta: Tensor) -> Tensor:
    low, high = theta.amin(0), theta.amax(0)
    room = MARGIN * (high - low).clamp_min(1e-3)
    return torch.cat([low - room, high + room])


def _density(subject: Subject, pair: list[int], bounds: Tensor) -> Tensor:
    """exp(−U/τ) over two weights, all others as in the fit."""
    model = ensemble_of(subject.game)
    share = (torch.arange(SIDE) + 0.5) / SIDE
    across, up = (bounds[axis] + (bounds[axis + 2] - bounds[axis]) * share for axis in (0, 1))
    rows = model.theta.detach()[-1].repeat(SIDE * SIDE, 1)
    rows[:, pair] = torch.cartesian_prod(up, across).flip(1)
    log = subject.experiment.objective.log_target(subject.game, rows)
    mass = log.softmax(0).view(SIDE, SIDE)
    return mass / ((across[1] - across[0]) * (up[1] - up[0]))


def _letters(at: int, names: list[str]) -> str:
    """μ₁₂ for ``means[0, 1]``, counted from one, and without subscript where there is no other; else the name."""
    tensor, _, place = names[at].rstrip("]").partition("[")
    if tensor not in LETTERS:
        return names[at]
    is_alone = sum(name.startswith(f"{tensor}[") for name in names) == 1
    digits = ",".join(str(int(index) + 1) for index in place.split(", "))
    return LETTERS[tensor] + ("" if is_alone else digits.translate(SUBSCRIPTS))


def _code_points(names: list[str]) -> Tensor:
    length = max(map(len, names))
    return torch.tensor([[ord(letter) for letter in name] + [0] * (length - len(name)) for name in names])
