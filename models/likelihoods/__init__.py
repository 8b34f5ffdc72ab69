"""The laws p(x|z) that a decoder's outputs stand for, one file each."""

from models.likelihoods._base import LIKELIHOODS, Likelihood
from models.registry import discover

discover(__name__, __path__)

__all__ = ["LIKELIHOODS", "Likelihood"]
