"""A small convolutional classifier of one data set: its last hidden layer is what pictures are compared by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from models.architectures._network import Network
from models.data._picture import Shape
from models.optimizers.adam import Adam

WIDTH: Final = 64
"""Units of the last hidden layer: numbers in which two samples are compared."""

CHANNELS: Final = (16, 32, 64)
"""Of the convolutions: the first keeps all pixels, each further one halves both sides."""

LEAST_SIDE: Final = 4
"""No side is halved below this."""

BATCH: Final = 64
RATE: Final = 2e-3
EPOCHS: Final = 30
PATIENCE: Final = 5
"""Epochs without a better loss on what is held out, after which the best weights so far are taken."""

ENOUGH: Final = 0.03
"""Loss on what is held out, nats, below which nothing is left to learn."""

HELD: Final = 5
"""One in so many of the samples is held out."""


class ClassifierModule(nn.Module):
    """Convolutions for pictures, a fully connected layer for vectors; then the features, and what they tell of classes.

    What it gives are both: the features, ``WIDTH`` numbers, and behind them the logits of every label's classes.
    """

    def __init__(self, shape: Shape, logits: int, chance: torch.Generator) -> None:
        super().__init__()
        self._shape = shape
        layers, width = _convolutions(shape)
        self.body = nn.Sequential(*layers, nn.Linear(width, WIDTH), nn.ReLU())
        self.head = nn.Linear(WIDTH, logits)
        for layer in self.modules():
            if isinstance(layer, nn.Linear | nn.Conv2d) and layer.bias is not None:
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=chance)
                nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Shape (N, p) to (N, ``WIDTH`` + logits)."""
        hidden = self.body(x if isinstance(self._shape, int) else self._shape.view(x))
        return torch.cat([hidden, self.head(hidden)], dim=1)


def _convolutions(shape: Shape) -> tuple[list[nn.Module], int]:
    """The layers that pictures are seen through, none for vectors, and how many numbers they leave."""
    if isinstance(shape, int):
        return [], shape
    channels, rows, columns = shape
    layers: list[nn.Module] = []
    for stride, made in enumerate(CHANNELS):
        stride = min(stride + 1, 2)
        if min(rows, columns) < LEAST_SIDE * stride:
            break
        layers += [nn.Conv2d(channels, made, 3, stride=stride, padding=1), nn.ReLU()]
        channels, rows, columns = made, -(-rows // stride), -(-columns // stride)
    return [*layers, nn.Flatten()], channels * rows * columns


class Classifier:
    """Tells the classes of samples, of which each may have several labels, and learns to in pieces.

    Attributes:
        network: what tells; after ``school`` with the weights that were best on the samples held out.
        accuracy: share of the held-out samples whose labels it tells right, all of them.
    """

    def __init__(self, shape: Shape, labels: int, classes: int) -> None:
        """Make one with fresh weights, the same at every call.

        Args:
            shape: what a sample is.
            labels: how many labels each has.
            classes: how many classes each label has.
        """
        self._chance = torch.Generator().manual_seed(0)
        self.network = Network(ClassifierModule(shape, labels * classes, self._chance))
        self.accuracy = 0.0
        self._labels = labels

    def hidden(self, x: Tensor) -> Tensor:
        """The last hidden layer, shape (N, p) to (N, ``WIDTH``)."""
        return self.network.evaluate(x)[:, :WIDTH]

    def logits(self, x: Tensor) -> Tensor:
        """Of every label's classes, shape (N, p) to (N, labels, classes)."""
        return self._logits(self.network.evaluate(x))

    def school(self, x: Tensor, y: Tensor) -> Iterator[None]:
        """Train until the loss on what is held out gets no better; a piece of work is a batch.

        Args:
            x: samples in random order, shape (n, p).
            y: their labels, shape (n, labels), int64, each 0 … classes − 1.
        """
        held = max(1, len(x) // HELD)
        rule = Adam(beta1=0.9, beta2=0.999)
        state = rule.start(self.network.theta)
        best, since, kept = float("inf"), 0, self.network.values.clone()
        for _ in range(EPOCHS):
            for rows in (held + torch.randperm(len(x) - held, generator=self._chance)).split(BATCH):
                self.network.differentiate(lambda rows=rows: self._loss(self.network.module(x[rows]), y[rows]))
                rule.step(self.network.theta, self.network.gradient, state, RATE)
                yield
            loss = self._judge(x[:held], y[:held])
            if loss < best:
                best, since, kept = loss, 0, self.network.values.clone()
            else:
                since += 1
            if since == PATIENCE or best < ENOUGH:
                break
        self.network.values.copy_(kept)
        self._judge(x[:held], y[:held])

    def _judge(self, x: Tensor, y: Tensor) -> float:
        """The loss on these, nats; the accuracy is noted."""
        told = self.network.evaluate(x)
        self.accuracy = float((self._logits(told).argmax(dim=2) == y).all(dim=1).float().mean())
        return float(self._loss(told, y))

    def _loss(self, told: Tensor, y: Tensor) -> Tensor:
        return cross_entropy(self._logits(told).flatten(0, 1), y.flatten())

    def _logits(self, told: Tensor) -> Tensor:
        return told[:, WIDTH:].unflatten(1, (self._labels, -1))
