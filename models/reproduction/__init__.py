"""Published protocols, run now, one file each."""

from models.registry import discover
from models.reproduction._base import PROTOCOLS, Protocol, Row

discover(__name__, __path__)

__all__ = ["PROTOCOLS", "Protocol", "Row"]
