"""Score-based models: noise comes in by a stochastic differential equation, and the score leads back."""

from __future__ import annotations

from typing import Annotated, ClassVar

from models.families._base import FAMILIES
from models.families._denoising import sampler_option
from models.families._scheduled import ScheduledFamily, schedule_option
from models.registry import member_type
from models.samplers import SAMPLERS, Sampler
from models.schedules import SCHEDULES, NoiseProcess, Schedule


@FAMILIES.register
class ScoreBased(ScheduledFamily):
    """Data turn into noise in continuous time, and the score ∇ log p_t of what is in between is learnt.

    du = f u dt + g dw forward; du = (f u − g² ∇ log p_t(u)) dt + g dw̄ runs back, and has the same law at every time.
    The net gives ε = −σ_t ∇ log p_t, or something from which it follows. EDM is the schedule of Karras et al. with the
    preconditioned prediction.

    Source: Song et al. 2021, Score-based generative modeling through stochastic differential equations,
    arXiv:2011.13456, eq. 5 and 6; Karras et al. 2022, arXiv:2206.00364.
    """

    title: ClassVar[str] = "Score-based (SDE)"
    source: ClassVar[str] = "Song et al. 2021, arXiv:2011.13456, eq. 5 and 6"
    formula: ClassVar[str] = r"du = [f u - g^2 \nabla \log p_t(u)]\, dt + g\, d\bar w"

    sampler: Annotated[Sampler, member_type(SAMPLERS)] = sampler_option(SAMPLERS["euler_maruyama"]())
    schedule: Annotated[Schedule, member_type(SCHEDULES)] = schedule_option(SCHEDULES["variance_exploding"]())

    @property
    def process(self) -> NoiseProcess:
        """The schedule at all times."""
        return NoiseProcess(self.schedule)
