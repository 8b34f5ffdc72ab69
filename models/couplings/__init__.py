"""Which noise belongs to which datum, one file each."""

from models.couplings._base import COUPLINGS, Coupling, Pairs
from models.registry import discover

discover(__name__, __path__)

__all__ = ["COUPLINGS", "Coupling", "Pairs"]
