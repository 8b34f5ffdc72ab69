"""A data set as the source: what is carried to the data need not be noise."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Annotated, ClassVar, Final, Self

import torch
from pydantic import model_validator
from torch import Tensor

from models.data import DATA, Data
from models.latents._base import LATENTS, Latent
from models.registry import RecipeError, member_type, option

DRAWN: Final = 4096
"""Samples from which the law's extent is taken."""

MARGIN: Final = 1.1
"""How far beyond them it goes."""


@LATENTS.register
class DataSet(Latent):
    """Samples of any data set, enlarged and moved: z = s x + m with x ~ P_X.

    A flow may start anywhere: from two moons to eight Gaussians, say. The dimension k is that of the data set.

    Source: Tong et al. 2024, arXiv:2302.00482, section 3.1 (a source that may be any law).
    """

    title: ClassVar[str] = "Data set"
    source: ClassVar[str] = "Tong et al. 2024, arXiv:2302.00482, section 3.1"
    formula: ClassVar[str] = r"z = s\, x + m,\quad x \sim P"

    data: Annotated[Data, member_type(DATA)] = option(
        DATA["moons"](), label="data set", symbol="P", help="Where samples come from; every batch is drawn afresh."
    )
    scale: float = option(
        1.0, label="scale", symbol="s", low=0.01, high=100.0, log=True, help="Factor that samples are enlarged by."
    )
    shift: float = option(
        0.0, label="shift", symbol="m", low=-100.0, high=100.0, help="What is added to each of their coordinates."
    )

    @model_validator(mode="after")
    def _dimension_is_that_of_the_data(self) -> Self:
        d = self.data.dimension
        if self.dimension != d:
            problem = f"{self.dimension} is not allowed: samples of {self.data.title} have d = {d}, so k must be {d}"
            raise RecipeError("dimension", problem, (f"dimension={d}",))
        return self

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw s x + m, shape (n, k); x in the units in which networks see the data set."""
        x, units = self.data.draw(n, generator), self.data.units
        return self.shift + self.scale * (x if units is None else units.inward(x))

    @property
    def has_density(self) -> bool:
        """Whether the data set's is known."""
        return "log_prob" in self.data.capabilities

    def log_prob(self, z: Tensor) -> Tensor:
        """Log p(x) − k log s at x = (z − m)/s, nats, shape (N,)."""
        x, units = (z - self.shift) / self.scale, self.data.units
        stretch = self.dimension * math.log(self.scale)
        if units is None:
            return self.data.log_prob(x) - stretch
        return self.data.log_prob(units.outward(x)) + float(units.scale.log().sum()) - stretch

    @property
    def extent(self) -> float:
        """The farthest that nearly all samples are from 0 along an axis, and a little more."""
        return self._extent

    @cached_property
    def _extent(self) -> float:
        # The frame is needed before anything else is drawn, and is the same for the same recipe: a seed of its own.
        z = self.draw(DRAWN, torch.Generator().manual_seed(0))
        return MARGIN * float(z.abs().amax(1).quantile(0.998)) or 1.0
