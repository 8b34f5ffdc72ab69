"""The probability-flow equation in straight steps."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from models.samplers._base import SAMPLERS, Field, State, Stepper
from models.samplers._noise import Noise


@SAMPLERS.register
class Euler(Stepper):
    """Every sample follows du/dt = v(u, t), the mean velocity there, in straight steps.

    The law of u_t is at each time that of the noised data, but no fresh noise enters: noise and data belong together
    one to one. The error falls as 1/S.

    Source: Song et al. 2021, arXiv:2011.13456, eq. 13.
    """

    title: ClassVar[str] = "Probability flow, Euler"
    source: ClassVar[str] = "Song et al. 2021, arXiv:2011.13456, eq. 13"
    formula: ClassVar[str] = r"u_{t-h} = u_t - h\, v(u_t, t)"
    capabilities: ClassVar[frozenset[str]] = frozenset({"deterministic"})
    order: ClassVar[int | None] = 1

    def step(self, field: Field, state: State, to: float, noise: Noise) -> Tensor:
        """Along the velocity where the step begins."""
        return state.u + (to - state.time) * field.velocity(state.u, state.time)
