"""Diffusion: data are washed out by noise over T levels, and a net learns to go back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

from models.architectures import Architecture
from models.families._base import FAMILIES, Recipe
from models.families._denoising import NATURAL, DenoisingFamily, needs_score, place_features
from models.predictions import PREDICTIONS, Prediction
from models.registry import RecipeError, member_type, option
from models.schedules import SCHEDULES, NoiseProcess, Schedule


@FAMILIES.register
class Diffusion(DenoisingFamily):
    """Noise comes in over T levels, q(u_t | u₀) = N(α_t u₀, σ_t² I); a net learns what was there before.

    Sampling starts at noise and goes back level by level.

    Source: Ho et al. 2020, Denoising diffusion probabilistic models, arXiv:2006.11239, eq. 4 and 11.
    """

    title: ClassVar[str] = "Diffusion (DDPM)"
    source: ClassVar[str] = "Ho et al. 2020, arXiv:2006.11239, eq. 4 and 11"
    formula: ClassVar[str] = r"q(u_t \,|\, u_0) = N(\alpha_t u_0,\ \sigma_t^2 I)"
    capabilities: ClassVar[frozenset[str]] = frozenset({"sample", "process", "encode", "denoise"})
    requires: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType({"latent": frozenset({"standard_normal"})})
    natural: ClassVar[Mapping[str, Any]] = NATURAL

    levels: int = option(
        100, label="levels", symbol="T", low=2, high=1000, log=True, help="How many levels of noise training looks at."
    )
    schedule: Annotated[Schedule, member_type(SCHEDULES)] = option(
        SCHEDULES["cosine"](), label="schedule", symbol="α, σ", help="How fast the data are washed out."
    )
    prediction: Annotated[Prediction, member_type(PREDICTIONS)] = option(
        PREDICTIONS["noise"](), label="predicts", symbol="F", help="What the net says of a noised sample."
    )
    place_features: int = place_features(4)
    learnt_variance: bool = option(
        default=False, label="learnt variance", symbol="Σ_θ",
        help="The net also says how far each backward step is to spread, by which fewer steps do; the ancestral "
        "sampler takes it up.",
    )  # fmt: skip

    def label(self, architecture: Architecture) -> str:
        """With the number of levels."""
        return f"{self.title}, T = {self.levels} · {architecture.label()}"

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """Noise must be there at every level."""
        yield from super().objections(recipe)
        yield from needs_score(self.schedule, "linear")

    @property
    def process(self) -> NoiseProcess:
        """T levels of the schedule."""
        return NoiseProcess(self.schedule, self.levels)

    @property
    def predicted(self) -> Prediction:
        """As chosen."""
        return self.prediction

    @property
    def outputs(self) -> int:
        """Two, with a learnt variance."""
        return 2 if self.learnt_variance else 1
