"""Any mixture of Gaussians, in any dimension."""

from __future__ import annotations

from typing import ClassVar, Self

import torch
from pydantic import model_validator

from models.data._base import DATA
from models.data._mixture import Mixture, Modes, check_weights, modes_of
from models.registry import RecipeError, option

Vector = tuple[float, ...]
Matrix = tuple[Vector, ...]


@DATA.register
class GaussianMixture(Mixture):
    """Gaussians with any centres, covariances and weights, p(x) = Σₖ wₖ N(x; μₖ, Σₖ).

    One covariance may be given for all; each must be symmetric and positive definite.

    Source: McLachlan & Peel 2000, Finite Mixture Models, eq. 1.1.
    """

    title: ClassVar[str] = "Gaussian mixture"
    source: ClassVar[str] = "McLachlan & Peel 2000, Finite Mixture Models, eq. 1.1"
    formula: ClassVar[str] = r"\sum_k w_k \, N(\mu_k, \Sigma_k)"

    means: Matrix = option(
        ((-2.0, 0.0), (2.0, 1.0), (0.5, -2.0)), label="means", symbol="μ",
        help="Centre of each Gaussian: a list of points, all of the same dimension.",
    )  # fmt: skip
    covariances: tuple[Matrix, ...] = option(
        (((0.6, 0.3), (0.3, 0.4)), ((0.3, -0.2), (-0.2, 0.5)), ((0.8, 0.0), (0.0, 0.1))),
        label="covariances", symbol="Σ",
        help="Covariance matrix of each Gaussian, or one for all of them.",
    )  # fmt: skip
    weights: Vector = option(
        (0.4, 0.35, 0.25), label="weights", symbol="w", help="Relative mass of each mode; empty for equal ones."
    )

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        _check_means(self.means)
        if len(self.covariances) not in (1, len(self.means)):
            problem = (
                f"{len(self.covariances)} matrices for {len(self.means)} means; one for each is needed, or one for all"
            )
            raise RecipeError("covariances", problem)
        for number, covariance in enumerate(self.covariances, 1):
            _check_covariance(covariance, len(self.means[0]), number)
        check_weights(self.weights, len(self.means))
        return self

    def _gaussians(self) -> Modes:
        means = torch.tensor(self.means, dtype=torch.float64)
        scales = torch.linalg.cholesky(torch.tensor(self.covariances, dtype=torch.float64))
        return modes_of(means, scales.expand(len(means), -1, -1), self.weights)


def _check_means(means: Matrix) -> None:
    lengths = [len(mean) for mean in means]
    if not lengths or min(lengths) < 1:
        raise RecipeError("means", "must be a list of at least one point")
    if len(set(lengths)) > 1:
        odd = next(number for number, length in enumerate(lengths) if length != lengths[0])
        problem = f"point {odd + 1} has {lengths[odd]} numbers, point 1 has {lengths[0]}; all must have as many"
        raise RecipeError("means", problem)


def _check_covariance(covariance: Matrix, d: int, number: int) -> None:
    path = "covariances"
    if len(covariance) != d or any(len(row) != d for row in covariance):
        raise RecipeError(path, f"matrix {number} must be {d} × {d}, because the means have {d} numbers")
    matrix = torch.tensor(covariance, dtype=torch.float64)
    if not torch.allclose(matrix, matrix.T, rtol=1e-9, atol=0.0):
        raise RecipeError(path, f"matrix {number} is not symmetric: {[list(row) for row in covariance]}")
    least = float(torch.linalg.eigvalsh(matrix)[0])
    # Below this a float32 factor of the matrix would be singular.
    if least <= 1e-10 * max(float(matrix.diagonal().max()), 1e-10):
        raise RecipeError(path, f"matrix {number} is not positive definite: its least eigenvalue is {least:.3g}")
