"""The rules that turn a gradient into a step, one file each."""

from models.optimizers._base import OPTIMIZERS, Optimizer
from models.registry import discover

discover(__name__, __path__)

__all__ = ["OPTIMIZERS", "Optimizer"]
