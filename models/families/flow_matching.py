"""Flow matching: a velocity field carries any source to the data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

from models.families._base import FAMILIES, Recipe
from models.families._denoising import DenoisingFamily
from models.predictions import PREDICTIONS, Prediction
from models.registry import RecipeError, member_type, option
from models.samplers import SAMPLERS, Sampler
from models.schedules import SCHEDULES, NoiseProcess


@FAMILIES.register
class FlowMatching(DenoisingFamily):
    """A net learns the velocity v_θ(u, t) that carries the source at t = 1 to the data at t = 0.

    du/dt = v_θ(u, t). The paths that it is learnt from are straight, u_t = (1 − t) u₀ + t z, between pairs of a datum
    and a place at the source, which may be any law of the data's dimension.

    Source: Lipman et al. 2023, arXiv:2210.02747, section 2; Liu et al. 2023, arXiv:2209.03003, eq. 1.
    """

    title: ClassVar[str] = "Flow matching"
    source: ClassVar[str] = "Lipman et al. 2023, arXiv:2210.02747, section 2"
    formula: ClassVar[str] = r"\frac{du}{dt} = v_\theta(u, t), \quad u_1 \sim P_Z"
    capabilities: ClassVar[frozenset[str]] = frozenset({"sample", "process", "velocity"})
    natural: ClassVar[Mapping[str, Any]] = MappingProxyType(
        {
            "divergence": "velocity",
            "objective": "conditional_flow_matching",
            "optimizer": {"key": "adam", "schedule": "cosine", "ema": 0.999},
        }
    )

    sampler: Annotated[Sampler, member_type(SAMPLERS)] = option(
        SAMPLERS.parse({"key": "euler", "steps": 20}), label="sampler", live=True,
        help="The way from the source to data; a trained model takes any that follows the velocity.",
    )  # fmt: skip

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """Where the source is no noise there is no score for a sampler with fresh noise to go by."""
        yield from super().objections(recipe)
        if "deterministic" not in self.sampler.capabilities:
            problem = f"{self.sampler.title} needs a score at every time, and this path has none at its source"
            yield RecipeError("family.sampler.key", problem, ("family.sampler.key=euler",))

    @property
    def process(self) -> NoiseProcess:
        """Straight lines."""
        return NoiseProcess(SCHEDULES["straight"]())

    @property
    def predicted(self) -> Prediction:
        """The velocity."""
        return PREDICTIONS["velocity"]()
