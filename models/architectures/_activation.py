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

SELU: Final = (1.6732632423543772, 1.0507009873554805)
"""α and λ with which SELU keeps mean 0 and variance 1 (Klambauer et al. 2017, arXiv:1706.02515, eq. 14)."""

_aten = torch.ops.aten
_relu_pull = _aten.threshold_backward.grad_input
_leaky_pull = _aten.leaky_relu_backward.grad_input
_tanh_pull = _aten.tanh_backward.grad_input
_elu_pull = _aten.elu_backward.grad_input
_softplus_pull = _aten.softplus_backward.grad_input
_silu_pull = _aten.silu_backward.grad_input
_gelu_pull = _aten.gelu_backward.grad_input


@dataclass(frozen=True)
class Activation:
    """An elementwise function φ and its derivative.

    Attributes:
        module: makes φ as a torch module.
        apply: (x, out) writes φ(x) into ``out``, which is x itself unless ``from_input``.
        pull: (∂L/∂φ, kept) overwrites ∂L/∂φ with ∂L/∂x, where ``kept`` is φ(x), or x if ``from_input``.
        from_input: whether the derivative is computed from x and not from φ(x).
        straight: whether φ is piecewise linear, so that φ″ = 0 wherever it exists.
    """

    module: Callable[[], nn.Module]
    apply: Callable[[Tensor, Tensor], object]
    pull: Callable[[Tensor, Tensor], object]
    from_input: bool = False
    straight: bool = False


ACTIVATIONS: Final[Mapping[str, Activation]] = MappingProxyType(
    {
        "relu": Activation(
            nn.ReLU,
            lambda x, out: torch.relu_(x),
            lambda dy, y: _relu_pull(dy, y, 0, grad_input=dy),
            straight=True,
        ),
        "leaky_relu": Activation(
            lambda: nn.LeakyReLU(LEAK),
            lambda x, out: functional.leaky_relu_(x, LEAK),
            lambda dy, y: _leaky_pull(dy, y, LEAK, self_is_result=True, grad_input=dy),
            straight=True,
        ),
        "tanh": Activation(
            nn.Tanh,
            lambda x, out: torch.tanh_(x),
            lambda dy, y: _tanh_pull(dy, y, grad_input=dy),
        ),
        "elu": Activation(
            nn.ELU,
            lambda x, out: functional.elu_(x),
            lambda dy, y: _elu_pull(dy, 1.0, 1.0, 1.0, is_result=True, self_or_result=y, grad_input=dy),
        ),
        "selu": Activation(
            nn.SELU,
            lambda x, out: functional.selu_(x),
            lambda dy, y: _elu_pull(dy, *SELU, 1.0, is_result=True, self_or_result=y, grad_input=dy),
        ),
        "softplus": Activation(
            nn.Softplus,
            lambda x, out: _aten.softplus.out(x, out=out),
            lambda dy, x: _softplus_pull(dy, x, 1.0, 20.0, grad_input=dy),
            from_input=True,
        ),
        "silu": Activation(
            nn.SiLU,
            lambda x, out: _aten.silu.out(x, out=out),
            lambda dy, x: _silu_pull(dy, x, grad_input=dy),
            from_input=True,
        ),
        "gelu": Activation(
            nn.GELU,
            lambda x, out: _aten.gelu.out(x, out=out),
            lambda dy, x: _gelu_pull(dy, x, grad_input=dy),
            from_input=True,
        ),
    }
)
