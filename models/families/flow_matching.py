"""Flow matching: a velocity field carries any source to the data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

import torch
from torch import nn

from models.architectures import Architecture
from models.data._picture import Shape
from models.families._base import FAMILIES, Recipe
from models.families._condition import Condition
from models.families._denoising import NATURAL, Denoiser, DenoisingFamily, DenoisingModel, sampler_option
from models.families._velocity import RectifiedDenoiser, VelocityModel
from models.latents import Latent
from models.predictions import PREDICTIONS, Prediction
from models.registry import RecipeError, member_type, option
from models.samplers import SAMPLERS, Sampler
from models.schedules import SCHEDULES, NoiseProcess


@FAMILIES.register
class FlowMatching(DenoisingFamily):
    """A net learns the velocity v_θ(u, t) that carries the source at t = 1 to the data at t = 0.

    du/dt = v_θ(u, t). The paths that it is learnt from are straight, u_t = (1 − t) u₀ + t z, between pairs of a datum
    and a place at the source, which may be any law of the data's dimension.

    With rounds of reflow the run is cut in as many parts and one more: after each part the pairs are the ends of the
    model's own paths, which so become straighter, until a few steps of the sampler suffice.

    Many papers count time the other way: here t = 0 is the data, as in all denoising families.

    Source: Lipman et al. 2023, arXiv:2210.02747, section 2; reflow: Liu et al. 2023, arXiv:2209.03003, algorithm 1.
    """

    title: ClassVar[str] = "Flow matching"
    source: ClassVar[str] = "Lipman et al. 2023, arXiv:2210.02747, section 2"
    formula: ClassVar[str] = r"\frac{du}{dt} = v_\theta(u, t), \quad u_1 \sim P_Z"
    capabilities: ClassVar[frozenset[str]] = frozenset({"sample", "process", "encode", "velocity"})
    model_type: ClassVar[type[DenoisingModel]] = VelocityModel
    natural: ClassVar[Mapping[str, Any]] = MappingProxyType(
        {**NATURAL, "divergence": "velocity", "objective": "conditional_flow_matching"}
    )

    sampler: Annotated[Sampler, member_type(SAMPLERS)] = sampler_option(SAMPLERS.parse({"key": "euler", "steps": 20}))
    reflows: int = option(
        0, label="reflow", symbol="R", low=0, high=5, group="Reflow",
        help="How many rounds follow the first, each taught by the one before; all rounds are of one length.",
    )  # fmt: skip
    pairs: int = option(
        10_000, label="pairs", low=100, high=100_000, log=True, group="Reflow",
        help="How many pairs of noise and data a teacher makes.",
    )  # fmt: skip

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """Where the source is no noise there is no score for a sampler with fresh noise to go by."""
        yield from super().objections(recipe)
        if not self.sampler.is_deterministic:
            able = ", ".join(other.key for other in SAMPLERS if "deterministic" in other.capabilities)
            why = f"{self.sampler.key!r} adds fresh noise, which needs a score, and this path has none at its source"
            problem = f"{why}; allowed without fresh noise: {able}"
            yield RecipeError("family.sampler.key", problem, ("family.sampler.key=euler",))
        if self.reflows and recipe.architecture.least_batch > 1:
            problem = f"{self.reflows} is not allowed: a teacher must answer for each sample apart, not for a batch"
            yield RecipeError("family.reflows", problem, ("family.reflows=0",))

    def enclose(self, net: nn.Module, dimension: int) -> Denoiser:
        """With room for a teacher where there is one to be."""
        return RectifiedDenoiser(net, dimension) if self.reflows else super().enclose(net, dimension)

    @property
    def process(self) -> NoiseProcess:
        """Straight lines."""
        return NoiseProcess(SCHEDULES["straight"]())

    @property
    def predicted(self) -> Prediction:
        """The velocity."""
        return PREDICTIONS["velocity"]()

    def _build(
        self, architecture: Architecture, latent: Latent, shape: Shape, condition: Condition, chance: torch.Generator
    ) -> DenoisingModel:
        """With the rounds of reflow."""
        model = super()._build(architecture, latent, shape, condition, chance)
        assert isinstance(model, VelocityModel)
        model.reflows, model.pairs = self.reflows, self.pairs
        return model
