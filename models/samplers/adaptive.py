"""The probability-flow equation with steps as long as an error allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

from torch import Tensor

from models.registry import option
from models.samplers._base import SAMPLERS, Field, Sampler, State
from models.samplers._noise import Noise
from models.samplers._ode import STAGES, accepted, solve
from models.schedules import NoiseProcess

LOOKS: Final = 20
"""Times at which the way can be broken off."""

LONGEST: Final = 1 / 8
"""Of all steps, in t: two formulas can agree by chance on a step that leaps over what matters."""

TYPICAL: Final = 4
"""Steps through a trained field at a tolerance of 1, as its fifth root tells."""


@SAMPLERS.register
class Adaptive(Sampler):
    """Steps of order 5 that are so long that their error, told by a second formula of order 4, is what is tolerated.

    How many they are depends on the field, and one length is chosen for all samples at once, by the worst of them: the
    last digits of a sample depend on the others. If 200 steps do not suffice, the samples are no numbers.

    Source: Dormand and Prince 1980, J. Comput. Appl. Math. 6; for the probability flow Song et al. 2021,
    arXiv:2011.13456, section 4.3.
    """

    title: ClassVar[str] = "Probability flow, adaptive (Dormand–Prince)"
    source: ClassVar[str] = "Dormand and Prince 1980, J. Comput. Appl. Math. 6"
    formula: ClassVar[str] = r"\frac{du}{dt} = v(u, t),\quad \Vert u^{(5)} - u^{(4)} \Vert_\infty \leq \tau"
    capabilities: ClassVar[frozenset[str]] = frozenset({"deterministic"})
    order: ClassVar[int | None] = 5

    tolerance: float = option(
        1e-3, label="tolerance", symbol="τ", low=1e-6, high=1e-1, log=True, live=True,
        help="Largest error that a step may make in a coordinate, in units of the process.",
    )  # fmt: skip

    def times(self, process: NoiseProcess) -> list[float]:
        """Evenly spaced: the steps' own times are not known beforehand."""
        return process.grid(LOOKS)

    def step(self, field: Field, state: State, to: float, noise: Noise) -> Tensor:
        """As many steps as are needed."""
        return solve(lambda t, u: field.velocity(u, t), state.u, state.time, to, self.tolerance, longest=LONGEST)

    def along(self, field: Field, state: State, noise: Noise) -> Iterator[State]:
        """Every step that was taken."""
        yield state
        if state.time > 0:
            slope = lambda t, u: field.velocity(u, t)  # noqa: E731
            places = accepted(slope, state.u, state.time, 0.0, self.tolerance, longest=LONGEST)
            yield from (State(*place) for place in places)

    @property
    def cost(self) -> int:
        """An estimate: how many steps it takes depends on the field, and grows with the fifth root of 1/τ."""
        return round(len(STAGES) * max(1 / LONGEST, TYPICAL * self.tolerance**-0.2))
