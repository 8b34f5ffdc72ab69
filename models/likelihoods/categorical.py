"""Independent numbers of a few values each, with a free chance for every value."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.data import Data
from models.likelihoods._base import LIKELIHOODS, Likelihood, Objection, Observed
from models.likelihoods._levels import index_of, objection_to, value_of
from models.registry import option


class Dice(Observed):
    """L logits a number."""

    is_mass: ClassVar[bool] = True

    def __init__(self, dimension: int, levels: int) -> None:
        super().__init__(dimension, dimension * levels)
        self.levels = levels

    def log_prob(self, outputs: Tensor, u: Tensor) -> Tensor:
        """Sum of the log masses of all numbers."""
        return self._log_masses(outputs).gather(1, index_of(u, self.levels)[:, None]).sum((1, 2))

    def log_prob_of_all(self, outputs: Tensor, u: Tensor) -> Tensor:
        """The same for every pair, by one product with the numbers as unit vectors."""
        chosen = torch.nn.functional.one_hot(index_of(u, self.levels), self.levels).to(outputs)
        return chosen.transpose(1, 2).flatten(1) @ self._log_masses(outputs).flatten(1).T

    def separation(self, outputs: Tensor, others: Tensor) -> Tensor:
        """Σ (p − q)(log p − log q) over all values of all numbers."""
        p, q = self._log_masses(outputs), self._log_masses(others)
        return ((p.exp() - q.exp()) * (p - q)).sum((1, 2))

    def mean(self, outputs: Tensor) -> Tensor:
        """Mean of the values under their chances."""
        values = value_of(torch.arange(self.levels, device=outputs.device), self.levels)
        return torch.einsum("nld,l->nd", self._log_masses(outputs).exp(), values)

    def sample(self, outputs: Tensor, noise: Tensor) -> Tensor:
        """The value at which the chances' sum passes Φ(ε)."""
        sums = self._log_masses(outputs).exp().cumsum(1)[:, :-1]
        return value_of((sums <= torch.special.ndtr(noise)[:, None]).sum(1), self.levels)

    def _log_masses(self, outputs: Tensor) -> Tensor:
        """Shape (N, L, d), as the outputs stand: the planes of all numbers pass through the processor side by side."""
        return outputs.view(len(outputs), self.levels, self.dimension).log_softmax(1)


@LIKELIHOODS.register
class Categorical(Likelihood):
    """Each number takes one of L equally spaced values, independently given z, with a chance for each.

    log p(x|z) = Σᵢ log softmax(outputsᵢ(z))[xᵢ]: a probability, so its logarithm is never positive. Nothing tells it
    that neighbouring values are alike.

    Source: van den Oord et al. 2016, Pixel recurrent neural networks, arXiv:1601.06759, section 2 (a softmax a pixel).
    """

    title: ClassVar[str] = "categorical"
    source: ClassVar[str] = "van den Oord et al. 2016, arXiv:1601.06759, section 2"
    formula: ClassVar[str] = r"\log p(x|z) = \sum_i \log \mathrm{softmax}(h_i(z))_{x_i}"

    levels: int = option(17, label="levels", symbol="L", low=2, high=256, help="How many values a number can take.")

    def build(self, dimension: int) -> Observed:
        """No weights of its own."""
        return Dice(dimension, self.levels)

    def objection(self, data: Data) -> Objection | None:
        """Only for data of as many levels."""
        return objection_to(data, self.levels)
