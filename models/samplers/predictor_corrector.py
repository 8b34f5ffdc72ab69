"""Steps of the reverse equation, each corrected at the time where it ends."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from models.registry import option
from models.samplers._base import SAMPLERS, Field, State, Stepper
from models.samplers._noise import Noise
from models.samplers._reverse import langevin_step, reverse_step


@SAMPLERS.register
class PredictorCorrector(Stepper):
    """A step backwards in time predicts a sample, and Langevin steps at the new time bring it nearer to the law p_t.

    A correction has the length 2 (r ‖ξ‖/‖∇ log p_t‖)², with the norms that both have in the mean, √d and √d/σ, instead
    of those of a batch: so what becomes of a sample does not depend on the others. A correction has an error of its
    own, of the size of r²σ², so the order is that of nothing; it dies away with σ.

    Source: Song et al. 2021, arXiv:2011.13456, algorithm 1 with the corrector of algorithms 4 and 5.
    """

    title: ClassVar[str] = "Predictor–corrector"
    source: ClassVar[str] = "Song et al. 2021, arXiv:2011.13456, algorithms 1, 4 and 5"
    formula: ClassVar[str] = r"u \leftarrow u + e\, \nabla \log p_t(u) + \sqrt{2e}\; \xi,\quad e = 2 r^2 \sigma_t^2"

    corrections: int = option(
        1, label="corrections", symbol="M", low=1, high=20, live=True, help="How many Langevin steps follow each step."
    )
    ratio: float = option(
        0.16, label="signal to noise", symbol="r", low=0.01, high=0.5, log=True, live=True,
        help="How long a correction is: the ratio of the score's part in it to that of the noise.",
    )  # fmt: skip

    def step(self, field: Field, state: State, to: float, noise: Noise) -> Tensor:
        """Predict, then correct."""
        u = reverse_step(field, state, to, noise)
        for number in range(1, self.corrections + 1):
            u = langevin_step(field, State(to, u), 4 * self.ratio**2, noise.of_step(number))
        return u

    @property
    def cost(self) -> int:
        """One look at the field for the step, and one for each correction."""
        return self.steps * (1 + self.corrections)
