"""The probability-flow equation by Heun's method."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from models.samplers._base import SAMPLERS, Field, State, Stepper
from models.samplers._noise import Noise


@SAMPLERS.register
class Heun(Stepper):
    """Every step goes along the mean of the velocities at its beginning and at the end of an Euler step.

    Two looks at the field make the error fall as 1/S². A step that ends where no noise is left is Euler's, for noise
    cannot be told from data there.

    Source: Karras et al. 2022, arXiv:2206.00364, algorithm 1, at the times of the schedule.
    """

    title: ClassVar[str] = "Probability flow, Heun"
    source: ClassVar[str] = "Karras et al. 2022, arXiv:2206.00364, algorithm 1"
    formula: ClassVar[str] = r"u_{t-h} = u_t - \tfrac{h}{2} \left(v(u_t, t) + v(u_t - h\, v(u_t, t),\ t - h)\right)"
    capabilities: ClassVar[frozenset[str]] = frozenset({"deterministic"})
    order: ClassVar[int | None] = 2
    evaluations: ClassVar[int] = 2

    def step(self, field: Field, state: State, to: float, noise: Noise) -> Tensor:
        """Along the mean of two velocities."""
        length, first = to - state.time, field.velocity(state.u, state.time)
        guess = state.u + length * first
        if not float(field.process.at(to).sigma):
            return guess
        return state.u + length / 2 * (first + field.velocity(guess, to))
