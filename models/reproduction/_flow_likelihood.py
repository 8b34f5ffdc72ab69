"""Log-likelihoods by the probability-flow equation: of the exact field, and of trained nets on held-out data."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor

from models.data import Data
from models.experiment import Experiment
from models.families._probability_flow import STEPS, grown, times
from models.observations._exact_field import ExactField
from models.reproduction._base import Check, Progress, Protocol, Row, Trial, averaged, mean, train, values
from models.reproduction._exact_sampling import field_of
from models.schedules import NoiseProcess

EXACT_POINTS: Final = 500
HELD_OUT: Final = 4_000
"""Fresh points on which log-likelihoods are taken."""

AGREES: Final = 1e-2
"""Nats by which the equation's log-likelihood may be off the closed form, on average over points."""

NEAR: Final = 0.02
"""Nats by which a trained model's held-out NLL may exceed the entropy."""

ERROR: Final = "mean |log p by the equation − log p|, nats"
HELD: Final = "held-out NLL, nats"
ABOVE: Final = "NLL above the data's own"


class ExactDrift:
    """The exact velocity and its divergence, the latter by automatic differentiation in double precision."""

    def __init__(self, field: ExactField) -> None:
        """Take the field."""
        self._field = field

    def __call__(self, t: float, state: Tensor) -> Tensor:
        """The slope of places and of the growth of space around them: shape (N, d + 1) to the same."""
        with torch.enable_grad():
            u = state[:, :-1].detach().requires_grad_()
            velocity = self._field.velocity(u, t)
            slopes = [
                torch.autograd.grad(velocity[:, axis].sum(), u, retain_graph=True)[0][:, axis]
                for axis in range(u.shape[1])
            ]
        return torch.cat([velocity.detach(), torch.stack(slopes, 1).sum(1, keepdim=True)], 1)


def flow_log_prob(field: ExactField, x: Tensor, steps: int = STEPS) -> Tensor:
    """Log p(x) of what the exact field carries from its source to data, data units, nats: shape (N, d) to (N,)."""
    d, process = x.shape[1], field.process
    alpha, sigma = float(process.at(0.0).alpha), float(process.at(1.0).sigma)
    inside = (x.double() - field.centre) / field.scale
    end, growth = grown(ExactDrift(field), alpha * inside, times(process, steps))
    source = -0.5 * ((end / sigma).square().sum(1) + d * math.log(2 * math.pi))
    return source + growth + d * math.log(alpha / sigma / field.scale)


@dataclass(frozen=True)
class ExactLikelihood:
    """The equation with the exact field against the closed form.

    Attributes:
        data: the law.
        process: how noise comes in.
    """

    data: Data
    process: NoiseProcess

    def trial(self, seed: int, budget: float, chance: torch.Generator, progress: Progress) -> Trial:
        """On fresh points."""
        x = self.data.draw(max(10, round(EXACT_POINTS * budget)), chance)
        off = flow_log_prob(field_of(self.process, self.data), x) - self.data.log_prob(x.double())
        progress(1.0)
        return {ERROR: float(off.abs().mean())}

    def rows(self, protocol: Protocol, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        """One."""
        check = Check.at_most(AGREES, mean(values(trials, ERROR)))
        note = f"{EXACT_POINTS} fresh points, {STEPS} steps of Runge and Kutta"
        return [protocol.row(case, ERROR, trials, oracle=0.0, check=check, note=note)]


@dataclass(frozen=True)
class LearntLikelihood:
    """The held-out likelihood of a trained model.

    Attributes:
        recipe: what is trained.
        data: the law.
        entropy: of the law, nats.
    """

    recipe: Mapping[str, Any]
    data: Data
    entropy: float

    def trial(self, seed: int, budget: float, chance: torch.Generator, progress: Progress) -> Trial:
        """Train, and judge on fresh points, against the log density of the data at the same points."""
        steps = max(1, round(budget * self.recipe["steps"]))
        recipe = Experiment.from_dict({**self.recipe, "data": self.data, "seed": seed, "steps": steps})
        model = averaged(train(recipe, lambda share: progress(0.8 * share)))
        x = self.data.draw(max(20, round(HELD_OUT * budget)), chance)
        above = statistics.fmean((self.data.log_prob(x) - model.log_prob(x)).tolist())
        progress(1.0)
        return {ABOVE: above, HELD: self.entropy + above}

    def rows(self, protocol: Protocol, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        """One: no density has a smaller one than the entropy."""
        found = mean(values(trials, HELD))
        check = Check(
            f"within {NEAR:g} of the entropy, and no more than {AGREES:g} below it",
            found is not None and -AGREES <= found - self.entropy <= NEAR,
        )
        note = f"on {HELD_OUT:,} fresh points: the entropy and what the data's own log p is higher at the same points"
        return [protocol.row(case, HELD, trials, oracle=self.entropy, check=check, note=note)]
