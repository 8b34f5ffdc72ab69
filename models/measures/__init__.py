"""How far P_θ is from P_X, judged from samples, whatever was trained; one file each."""

from models.measures._base import MEASURES, Measure, Reference, Samples
from models.measures._floor import Floor, floor
from models.registry import discover

discover(__name__, __path__)

__all__ = ["MEASURES", "Floor", "Measure", "Reference", "Samples", "floor"]
