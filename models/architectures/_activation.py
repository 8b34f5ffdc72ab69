"""Activation functions with their derivatives, by the name that the panel shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

LEAK: Final = 0.2
"""Slope of the leaky ReLU below zero (Radford et al. 2016, DCGAN, arXiv:1511.06434, section 3)."""


@dataclass(frozen=True)
class Activation:
    """An elementwise function φ and its derivative.

    Attributes:
        module: makes φ as a torch module.
        apply: φ itself; may overwrite its argument.
        pull: (∂L/∂φ, kept) ↦ ∂L/∂x, where ``kept`` is φ(x), or x if ``from_input``.
        from_input: whether the derivative is computed from x and not from φ(x).
    """

    module: Callable[[], nn.Module]
    apply: Callable[[Tensor], Tensor]
    pull: Callable[[Tensor, Tensor], Tensor]
    from_input: bool = False


_aten = torch.ops.aten

ACTIVATIONS: Final[Mapping[str, Activation]] = MappingProxyType(
    {
        "relu": Activation(nn.ReLU, torch.relu_, lambda dy, y: _aten.threshold_backward(dy, y, 0)),
        "leaky_relu": Activation(
            lambda: nn.LeakyReLU(LEAK),
            lambda x: functional.leaky_relu_(x, LEAK),
            lambda dy, y: _aten.leaky_relu_backward(dy, y, LEAK, True),
        ),
        "tanh": Activation(nn.Tanh, torch.tanh_, _aten.tanh_backward),
        "elu": Activation(nn.ELU, functional.elu_, lambda dy, y: _aten.elu_backward(dy, 1.0, 1.0, 1.0, True, y)),
        "softplus": Activation(
            nn.Softplus, functional.softplus, lambda dy, x: _aten.softplus_backward(dy, x, 1.0, 20.0), from_input=True
        ),
        "silu": Activation(nn.SiLU, functional.silu, _aten.silu_backward, from_input=True),
        "gelu": Activation(nn.GELU, functional.gelu, _aten.gelu_backward, from_input=True),
    }
)
