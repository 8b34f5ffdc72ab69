"""The laws that a model can learn, one file each."""

from models.data._base import DATA, Data
from models.registry import discover

discover(__name__, __path__)

__all__ = ["DATA", "Data"]
