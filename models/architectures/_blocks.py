"""What the architectures for pictures are put together from: normalisation, modulation by a condition, first weights.

A condition c (a time, a class) enters by scale and shift of normalised planes, h ↦ (1 + s(c)) ⊙ h + b(c), so that it
acts everywhere alike (Perez et al. 2018, FiLM, arXiv:1709.07871, eq. 1-2; on normalised planes as in Dhariwal and
Nichol 2021, arXiv:2105.05233, section 3.1).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Literal

import torch
from torch import Tensor, nn

from models.architectures._activation import ACTIVATIONS
from models.data._picture import Picture, Shape, numbers

ActivationName = Literal["relu", "leaky_relu", "tanh", "elu", "selu", "softplus", "silu", "gelu"]
NormalisationName = Literal["none", "batch", "group", "layer"]

STANDARDISES: Final = "Standardises planes: each over the whole batch, or groups of them, or all, in one picture."
"""What normalisations do: the help of the option."""

GROUP: Final = 8
"""Planes that are standardised together, where their number can be divided so."""

SHORTEST: Final = 32
"""Numbers that a condition is turned into, at least, before it modulates."""


def _grouped(channels: int) -> nn.Module:
    return nn.GroupNorm(channels // math.gcd(channels, GROUP), channels)


NORMALISATIONS: Final[Mapping[str, Callable[[int], nn.Module]]] = MappingProxyType(
    {
        "none": lambda channels: nn.Identity(),
        "batch": nn.BatchNorm2d,
        "group": _grouped,
        "layer": lambda channels: nn.GroupNorm(1, channels),
    }
)
"""Of planes, shape (N, channels, rows, columns)."""


class Told(nn.Module):
    """A condition as numbers that modulate: two layers that all blocks share."""

    def __init__(self, condition: int, width: int) -> None:
        super().__init__()
        self.width = max(SHORTEST, width)
        self.layers = nn.Sequential(
            nn.Linear(condition, self.width), nn.SiLU(), nn.Linear(self.width, self.width), nn.SiLU()
        )

    def forward(self, condition: Tensor) -> Tensor:
        """Shape (N, condition) to (N, width)."""
        return self.layers(condition)


class Normalised(nn.Module):
    """Planes standardised, then scaled and shifted as the condition says where there is one."""

    def __init__(self, normalisation: str, channels: int, told: int) -> None:
        super().__init__()
        self.norm = NORMALISATIONS[normalisation](channels)
        self.modulation = QuietLinear(told, 2 * channels) if told else None

    def forward(self, h: Tensor, told: Tensor | None) -> Tensor:
        """Shapes (N, channels, rows, columns) and (N, told) to that of the planes."""
        h = self.norm(h)
        if self.modulation is None or told is None:
            return h
        scale, shift = self.modulation(told)[:, :, None, None].chunk(2, 1)
        return torch.addcmul(shift, h, 1 + scale)


class QuietConv2d(nn.Conv2d):
    """A convolution that begins as 0, so that what it is added to passes at first as if it were not there."""


class QuietLinear(nn.Linear):
    """A linear layer that begins as 0."""


class Body(nn.Module):
    """What a net does between rows of numbers: planes or a vector in, planes or a vector out."""

    def forward(self, h: Tensor, told: Tensor | None) -> Tensor:
        """Planes, shape (N, channels, rows, columns), or vectors, shape (N, numbers); and the condition, (N, told)."""
        raise NotImplementedError


class OnRows(nn.Module):
    """A body between rows of numbers, with the condition behind them."""

    def __init__(self, body: Body, inputs: Shape, told: Told | None) -> None:
        super().__init__()
        self.body = body
        self.told = told
        self._inputs = inputs

    def forward(self, x: Tensor) -> Tensor:
        """Shape (N, inputs + condition) to (N, outputs)."""
        n = numbers(self._inputs)
        h = planes_of(x[:, :n], self._inputs) if isinstance(self._inputs, Picture) else x[:, :n]
        told = None if self.told is None else self.told(x[:, n:])
        return self.body(h, told).flatten(1)


def planes_of(x: Tensor, picture: Picture) -> Tensor:
    """Rows of numbers as planes, shape (N, numbers) to (N, channels, rows, columns).

    In memory the channels of a pixel stand side by side, with which convolutions take up to half as long.
    """
    return x.unflatten(1, picture).contiguous(memory_format=torch.channels_last)


def activation(name: str) -> nn.Module:
    """φ as a module."""
    return ACTIVATIONS[name].module()


def overwriting(name: str) -> nn.Module:
    """φ as a module that may write over what it is given, for planes that nothing else asks for."""
    made = activation(name)
    if isinstance(made, (nn.ReLU, nn.LeakyReLU)):
        made.inplace = True
    return made


def draw_weights(net: nn.Module, generator: torch.Generator) -> None:
    """First weights: normal, so that planes keep their variance through a rectifier; no offsets; quiet layers at 0.

    Source: He et al. 2015, arXiv:1502.01852, eq. 10; layers at 0: Goyal et al. 2017, arXiv:1706.02677, section 5.1.
    """
    for layer in net.modules():
        if isinstance(layer, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.normal_(layer.weight, std=math.sqrt(2 / fan_in(layer)), generator=generator)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        if isinstance(layer, (QuietConv2d, QuietLinear)):
            nn.init.zeros_(layer.weight)


def fan_in(layer: nn.Linear | nn.Conv2d | nn.ConvTranspose2d) -> float:
    """How many numbers each output is a sum of, on the average."""
    if isinstance(layer, nn.ConvTranspose2d):
        return layer.weight.shape[0] * layer.weight[0, 0].numel() / math.prod(layer.stride)
    return layer.weight[0].numel()
