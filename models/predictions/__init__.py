"""What a denoising net is asked for, one file each."""

from models.predictions._base import PREDICTIONS, Prediction
from models.registry import discover

discover(__name__, __path__)

__all__ = ["PREDICTIONS", "Prediction"]
