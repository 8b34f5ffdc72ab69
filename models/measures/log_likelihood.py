"""How probable a model finds the data."""

from __future__ import annotations

import math
from typing import ClassVar

import torch

from models.measures._base import MEASURES, Measure, Reference, Samples


@MEASURES.register
class LogLikelihood(Measure):
    """Mean log density of the model at data that it is held against, (1/M) Σ log p_θ(y_j).

    Only where the family has a density. Its floor is what the law itself has at the same points, where that is known:
    its expectation is the negative entropy of P_X, and no model is better on average. It is −∞ if a data point lies
    where the model has no mass. A model that has a bound on its density only is left out: the mean of a bound cannot be
    held against that of a density.

    Source: Theis et al. 2016, A note on the evaluation of generative models, arXiv:1511.01844, section 3.1.
    """

    title: ClassVar[str] = "Log-likelihood"
    source: ClassVar[str] = "Theis et al. 2016, A note on the evaluation of generative models, arXiv:1511.01844"
    formula: ClassVar[str] = r"\frac{1}{M} \sum_j \log p_\theta(y_j)"
    unit: ClassVar[str] = "nats"
    better: ClassVar = "larger"
    needs_density: ClassVar[bool] = True
    live: ClassVar[bool] = True
    largest: ClassVar[int] = 10_000

    def compare(self, samples: Samples, reference: Reference, generator: torch.Generator) -> float:
        """The mean, in nats.

        Raises:
            ValueError: the samples bring no density along.
        """
        if samples.log_prob is None:
            raise ValueError("the log-likelihood needs a model with a density")
        return float(samples.log_prob(reference.x).double().mean())

    def bounds(self, reference: Reference) -> tuple[float, float]:
        """Any number: densities are not bounded."""
        return -math.inf, math.inf
