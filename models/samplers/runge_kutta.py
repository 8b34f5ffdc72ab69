"""The probability-flow equation by the classical method of Runge and Kutta."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from models.samplers._base import SAMPLERS, Field, State, Stepper
from models.samplers._noise import Noise
from models.samplers._ode import runge_kutta_step


@SAMPLERS.register
class RungeKutta(Stepper):
    """Every step goes along a mean of four velocities: where it begins, twice in its middle and where it ends.

    The error falls as 1/S⁴ where the velocity is smooth; of a net with kinks it is not.

    Source: Hairer, Nørsett and Wanner 1993, Solving ordinary differential equations I, section II.1.
    """

    title: ClassVar[str] = "Probability flow, Runge–Kutta 4"
    source: ClassVar[str] = "Hairer, Nørsett and Wanner 1993, Solving ordinary differential equations I, section II.1"
    formula: ClassVar[str] = r"u_{t-h} = u_t - \tfrac{h}{6} \left(k_1 + 2 k_2 + 2 k_3 + k_4\right)"
    capabilities: ClassVar[frozenset[str]] = frozenset({"deterministic"})
    order: ClassVar[int | None] = 4
    evaluations: ClassVar[int] = 4

    def step(self, field: Field, state: State, to: float, noise: Noise) -> Tensor:
        """Along the mean of four velocities."""
        return runge_kutta_step(lambda t, u: field.velocity(u, t), state.u, state.time, to)
