"""What families share in which data are washed out by normal noise, along a schedule of one's choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

from models.families._base import Recipe
from models.families._denoising import NATURAL, DenoisingFamily
from models.predictions import PREDICTIONS, Prediction
from models.registry import RecipeError, member_type, option
from models.schedules import SCHEDULES, Schedule


def schedule_option(default: Schedule) -> Any:
    """The option of that name, with a default of the family's own."""
    return option(default, label="schedule", symbol="α, σ", help="How fast the data are washed out.")


class ScheduledFamily(DenoisingFamily):
    """There is noise at every time, and so a score, from which whatever is predicted follows."""

    capabilities: ClassVar[frozenset[str]] = frozenset({"sample", "process", "encode", "denoise"})
    requires: ClassVar[Mapping[str, frozenset[str]]] = MappingProxyType({"latent": frozenset({"standard_normal"})})
    natural: ClassVar[Mapping[str, Any]] = NATURAL

    schedule: Annotated[Schedule, member_type(SCHEDULES)] = schedule_option(SCHEDULES["cosine"]())
    prediction: Annotated[Prediction, member_type(PREDICTIONS)] = option(
        PREDICTIONS["noise"](), label="predicts", symbol="F", help="What the net says of a noised sample."
    )

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """A schedule with levels that have no noise or no data has no score there."""
        yield from super().objections(recipe)
        if "score" not in self.schedule.capabilities:
            usual = type(self).model_fields["schedule"].default.key
            able = ", ".join(other.key for other in SCHEDULES if "score" in other.capabilities)
            problem = f"{self.schedule.key!r} has levels without noise or without data; allowed: {able}"
            yield RecipeError("family.schedule.key", problem, (f"family.schedule.key={usual}",))

    @property
    def predicted(self) -> Prediction:
        """As chosen."""
        return self.prediction
