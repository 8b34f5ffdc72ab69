"""The distances between P_X and P_θ, one file each."""

from models.divergences._base import DIVERGENCES, Divergence
from models.registry import discover

discover(__name__, __path__)

__all__ = ["DIVERGENCES", "Divergence"]
