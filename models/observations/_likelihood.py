"""The likelihood of the training sample and of data held out of it, beside the best that there is, −H(P_X).

Means per data point, nats in data units, of the model that is shown.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, Protocol, cast

import torch
from torch import Tensor

from models.observations._base import Subject

HELD: Final = 2_000
"""Points of either kind whose exact density is looked at, at most."""

BOUNDED: Final = 500
"""Points of either kind whose bounds are worked out, each of them from many draws."""

ELBO_DRAWS: Final = 8
IMPORTANCE_DRAWS: Final = 50
"""K of the importance-weighted bound."""

CONFIDENCE: Final = 1.96
"""Standard errors within which 95 % of all means are."""

HELD_SEED: Final = 2
"""Of the held-out draws: another than those of pictures and measures."""


class Bounded(Protocol):
    """A model with bounds on its log density, in the units of training: shape (N, d) to (N,)."""

    def elbo(self, u: Tensor, chance: torch.Generator, draws: int) -> Tensor:
        """The evidence lower bound, the mean of so many draws."""
        ...

    def importance_bound(self, u: Tensor, chance: torch.Generator, draws: int) -> Tensor:
        """The bound with K importance weights."""
        ...


def tells_likelihood(subject: Subject) -> bool:
    """Whether there is a density or a bound to tell of, and no critic whose bound is told instead."""
    model = subject.game.model
    return subject.game.critic is None and model.density != "none" and model.density_points > 0


def likelihood(subject: Subject) -> dict[str, float]:
    """Mean log-likelihoods as far as they are known, in nats.

    ``train`` and ``held_out``: of the training sample, if it is finite, and of data that training never sees.
    ``oracle``: what the law itself has at the same held-out points, an estimate of −H(P_X); the expectation of
    ``held_out`` is never above it. ``floor``: by how much ``held_out`` comes to lie above it by chance, 1.96 standard
    errors of the mean of log p_θ − log p; more would be a leak. ``noise``: the standard error of ``held_out`` itself.

    Of a model with a bound, ``elbo_train`` and ``elbo`` stand for ``train`` and ``held_out``; besides there are
    ``importance_bound`` (K = 50) and, where it is exact, the ``evidence``, both on held-out data.
    """
    family = subject.experiment.family
    values = _bounds(subject) if "bound" in family.capabilities else _exact(subject)
    return {name: value for name, value in values.items() if math.isfinite(value)}


def lacking(subject: Subject) -> str:
    """Why there is no held-out curve, in one sentence; empty if there is one."""
    return "" if _held(subject) is not None else "No rows are held out: give “held out” of the data a share."


def _exact(subject: Subject) -> dict[str, float]:
    model, held, whole = subject.game.model, _held(subject), _training(subject)
    found = {} if whole is None else {"train": _mean(model.quick_log_prob(whole[: model.density_points]))}
    if held is None:
        return found
    held = held[: model.density_points]
    at = model.quick_log_prob(held)
    return {**found, "held_out": _mean(at), "noise": _error(at), **_oracle(subject, held, at)}


def _bounds(subject: Subject) -> dict[str, float]:
    held, whole = _held(subject), _training(subject)
    model, stretch = cast("Bounded", subject.game.model), subject.game.model.log_stretch
    elbo = _in_data_units(subject, lambda u: model.elbo(u, _chance(), ELBO_DRAWS) - stretch)
    found = {} if whole is None else {"elbo_train": _mean(elbo(whole[:BOUNDED]))}
    if held is None:
        return found
    few = held[:BOUNDED]
    tight = _in_data_units(subject, lambda u: model.importance_bound(u, _chance(), IMPORTANCE_DRAWS) - stretch)
    lower = elbo(few)
    found |= {"elbo": _mean(lower), "noise": _error(lower), "importance_bound": _mean(tight(few))}
    if subject.game.model.density != "exact":
        return found | _oracle(subject, few, None)
    at = subject.game.model.log_prob(few)
    return {**found, "evidence": _mean(at), **_oracle(subject, few, at)}


def _in_data_units(subject: Subject, bound: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """A bound as a function of points in data units, without gradient."""

    def of_points(x: Tensor) -> Tensor:
        with torch.no_grad():
            return bound(subject.game.model.inward(x))

    return of_points


def _oracle(subject: Subject, held: Tensor, at: Tensor | None) -> dict[str, float]:
    data = subject.experiment.data
    if "log_prob" not in data.capabilities:
        return {}
    best = subject.once(f"oracle of {len(held)}", lambda: data.log_prob(held))
    return {"oracle": _mean(best)} | ({} if at is None else {"floor": CONFIDENCE * _error(at - best)})


def _held(subject: Subject) -> Tensor | None:
    """Data units, shape (M, d)."""
    chance = torch.Generator().manual_seed(HELD_SEED)
    return subject.once("held out", lambda: subject.experiment.data.held_out_sample(HELD, chance))


def _training(subject: Subject) -> Tensor | None:
    """At most as many of a finite training sample, always the same, data units; None for fresh draws."""
    whole = subject.game.sample
    if whole is None:
        return None
    order = torch.randperm(len(whole), generator=_chance())[:HELD]
    return subject.once("training", lambda: subject.game.model.outward(whole[order]))


def _mean(values: Tensor) -> float:
    return float(values.double().mean())


def _error(values: Tensor) -> float:
    return float(values.double().std()) / len(values) ** 0.5


def _chance() -> torch.Generator:
    """The same at every step, so that what is shown moves only when the model does."""
    return torch.Generator().manual_seed(0)
