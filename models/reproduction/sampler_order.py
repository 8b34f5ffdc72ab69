"""How fast the error of every sampler falls with its steps, measured without any chance.

On data N(m, s²) what is behind the noise is linear in u_t, and so is everything that a sampler makes of its start and
of its fresh noise. The probability flow is known there, so the error of each path of a sampler without fresh noise is
its distance from that. What one with fresh noise draws is normal, and its mean and variance follow from where it ends
with no noise at all and with a one in place of each of its normal numbers in turn: not a single one is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, Final

import numpy as np
import torch
from torch import Tensor

from models.reproduction._base import PROTOCOLS, Check, Progress, Protocol, Row, Trial, mean, values
from models.samplers import SAMPLERS, Field, Noise, Sampler, State, Stepper
from models.schedules import SCHEDULES, NoiseProcess

MEAN: Final = 0.7
STD: Final = 0.5
"""Of the data."""

STEPS: Final = (64, 128, 256)
MOST: Final = 1000
LEAST: Final = 8
"""Steps where only a try is wanted."""

STARTS: Final = 9
"""Paths that are followed, from −2 to 2 standard deviations."""

CLOSE: Final = 0.15
"""By how much an order may be missed."""

RIGHT: Final = 0.05
"""Largest error, in standard deviations of the data, of what a sampler without an order draws with the most steps."""

UNBOUNDED: Final = 1e9
"""A tolerance with which every step is accepted, so that a solver takes the steps that it is given."""

ORDER: Final = "order of convergence"
REST: Final = f"error of the law drawn in {MOST:,} steps, in standard deviations of the data"

NO_ORDER: Final = "no order is declared: its corrections have an error of their own, which dies away with the noise"

EXPLODING: Final = NoiseProcess(SCHEDULES.parse({"key": "variance_exploding", "least": 0.05, "most": 5.0}))
"""For samplers without fresh noise."""

PRESERVING: Final = NoiseProcess(SCHEDULES["linear"](), levels=10)
"""For those with fresh noise: where noise explodes, the leading error of Euler–Maruyama in a normal law is 0 by chance.

From a tenth of the time on: the first bit of noise grows like √t, where no method has its order.
"""

WHOLE: Final = NoiseProcess(SCHEDULES["linear"]())
"""For those without an order."""

OTHERWISE: Final[Mapping[str, Mapping[str, Mapping[str, Any]]]] = MappingProxyType({"ddim": {", η = 1": {"eta": 1.0}}})
"""Options with which a sampler is measured besides its defaults, and how they are told."""


class LinearField(Field):
    """What is behind the noise if the data are N(m, s²): both means are linear in u."""

    def __init__(self, process: NoiseProcess) -> None:
        self.process = process

    def split(self, u: Tensor, t: float) -> tuple[Tensor, Tensor]:
        """Bayes' rule for two normal laws."""
        level = self.process.at(t)
        alpha, sigma = float(level.alpha), float(level.sigma)
        share = (u - alpha * MEAN) / (alpha**2 * STD**2 + sigma**2)
        return MEAN + alpha * STD**2 * share, sigma * share

    def law(self, t: float) -> tuple[float, float]:
        """Mean and standard deviation of u_t."""
        level = self.process.at(t)
        return float(level.alpha) * MEAN, math.hypot(float(level.alpha) * STD, float(level.sigma))

    def law_drawn(self) -> tuple[float, float]:
        """Those of what is drawn without any error: where noise is left at t = 0, it is taken away at once."""
        middle, std = self.law(0.0)
        if not self.process.ends_noisy:
            return middle, std
        ends = self.denoised(torch.tensor([middle, middle + std], dtype=torch.float64), 0.0)
        return float(ends[0]), float(ends[1] - ends[0])


@dataclass
class Impulses:
    """Noise of 0 everywhere but for a single 1: in row i + 2 for the i-th number of all that are asked for.

    Attributes:
        path: of steps, to the noise here.
        order: of the numbers asked for so far.
    """

    path: tuple[int, ...] = ()
    order: dict[tuple[int, ...], int] = field(default_factory=dict)

    def of_step(self, number: int) -> Noise:
        """That of one step."""
        return Impulses((*self.path, number), self.order)

    def draw(self, like: Tensor) -> Tensor:
        """The 1 where there is a row for it, shape (N, 1)."""
        row = 2 + self.order.setdefault(self.path, len(self.order))
        noise = torch.zeros_like(like)
        noise[row : row + 1] = 1
        return noise


