"""One Gaussian against the mixture .7 N(−1.5, .6²) + .3 N(2, .8²): how far it is, and the best there is, exactly.

D is a sum over a fine grid, and its least value is found by Nelder and Mead's method.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

import torch
from scipy.optimize import minimize
from torch import Tensor

from models.data import DATA
from models.divergences import DIVERGENCES
from models.divergences._f_divergence import FDivergence

REACH: Final = 14.0
CELLS: Final = 11_200
"""The grid of the sums: 2.5 thousandths of a unit wide, far below the narrowest standard deviation in play."""

STARTS: Final = ((-0.4, 1.7), (-1.5, 0.6), (2.0, 0.8), (0.0, 1.0), (-1.0, 3.0))


@dataclass(frozen=True)
class Fit:
    """A Gaussian and how far it is.

    Attributes:
        mean: μ.
        std: σ.
        value: D of the data from it; for a trained one the bound that its critic proves.
    """

    mean: float
    std: float
    value: float


@cache
def best(key: str) -> Fit:
    """The exact best fit for a divergence."""
    return min((valley(key, start) for start in STARTS), key=lambda fit: fit.value)


@cache
def valley(key: str, start: tuple[float, float]) -> Fit:
    """The least value of a divergence that is found downhill from a start, μ and σ."""
    found = minimize(
        lambda x: exact(key, float(x[0]), math.exp(float(x[1]))),
        [start[0], math.log(start[1])],
        method="Nelder-Mead",
        options={"xatol": 1e-6, "fatol": 1e-10, "maxiter": 4000},
    )
    return Fit(float(found.x[0]), math.exp(float(found.x[1])), float(found.fun))


def exact(key: str, mean: float, std: float) -> float:
    """D of the data from N(mean, std²), by quadrature."""
    divergence = DIVERGENCES[key]()
    assert isinstance(divergence, FDivergence)
    return divergence.exact(data_log_density(), gaussian_log_density(mean, std), _cell())


@cache
def data_log_density() -> Tensor:
    """Log p on the grid, float64, nats."""
    return DATA["gaussian_mixture_1d"]().log_prob(_grid()[:, None])


def gaussian_log_density(mean: float, std: float) -> Tensor:
    """Log density of N(mean, std²) on the grid, float64, nats."""
    return -0.5 * ((_grid() - mean) / std).square() - math.log(std * math.sqrt(2 * math.pi))


@cache
def _grid() -> Tensor:
    """The middles of the grid's cells."""
    return (torch.arange(CELLS, dtype=torch.float64) + 0.5) * _cell() - REACH


def _cell() -> float:
    return 2 * REACH / CELLS
