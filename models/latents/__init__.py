"""The laws that noise is drawn from, one file each."""

from models.latents._base import LATENTS, Latent
from models.registry import discover

discover(__name__, __path__)

__all__ = ["LATENTS", "Latent"]
