"""The function classes that a generator or a critic is chosen from, one file each."""

from models.architectures._base import ARCHITECTURES, Architecture
from models.registry import discover

discover(__name__, __path__)

__all__ = ["ARCHITECTURES", "Architecture"]
