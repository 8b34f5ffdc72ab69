"""Score-based models: noise comes in by a stochastic differential equation, and the score leads back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

from models.families._base import FAMILIES, Recipe
from models.families._denoising import NATURAL, DenoisingFamily, needs_score, place_features
from models.predictions import PREDICTIONS, Prediction
from models.registry import RecipeError, member_type, option
from models.samplers import SAMPLERS, Sampler
from models.schedules import SCHEDULES, NoiseProcess, Schedule


@FAMILIES.register
class ScoreBased(DenoisingFamily):
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
    capabilities: ClassVar[frozenset[str]] = frozenset({"sample", "process", "encode", "denoise"})
    requires: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType({"latent": frozenset({"standard_normal"})})
    natural: ClassVar[Mapping[str, Any]] = NATURAL

    sampler: Annotated[Sampler, member_type(SAMPLERS)] = option(
        SAMPLERS["euler_maruyama"](), label="sampler", live=True,
        help="The way from noise to data; any trained model takes any.",
    )  # fmt: skip
    schedule: Annotated[Schedule, member_type(SCHEDULES)] = option(
        SCHEDULES["variance_exploding"](), label="schedule", symbol="α, σ", help="How fast the data are washed out."
    )
    prediction: Annotated[Prediction, member_type(PREDICTIONS)] = option(
        PREDICTIONS["noise"](), label="predicts", symbol="F", help="What the net says of a noised sample."
    )
    place_features: int = place_features(4)

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """There is a score where there is noise."""
        yield from super().objections(recipe)
        yield from needs_score(self.schedule, "variance_exploding")

    @property
    def process(self) -> NoiseProcess:
        """The schedule at all times."""
        return NoiseProcess(self.schedule)

    @property
    def predicted(self) -> Prediction:
        """As chosen."""
        return self.prediction
