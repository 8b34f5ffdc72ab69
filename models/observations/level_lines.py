"""The densities of P_X and of P_θ on one grid, and the levels at which both are to be cut."""

from __future__ import annotations

from typing import ClassVar, Final

import torch
from torch import Tensor

from models.data import Data
from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, plain
from models.observations._kde import histogram_density
from models.observations.density import SIDE, blur, cell_middles, model_density

SHARES: Final = (0.5, 0.8, 0.95)
"""Shares of P_X's mass that the levels hold."""

DRAWN: Final = 200_000
"""Samples from which p is estimated, once a run, where either density is an estimate."""


@OBSERVATIONS.register
class LevelLines(Observation):
    """p and q cut at the same levels: those of p whose regions {p > c} hold 50, 80 and 95 % of its mass.

    Regions of the same shape at the same levels are the same densities, while contours that hold the same mass of
    each may agree although one density is twice as high. Both are exact, or else both are histograms blurred alike.

    Source: Hyndman 1996, Computing and graphing highest density regions, The American Statistician 50(2), 120.
    """

    title: ClassVar[str] = "level lines"
    source: ClassVar[str] = "Hyndman 1996, The American Statistician 50(2), 120"

    def missing(self, subject: Subject) -> str:
        """For data in the plane."""
        return "" if subject.dimension == 2 else f"Needs data in the plane; this has d = {subject.dimension}."

    def observe(self, subject: Subject) -> Arrays:
        """``p``: shape (128, 128), ``q``: that or less, 1/unit², row 0 below; ``levels``: at most 3, rising."""
        p = _data_density(subject)
        return {"p": plain(p), "q": plain(model_density(subject)), "levels": plain(mass_levels(p, SHARES))}


def mass_levels(density: Tensor, shares: tuple[float, ...]) -> Tensor:
    """The levels c whose regions {p > c} hold these shares of the mass, rising, each once.

    A level lies half-way between the least density in its region and the greatest outside: on a plateau, as of a
    uniform law, every region that holds a share is the whole plateau, and its edge is cut where it falls.

    Args:
        density: on cells of equal size, any shape.
        shares: of the mass on the grid, in (0, 1).

    Returns:
        Shape (L,) with L ≤ len(shares); empty for a density that is 0 everywhere.
    """
    ordered = density.double().flatten().sort(descending=True).values
    held = ordered.cumsum(0)
    if not float(held[-1]) > 0:
        return density.new_zeros(0)
    inside = ordered[torch.searchsorted(held, torch.tensor(shares, dtype=held.dtype) * held[-1])]
    below = [ordered[ordered < level * (1 - 1e-6)][:1] for level in inside]
    outside = torch.stack([level[0] if len(level) else inside.new_zeros(()) for level in below])
    return ((inside + outside) / 2).unique().to(density.dtype)


def _data_density(subject: Subject) -> Tensor:
    """The density p on cells: made once, for it never changes but with the blur of q."""
    if _is_known(subject):
        return subject.once("level lines", lambda: _known(subject))
    return subject.once(f"level lines, blurred by {blur(subject)}", lambda: _counted(subject))


def _is_known(subject: Subject) -> bool:
    return subject.game.model.density == "exact" and "log_prob" in subject.experiment.data.capabilities


def _known(subject: Subject) -> Tensor:
    return subject.experiment.data.log_prob(cell_middles(subject, SIDE)).exp().view(SIDE, SIDE).float()


def _counted(subject: Subject) -> Tensor:
    return histogram_density(_drawn(subject.experiment.data, subject.real), subject.bounds, SIDE, blur(subject))


def _drawn(data: Data, real: Tensor) -> Tensor:
    chance = torch.Generator().manual_seed(0)
    return data.draw(DRAWN, chance) if "sample" in data.capabilities else real
