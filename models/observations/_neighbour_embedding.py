"""t-SNE: a map on which near points stay near, laid out in pieces so that nothing else has to wait for it."""

from __future__ import annotations

import time
from typing import Final

import torch
from torch import Tensor

from models.data._principal import principal_components

PERPLEXITY: Final = 30.0
"""How many neighbours a point has, about; fewer where there are few points."""

STEPS: Final = 500
EXAGGERATED: Final = 150
"""Of these the first, in which neighbours attract one another more strongly …"""

EXAGGERATION: Final = 12.0
"""… by this factor."""

MOMENTA: Final = (0.5, 0.8)
"""While neighbours are exaggerated, and afterwards."""

LEAST_RATE: Final = 50.0
LEAST_GAIN: Final = 0.01
START: Final = 1e-4
"""Standard deviation of the places at first, along the first principal component."""

HALVINGS: Final = 24
"""Of the range in which the width of a point's neighbourhood is sought."""

TINY: Final = 1e-12


class NeighbourEmbedding:
    """Places of n points in the plane that minimise KL(P ‖ Q), by gradient descent with momentum and gains.

    P_ij is symmetrised from Gaussian neighbourhoods of the given perplexity, Q_ij ∝ 1 / (1 + ‖yᵢ − yⱼ‖²). It starts
    from the first two principal components.

    Source: van der Maaten and Hinton 2008, Journal of Machine Learning Research 9, 2579; of the rate n / 4·exaggeration
    and the start Belkina et al. 2019, Nature Communications 10, 5415, and Kobak and Berens 2019, ibid. 5416.

    Attributes:
        places: shape (n, 2).
        step: how many steps were taken.
    """

    def __init__(self, rows: Tensor) -> None:
        """Begin with points of any dimension, shape (n, p), n ≥ 4."""
        n = len(rows)
        self.affinity = affinities(rows, min(PERPLEXITY, (n - 1) / 3))
        self._exaggerated = EXAGGERATION * self.affinity
        self.places = _first_places(rows)
        self.step = 0
        self._speed, self._gain = torch.zeros_like(self.places), torch.ones_like(self.places)
        self._rate = max(LEAST_RATE, n / EXAGGERATION / 4)

    @property
    def share(self) -> float:
        """How much of the work is done, in [0, 1]."""
        return self.step / STEPS

    @property
    def divergence(self) -> float:
        """KL(P ‖ Q) in nats."""
        q = self._weights()
        q = (q / q.sum()).clamp_min(TINY)
        p = self.affinity.clamp_min(TINY)
        return float((self.affinity * (p / q).log()).sum())

    def advance(self, seconds: float) -> bool:
        """Go on for about so much of the processor's time; tells whether the work is done."""
        until = time.thread_time() + seconds
        while self.step < STEPS and time.thread_time() < until:
            self._descend()
        return self.step >= STEPS

    def _weights(self) -> Tensor:
        return _squared(self.places).add_(1).reciprocal_().fill_diagonal_(0)

    def _descend(self) -> None:
        early = self.step < EXAGGERATED
        weights = self._weights()
        wished = self._exaggerated if early else self.affinity
        pull = torch.sub(wished, weights, alpha=1 / float(weights.sum())).mul_(weights)
        slope = 4 * (pull.sum(1, keepdim=True) * self.places - pull @ self.places)
        against = slope * self._speed < 0  # the step goes down the slope as the last one did
        self._gain = torch.where(against, self._gain + 0.2, self._gain * 0.8).clamp_min(LEAST_GAIN)
        self._speed = MOMENTA[not early] * self._speed - self._rate * self._gain * slope
        self.places = self.places + self._speed
        self.places = self.places - self.places.mean(0)
        self.step += 1


def affinities(rows: Tensor, perplexity: float) -> Tensor:
    """P_ij = (p_{j|i} + p_{i|j}) / 2n, the width of each neighbourhood such that its entropy is log perplexity: (n, n).

    Widths are found by halving.
    """
    squared = _squared(rows.double())
    squared = squared / squared.mean().clamp_min(TINY)
    n, target = len(rows), torch.tensor(perplexity).log()
    low, high = torch.full((n, 1), -20.0, dtype=torch.double), torch.full((n, 1), 20.0, dtype=torch.double)
    for _ in range(HALVINGS):
        middle = (low + high) / 2  # the logarithm of the inverse width
        entropy = _entropy(_neighbours(squared, middle.exp()))
        low, high = torch.where(entropy > target, middle, low), torch.where(entropy > target, high, middle)
    conditional = _neighbours(squared, ((low + high) / 2).exp())
    return ((conditional + conditional.T) / (2 * n)).float()


def _neighbours(squared: Tensor, precision: Tensor) -> Tensor:
    scores = (-squared * precision).fill_diagonal_(-torch.inf)
    return scores.softmax(1)


def _entropy(p: Tensor) -> Tensor:
    return -(p * p.clamp_min(TINY).log()).sum(1, keepdim=True)


def _squared(rows: Tensor) -> Tensor:
    norms = rows.square().sum(1)
    return torch.addmm(norms[:, None] + norms, rows, rows.T, alpha=-2).clamp_min_(0)


def _first_places(rows: Tensor) -> Tensor:
    found = principal_components(rows, rows.shape[1], 2)
    places = torch.zeros(len(rows), 2)
    places[:, : found.axes.shape[1]] = found.of(rows)
    return places / places[:, 0].std().clamp_min(TINY) * START
