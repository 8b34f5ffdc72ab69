"""A game of two numbers as a picture: where each point of the plane (θ, ψ) is driven."""

from __future__ import annotations

import math
from typing import ClassVar, Final
from weakref import WeakKeyDictionary

import numpy as np
import torch

from models.experiment import Experiment
from models.objectives._base import Game
from models.observations._base import OBSERVATIONS, Array, Arrays, Observation, Subject

SIDE: Final = 21
"""Points of the field along each axis; odd, so that the axes themselves are among them."""

LEAST: Final = 1.0
GROWTH: Final = 1.6
"""From one size of the plane to the next."""

MARGIN: Final = 1.25
NUDGES: Final = (1e-2, 1e-3)
"""Two distances over which the field is differentiated; where they disagree it has a kink."""

_FIELDS: Final[WeakKeyDictionary[Game, dict[tuple[Experiment, float], Arrays]]] = WeakKeyDictionary()
"""The field depends on the recipe alone: it is found once, not at every step."""


@OBSERVATIONS.register
class PhasePortrait(Observation):
    """The vector field (−∂L_G/∂θ, −∂L_T/∂ψ) of both players' losses, and where the game stands in it.

    For games of one weight each. The losses are the recipe's own, penalties included: each point of the grid is a turn
    of the objective with the weights set there.
    """

    title: ClassVar[str] = "phase portrait"
    source: ClassVar[str] = "Mescheder et al. 2018, arXiv:1801.04406, figure 1 and section 2"

    def missing(self, subject: Subject) -> str:
        """For a generator of one weight against a critic of one, with data that is one point."""
        if not subject.game.is_planar:
            return "Needs one weight in the generator and one in the critic, as the Dirac-GAN has."
        is_point = bool((subject.real == subject.real[0]).all())
        return "" if is_point else "Needs data that is one point: else every batch drives the game elsewhere."

    def observe(self, subject: Subject) -> Arrays:
        """The field and the game's place in it.

        Keys: ``field``, shape (21, 21, 2), over [−e, e]², first axis ψ from the bottom, second axis θ; ``extent``, e;
        ``point`` and ``start``, shape (2,): (θ, ψ) now and at step 0; ``equilibrium``, shape (2,), where both players
        rest; ``jacobian``, shape (2, 2), of the field there, and ``step``, shape (2, 2), of one whole step of plain
        gradient descent there: NaN where there is none.
        """
        place = np.array(list(subject.game.place().values()))
        start = _start(subject.experiment)
        return {**_field(subject, _extent(place, start)), "point": _plain(place), "start": _plain(start)}


def _extent(*places: Array) -> float:
    """Half the side of what is shown of the plane, in few sizes: it seldom changes as a path spirals outwards."""
    furthest = max(float(np.linalg.norm(place)) for place in places)
    sizes = math.ceil(math.log(max(furthest, LEAST), GROWTH)) if math.isfinite(furthest) else 0
    return MARGIN * GROWTH**sizes


def _start(experiment: Experiment) -> Array:
    """Both weights at step 0, which are told and not drawn."""
    chance = torch.Generator().manual_seed(0)
    model = experiment.family.build(experiment.architecture, experiment.latent, experiment.data.dimension, chance)
    critic = experiment.objective.build_critic(experiment, chance)
    assert critic is not None
    return np.array([float(model.network.theta), float(critic.theta)])


def _field(subject: Subject, extent: float) -> Arrays:
    """The parts that do not change with the step, from memory if they were found before."""
    known = _FIELDS.setdefault(subject.game, {})
    key = (subject.experiment, extent)
    if key not in known:
        if any(experiment != subject.experiment for experiment, _ in known):
            known.clear()
        known[key] = _make(subject, extent)
    return known[key]


def _make(subject: Subject, extent: float) -> Arrays:
    line = np.linspace(-extent, extent, SIDE)
    grid = np.stack(np.meshgrid(line, line), -1)
    jacobian = _jacobian(subject)
    return {
        "field": _plain(drive(subject, grid.reshape(-1, 2)).reshape(grid.shape)),
        "extent": _plain(np.array(extent)),
        "equilibrium": _plain(np.array([float(subject.real[0, 0]), 0.0])),
        "jacobian": _plain(jacobian),
        "step": _plain(_step(subject.experiment, jacobian)),
    }


def drive(subject: Subject, places: Array) -> Array:
    """(−∂L_G/∂θ, −∂L_T/∂ψ) at places (θ, ψ), shape (N, 2), by the objective's own turns; weights are put back."""
    game, objective = subject.game, subject.experiment.objective
    model, critic = game.model.network, game.critic
    assert critic is not None
    before = model.theta.clone(), critic.theta.clone()
    driven = np.empty(places.shape)
    for i, (theta, psi) in enumerate(places):
        model.theta.fill_(theta)
        critic.theta.fill_(psi)
        objective.critic_turn(game)
        driven[i, 1] = -float(critic.gradient)
        objective.generator_turn(game)
        driven[i, 0] = -float(model.gradient)
    model.theta.copy_(before[0])
    critic.theta.copy_(before[1])
    return driven


def _jacobian(subject: Subject) -> Array:
    """∂field/∂(θ, ψ) at the equilibrium by central differences; NaN where there is none."""
    centre = np.array([float(subject.real[0, 0]), 0.0])
    wide, close = (_differences(subject, centre, nudge) for nudge in NUDGES)
    is_smooth = np.allclose(wide, close, rtol=0.02, atol=0.02)
    return close if is_smooth else np.full((2, 2), np.nan)


def _differences(subject: Subject, centre: Array, nudge: float) -> Array:
    shifts = nudge * np.concatenate([np.eye(2), -np.eye(2)])
    driven = drive(subject, centre + shifts)
    return ((driven[:2] - driven[2:]) / (2 * nudge)).T


def _step(experiment: Experiment, jacobian: Array) -> Array:
    """The linear map of one whole step of plain gradient descent, in the order of its moves; NaN for other rules."""
    objective, optimizer = experiment.objective, experiment.optimizer
    if not optimizer.is_plain:
        return np.full((2, 2), np.nan)
    generator, critic = np.eye(2), np.eye(2)
    generator[0] += optimizer.lr * jacobian[0]
    critic[1] += objective.critic_rate * jacobian[1]
    if objective.simultaneous:
        return generator + critic - np.eye(2)
    return generator @ np.linalg.matrix_power(critic, objective.critic_turns)


def _plain(array: Array) -> Array:
    return array.astype(np.float32)
