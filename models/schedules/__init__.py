"""The ways in which data turn into noise, one file each."""

from models.registry import discover
from models.schedules._base import SCHEDULES, Level, Schedule
from models.schedules._process import NoiseProcess, Reversal

discover(__name__, __path__)

__all__ = ["SCHEDULES", "Level", "NoiseProcess", "Reversal", "Schedule"]
