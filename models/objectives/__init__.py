"""How a divergence is minimised when only samples are at hand, one file each."""

from models.objectives._base import OBJECTIVES, Objective
from models.registry import discover

discover(__name__, __path__)

__all__ = ["OBJECTIVES", "Objective"]
