"""A mixture of Gaussians on the line: the law whose every curve can be drawn."""

from __future__ import annotations

from typing import ClassVar, Self

import torch
from pydantic import model_validator

from models.data._base import DATA
from models.data._mixture import Mixture, Modes, check_weights, modes_of
from models.registry import RecipeError, option


@DATA.register
class GaussianMixture1d(Mixture):
    """Gaussians on the real line, p(x) = Σₖ wₖ N(x; μₖ, σₖ²).

    The default, 0.7 N(−1.5, 0.6²) + 0.3 N(2, 0.8²), has a heavy and a light mode with little between them: forward
    and reverse divergences choose differently.

    Source: McLachlan & Peel 2000, Finite Mixture Models, eq. 1.1.
    """

    title: ClassVar[str] = "Gaussian mixture in one dimension"
    source: ClassVar[str] = "McLachlan & Peel 2000, Finite Mixture Models, eq. 1.1"
    formula: ClassVar[str] = r"\sum_k w_k \, N(\mu_k, \sigma_k^2)"

    means: tuple[float, ...] = option((-1.5, 2.0), label="means", symbol="μ", help="Centre of each Gaussian.")
    stds: tuple[float, ...] = option((0.6, 0.8), label="stds", symbol="σ", help="Standard deviation of each Gaussian.")
    weights: tuple[float, ...] = option(
        (0.7, 0.3), label="weights", symbol="w", help="Relative mass of each mode; empty for equal ones."
    )

    @model_validator(mode="after")
    def _lists_fit(self) -> Self:
        if not self.means:
            raise RecipeError("means", "must be at least one number")
        if len(self.stds) != len(self.means) or min(self.stds) < 1e-6:
            problem = (
                f"{list(self.stds)} must be {len(self.means)} positive numbers (at least 1e-06), one for each mean"
            )
            raise RecipeError("stds", problem)
        check_weights(self.weights, len(self.means))
        return self

    def _gaussians(self) -> Modes:
        return modes_of(torch.tensor(self.means)[:, None], torch.tensor(self.stds)[:, None, None], self.weights)
