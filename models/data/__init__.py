"""The laws that a model can learn, one file each."""

from models.data._base import DATA, Bounds, Data
from models.data._modes import NamedModes
from models.registry import discover

discover(__name__, __path__)

__all__ = ["DATA", "Bounds", "Data", "NamedModes"]
