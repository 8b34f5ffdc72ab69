"""Diffusion: data are washed out by noise over T levels, and a net learns to go back."""

from __future__ import annotations

from typing import ClassVar

from models.architectures import Architecture
from models.families._base import FAMILIES
from models.families._scheduled import ScheduledFamily
from models.registry import option
from models.schedules import NoiseProcess


@FAMILIES.register
class Diffusion(ScheduledFamily):
    """Noise comes in over T levels, q(u_t | u₀) = N(α_t u₀, σ_t² I); a net learns what was there before.

    Sampling starts at noise and goes back level by level.

    Source: Ho et al. 2020, Denoising diffusion probabilistic models, arXiv:2006.11239, eq. 4 and 11.
    """

    title: ClassVar[str] = "Diffusion (DDPM)"
    source: ClassVar[str] = "Ho et al. 2020, arXiv:2006.11239, eq. 4 and 11"
    formula: ClassVar[str] = r"q(u_t \,|\, u_0) = N(\alpha_t u_0,\ \sigma_t^2 I)"

    levels: int = option(
        100, label="levels", symbol="T", low=2, high=1000, log=True, help="How many levels of noise training looks at."
    )
    learnt_variance: bool = option(
        default=False, label="learnt variance", symbol="Σ_θ",
        help="The net also says how far each backward step is to spread, by which fewer steps do; the ancestral "
        "sampler takes it up.",
    )  # fmt: skip

    def label(self, architecture: Architecture) -> str:
        """With the number of levels."""
        return f"{self.title}, T = {self.levels} · {architecture.label()}"

    @property
    def process(self) -> NoiseProcess:
        """T levels of the schedule."""
        return NoiseProcess(self.schedule, self.levels)

    @property
    def outputs(self) -> int:
        """Two, with a learnt variance."""
        return 2 if self.learnt_variance else 1
