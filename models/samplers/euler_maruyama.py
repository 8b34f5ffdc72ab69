"""The noising process run backwards in time, in straight steps with fresh noise."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from models.samplers._base import SAMPLERS, Field, State, Stepper
from models.samplers._noise import Noise
from models.samplers._reverse import reverse_step


@SAMPLERS.register
class EulerMaruyama(Stepper):
    """The stochastic equation that has the laws p_t of the noised data when time runs backwards, in straight steps.

    Fresh noise makes up for errors of earlier steps, and needs more steps than the probability flow. The last step, to
    the data, brings none.

    Source: Song et al. 2021, arXiv:2011.13456, eq. 6; Anderson 1982, Stoch. Proc. Appl. 12.
    """

    title: ClassVar[str] = "Reverse SDE, Euler–Maruyama"
    source: ClassVar[str] = "Song et al. 2021, arXiv:2011.13456, eq. 6"
    formula: ClassVar[str] = r"du = \left(f u - g^2\, \nabla \log p_t(u)\right) dt + g\, d\bar w"
    order: ClassVar[int | None] = 1

    def step(self, field: Field, state: State, to: float, noise: Noise) -> Tensor:
        """Drift, and noise of variance g² h."""
        return reverse_step(field, state, to, noise)