def law_error(sampler: Sampler, process: NoiseProcess) -> float:
    """How far mean and standard deviation of what is drawn are off, in standard deviations of the data."""
    exact = LinearField(process)
    middle, std = exact.law(1.0)
    asked = Impulses()
    sampler.end(exact, torch.full((1, 1), middle, dtype=torch.float64), asked)
    start = torch.full((2 + len(asked.order), 1), middle, dtype=torch.float64)
    start[1] += std
    ends = sampler.end(exact, start, Impulses())[:, 0]
    wanted = exact.law_drawn()
    found = float(ends[0]), float((ends[1:] - ends[0]).norm())
    return math.hypot(found[0] - wanted[0], found[1] - wanted[1]) / STD


def path_error(sampler: Sampler, process: NoiseProcess) -> float:
    """How far paths end from where the probability flow ends, root mean square over some, in the data's deviations."""
    exact = LinearField(process)
    shares = torch.linspace(-2, 2, STARTS, dtype=torch.float64)[:, None]
    (middle, std), (centre, width) = exact.law(1.0), exact.law_drawn()
    ends = sampler.end(exact, middle + std * shares, Impulses())
    return float((ends - (centre + width * shares)).square().mean().sqrt()) / STD


def measured_order(sampler: Sampler, steps: Sequence[int] = STEPS) -> float:
    """Minus the slope of the log error over the log number of steps."""
    finer = [with_steps(sampler, number) for number in steps]
    if sampler.is_deterministic:
        errors = [path_error(one, EXPLODING) for one in finer]
    else:
        errors = [law_error(one, PRESERVING) for one in finer]
    return -float(np.polyfit(np.log(steps), np.log(errors), 1)[0])


class EqualSteps(Stepper):
    """Equal steps of a sampler that has steps of its own choice."""

    solver: Sampler

    def step(self, field: Field, state: State, to: float, noise: Noise) -> Tensor:
        """One step, whatever its error."""
        return self.solver.model_copy(update={"tolerance": UNBOUNDED}).step(field, state, to, noise)


def with_steps(sampler: Sampler, steps: int) -> Sampler:
    """The sampler with so many equal steps."""
    if isinstance(sampler, Stepper):
        return sampler.model_copy(update={"steps": steps})
    return EqualSteps(solver=sampler, steps=steps)


def variants() -> dict[str, Sampler]:
    """Every sampler at its defaults, and some with other options, by title."""
    found: dict[str, Sampler] = {}
    for member in SAMPLERS:
        for told, options in {"": {}, **OTHERWISE.get(member.key, {})}.items():
            found[member.title + told] = member.parse(options)
    return found


@PROTOCOLS.register
class SamplerOrder(Protocol):
    """How fast each sampler's error falls with its steps, on data whose score is known, beside what it declares.

    Of a sampler without fresh noise the error is that of each path; of one with fresh noise, that of the mean and
    standard deviation of what it draws. Those that declare no order have to draw the right law with very many steps.

    Source: the sources of the samplers; Kloeden and Platen 1992, Numerical solution of stochastic differential
    equations, section 9.7, for weak convergence.
    """

    title: ClassVar[str] = "Order of the samplers"
    source: ClassVar[str] = "The samplers' own; Kloeden and Platen 1992, section 9.7 (weak convergence)"
    seconds: ClassVar[float] = 6.0
    seeded: ClassVar[bool] = False

    def cases(self) -> tuple[str, ...]:
        """Samplers."""
        return tuple(variants())

    def trial(self, case: str, seed: int, progress: Progress) -> Trial:
        """The order, or the error where there is none."""
        sampler = variants()[case]
        if sampler.order is None:
            return {REST: law_error(with_steps(sampler, max(LEAST, round(MOST * self.budget))), WHOLE)}
        return {ORDER: measured_order(sampler, [max(number // LEAST, round(number * self.budget)) for number in STEPS])}

    def judge(self, case: str, trials: Mapping[int, Trial]) -> list[Row]:
        """The measured order beside the declared one."""
        declared = variants()[case].order
        if declared is None:
            rest = mean(values(trials, REST))
            return [self.row(case, REST, trials, oracle=0.0, check=Check.at_most(RIGHT, rest), note=NO_ORDER)]
        found = mean(values(trials, ORDER))
        near = found is not None and abs(found - declared) <= CLOSE
        check = Check(f"within {CLOSE:g} of the declared order", near)
        steps = ", ".join(map(str, STEPS))
        kind = "of each path" if variants()[case].is_deterministic else "of the mean and standard deviation drawn"
        note = f"slope of the log error {kind} over {steps} equal steps, by the exact score of N({MEAN:g}, {STD:g}²)"
        return [self.row(case, ORDER, trials, published=float(declared), check=check, note=note)]
