"""What can be seen of a model, computed from its weights as plain arrays, one file each."""

from models.observations._base import OBSERVATIONS, Observation
from models.registry import discover

discover(__name__, __path__)

__all__ = ["OBSERVATIONS", "Observation"]
