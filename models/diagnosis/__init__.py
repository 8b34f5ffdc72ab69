"""What is wrong with a model that is being trained, if anything, and why: the collapse instrument."""

from models.diagnosis.instrument import Instrument

__all__ = ["Instrument"]
