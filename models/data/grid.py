"""A grid of Gaussians: many modes, none of them special."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor

from models.data._base import DATA
from models.data._mixture import Mixture, Modes, round_modes
from models.registry import option


@DATA.register
class Grid(Mixture):
    """Equal round Gaussians on a rectangular grid around the origin.

    Centres at R(φ) (a (j − (C−1)/2), a (i − (R−1)/2)) for row i and column j, numbered row by row from the bottom left.

    Source: Lin et al. 2018, PacGAN, arXiv:1712.04086, section 4.1 (5 × 5, spacing 2, std .05).
    """

    title: ClassVar[str] = "Grid of Gaussians"
    source: ClassVar[str] = "Lin et al. 2018, PacGAN, arXiv:1712.04086, section 4.1"
    formula: ClassVar[str] = r"\frac{1}{K}\sum_{i,j} N(R_\varphi\,(a\,j,\ a\,i),\ \sigma^2 I)"

    rows: int = option(5, label="rows", symbol="R", low=1, high=20, help="How many rows the grid has.")
    columns: int = option(5, label="columns", symbol="C", low=1, high=20, help="How many columns the grid has.")
    spacing: float = option(
        2.0, label="spacing", symbol="a", low=0.1, high=10.0, help="Distance between neighbouring centres."
    )
    std: float = option(
        0.05, label="std", symbol="σ", low=0.001, high=1.0, log=True, help="Standard deviation of each Gaussian."
    )
    rotation: float = option(
        0.0, label="rotation", symbol="φ", low=-180.0, high=180.0, unit="°",
        help="How far the grid is turned anticlockwise.",
    )  # fmt: skip

    def short_title(self) -> str:
        """``Grid of 25``."""
        return f"Grid of {self.rows * self.columns}"

    def _gaussians(self) -> Modes:
        y, x = torch.meshgrid(_centred(self.rows), _centred(self.columns), indexing="ij")
        angle = math.radians(self.rotation)
        turned = [x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)]
        return round_modes(self.spacing * torch.stack(turned, -1).reshape(-1, 2), self.std)


def _centred(count: int) -> Tensor:
    return torch.arange(count, dtype=torch.float64) - (count - 1) / 2
