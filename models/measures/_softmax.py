"""The discriminative classifier: a net whose softmax is p(y|x), which learns nothing of p(x)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from models.architectures import Architecture
from models.architectures._network import Network
from models.data._picture import Shape
from models.optimizers.adam import Adam

RATE: Final = 2e-3
"""Learning rate at first; it falls linearly to 0."""

BATCH: Final = 32


class SoftmaxClassifier:
    """p(y|x) = softmax_y f(x), fitted to labelled samples by maximum likelihood.

    Source: Bishop 2006, Pattern Recognition and Machine Learning, section 4.3.4.
    """

    def __init__(self, architecture: Architecture, shape: Shape, classes: int, chance: torch.Generator) -> None:
        """Take fresh weights.

        Args:
            architecture: of f.
            shape: what a sample is.
            classes: C.
            chance: for the weights, and for the batches later.
        """
        self.network = architecture.build(shape, classes, chance)
        self._chance = chance

    def log_posterior(self, x: Tensor) -> Tensor:
        """Log p(y|x), shape (N, d) to (N, C), nats."""
        return self.network.evaluate(x).log_softmax(1)

    def train(self, x: Tensor, y: Tensor, steps: int) -> Iterator[float]:
        """Learn from labelled samples, shapes (n, d) and (n,); the loss of each step, nats."""
        rule = Adam(beta1=0.9, beta2=0.999)
        network: Network = self.network
        state = rule.start(network.theta)
        for step in range(steps):
            rows = torch.randint(len(x), (BATCH,), generator=self._chance)
            yield network.differentiate(lambda rows=rows: cross_entropy(network.module(x[rows]), y[rows]))
            rule.step(network.theta, network.gradient, state, RATE * (1 - step / steps))


def accuracy(log_posterior: Tensor, y: Tensor) -> float:
    """Share of samples whose likeliest class, of shape (N, C), is their own, shape (N,)."""
    return float((log_posterior.argmax(1) == y).float().mean())
