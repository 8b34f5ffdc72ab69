"""Langevin dynamics at one level of noise after the other."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from models.registry import option
from models.samplers._base import SAMPLERS, Field, State, Stepper
from models.samplers._noise import Noise
from models.samplers._reverse import langevin_step


@SAMPLERS.register
class AnnealedLangevin(Stepper):
    """A random walk up the score at each level of noise, from the highest to the lowest; nothing leads between them.

    Each level is searched from where the one before ended, u/α kept. The walk has to settle anew at every level, so
    this takes many steps, and what it does not settle stays: at few levels samples are too far spread.

    Source: Song and Ermon 2019, arXiv:1907.05600, algorithm 1, with c for ε/σ_L².
    """

    title: ClassVar[str] = "Annealed Langevin"
    source: ClassVar[str] = "Song and Ermon 2019, arXiv:1907.05600, algorithm 1"
    formula: ClassVar[str] = (
        r"u \leftarrow u + \tfrac{1}{2} c\, \sigma_t^2\, \nabla \log p_t(u) + \sqrt{c}\; \sigma_t\, \xi"
    )

    repeats: int = option(
        5, label="steps at a level", symbol="K", low=1, high=100, log=True, live=True,
        help="How many Langevin steps are taken at each of the S levels.",
    )  # fmt: skip
    size: float = option(
        0.2, label="step size", symbol="c", low=0.001, high=1.0, log=True, live=True,
        help="Square of a step's noise, in units of σ²: longer ones settle sooner, with a greater error.",
    )  # fmt: skip

    def step(self, field: Field, state: State, to: float, noise: Noise) -> Tensor:
        """To the next level, and the walk there."""
        u = state.u * float(field.process.at(to).alpha / field.process.at(state.time).alpha)
        for number in range(self.repeats):
            u = langevin_step(field, State(to, u), self.size, noise.of_step(number))
        return u

    @property
    def cost(self) -> int:
        """One look at the field for each step at a level."""
        return self.steps * self.repeats
