"""What a model does that is told c, the class or the caption of a sample: the numbers that decide it, and p(x|c)."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from models.families._condition import NOTHING, Condition
from models.latents import Latent

MIXED: Final = 64
"""Laws p(x|c) whose mixture has a density that is worked out."""


class Told:
    """The part of a model that has to do with c; of a model that is told nothing, there is none of it."""

    latent: Latent
    """The law of all noise that a sample is made of: P_Z, with whatever else the family draws after it."""

    condition: Condition = NOTHING
    """What the model is told of each sample, c; then the noise's last number decides it where nobody tells it."""

    untold: float = 0.0
    """Share of the training samples whose c is kept from the network: with some, it learns p(x) as well."""

    @property
    def classes(self) -> int:
        """How many classes of data, or captions to draw from, the model was told of; 0 for one that knows none."""
        return self.condition.kinds

    @property
    def is_mixed(self) -> bool:
        """Whether all of c was told, so that the law of all samples is known as the mixture of p(x|c) alone."""
        return bool(self.condition) and self.untold == 0

    @property
    def laws(self) -> int:
        """How many densities the density of all samples is made of: one for each of what was told, in that mixture."""
        return self.classes if self.is_mixed else 1

    @property
    def is_vast_mixture(self) -> bool:
        """Whether that mixture has so many parts that its density takes too long."""
        return self.is_mixed and self.classes > MIXED

    def labels_of(self, z: Tensor) -> Tensor | None:
        """The class of the sample that each z makes, shape (N, k) to (N,), int64; None where there are no classes.

        Its last number decides, in the data's proportions; None, too, where that is left out. Of a model that is told
        captions: which of those to draw from.
        """
        if not self.condition or z.shape[1] != self.latent.dimension:
            return None
        return self.condition.decided(z[:, -1])

    def of_class(self, z: Tensor, index: int) -> Tensor:
        """The same noise, but for what decides the class: all of it makes samples of this one, shape (N, k).

        The number that decides is put in the middle of those that decide for this class. Only of a model with classes.
        """
        if not self.condition:
            raise NotImplementedError(f"{type(self).__name__} knows no classes")
        missing = self.latent.dimension - 1 - z.shape[1]
        noise = nn.functional.pad(z, (0, missing)) if missing > 0 else z[:, : self.latent.dimension - 1]
        return torch.cat([noise, self.condition.number_of(index).to(z).expand(len(z), 1)], 1)

    def push_given(self, z: Tensor, told: Tensor) -> Tensor:
        """A sample of p(x|c) from each z, data units, without gradient: shape (N, k) to (N, d).

        Args:
            z: noise; what decides c in it does not count, and may be left out.
            told: classes, shape (N,), or captions, shape (N, L), int64.
        """
        raise NotImplementedError(f"{type(self).__name__} knows no classes")

    def log_prob_given(self, x: Tensor, told: Tensor) -> Tensor:
        """Log p(x|c), or the bound that ``density`` speaks of, data units, nats, without gradient.

        Args:
            x: shape (N, d).
            told: classes, shape (N,), or captions, shape (N, L), int64.

        Returns:
            Shape (N,). Only of a model that is told c and has a density.
        """
        raise NotImplementedError(f"{type(self).__name__} has no density given a class")

    def log_density_given(self, u: Tensor, told: Tensor | None) -> Tensor:
        """The same in the units of training, differentiable in θ and u. Only with the capability ``log_prob``."""
        raise NotImplementedError(f"{type(self).__name__} has no density given a class")
