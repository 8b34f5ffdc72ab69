"""How an architecture becomes a distribution P_θ, one file each."""

from models.families._base import FAMILIES, Family, Model
from models.registry import discover

discover(__name__, __path__)

__all__ = ["FAMILIES", "Family", "Model"]
