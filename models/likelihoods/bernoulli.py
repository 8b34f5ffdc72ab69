"""Independent pixels that are black or white."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from models.data import Data
from models.likelihoods._base import LIKELIHOODS, Likelihood, Objection, Observed
from models.likelihoods._levels import index_of, objection_to, value_of


class Coins(Observed):
    """One logit a number: log p(white) − log p(black)."""

    is_mass: ClassVar[bool] = True

    def __init__(self, dimension: int) -> None:
        super().__init__(dimension, dimension)

    def log_prob(self, outputs: Tensor, u: Tensor) -> Tensor:
        """Sum of the log masses of all pixels."""
        return logsigmoid(outputs * (2 * index_of(u, 2) - 1)).sum(1)

    def log_prob_of_all(self, outputs: Tensor, u: Tensor) -> Tensor:
        """Σᵢ log p(black) + xᵢ · logit: one product of matrices."""
        return index_of(u, 2).to(outputs) @ outputs.T + logsigmoid(-outputs).sum(1)

    def separation(self, outputs: Tensor, others: Tensor) -> Tensor:
        """Σᵢ (πᵢ − πᵢ′)(logitᵢ − logitᵢ′)."""
        return ((outputs.sigmoid() - others.sigmoid()) * (outputs - others)).sum(1)

    def mean(self, outputs: Tensor) -> Tensor:
        """The chance of white, on the scale from black to white."""
        return value_of(outputs.sigmoid(), 2)

    def sample(self, outputs: Tensor, noise: Tensor) -> Tensor:
        """White where Φ(ε) falls below its chance."""
        return value_of((torch.special.ndtr(noise) < outputs.sigmoid()).to(outputs), 2)


@LIKELIHOODS.register
class Bernoulli(Likelihood):
    """Each number is one of two values, independently given z.

    log p(x|z) = Σᵢ xᵢ log πᵢ(z) + (1 − xᵢ) log(1 − πᵢ(z)) with x ∈ {0, 1}ᵈ: a probability, not a density, so it can be
    compared between models and is never positive.

    Source: Kingma and Welling 2014, Auto-encoding variational Bayes, arXiv:1312.6114, appendix C.1.
    """

    title: ClassVar[str] = "Bernoulli"
    source: ClassVar[str] = "Kingma and Welling 2014, arXiv:1312.6114, appendix C.1"
    formula: ClassVar[str] = r"\log p(x|z) = \sum_i x_i \log \pi_i(z) + (1 - x_i) \log(1 - \pi_i(z))"

    def build(self, dimension: int) -> Observed:
        """No weights of its own."""
        return Coins(dimension)

    def objection(self, data: Data) -> Objection | None:
        """Only for data of two levels."""
        return objection_to(data, 2)
