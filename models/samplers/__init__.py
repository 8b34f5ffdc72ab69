"""The ways from noise to data, one file each."""

from models.registry import discover
from models.samplers._base import SAMPLERS, Field, Sampler, State, Stepper
from models.samplers._noise import Keyed, Noise

discover(__name__, __path__)

__all__ = ["SAMPLERS", "Field", "Keyed", "Noise", "Sampler", "State", "Stepper"]
