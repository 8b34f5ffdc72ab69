"""Kernels k(x, y) that depend on the squared distance s = ‖x − y‖² and a scale h, with their slopes.

Each is 1 at s = 0. Heavy tails see far, light ones see detail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor

NEAREST: Final = 1e-12
"""Squared distances below this count as this: kernels with a kink have no slope at 0."""


@dataclass(frozen=True)
class Kernel:
    """One kernel.

    Attributes:
        value: squared distances of any shape and the scale h to k, the same shape, differentiable.
        write: the same without a graph, written into the last argument.
        pull: adds w = −2 dk/ds, for which ∂k(x, y)/∂y = w (x − y), to the last argument; takes s, k and h.
    """

    value: Callable[[Tensor, float], Tensor]
    write: Callable[[Tensor, float, Tensor], None]
    pull: Callable[[Tensor, Tensor, float, Tensor], None]


def _write_gaussian(s: Tensor, h: float, into: Tensor) -> None:
    torch.mul(s, -0.5 / h**2, out=into).exp_()


def _pull_gaussian(s: Tensor, k: Tensor, h: float, into: Tensor) -> None:
    into.add_(k, alpha=1 / h**2)


def _write_laplace(s: Tensor, h: float, into: Tensor) -> None:
    torch.clamp_min(s, NEAREST, out=into).sqrt_().mul_(-1 / h).exp_()


def _pull_laplace(s: Tensor, k: Tensor, h: float, into: Tensor) -> None:
    into.addcmul_(k, s.clamp_min(NEAREST).rsqrt_(), value=1 / h)


def _write_rational(s: Tensor, h: float, into: Tensor) -> None:
    torch.mul(s, 0.5 / h**2, out=into).add_(1).reciprocal_()


def _pull_rational(s: Tensor, k: Tensor, h: float, into: Tensor) -> None:
    into.addcmul_(k, k, value=1 / h**2)


def _write_inverse_multiquadric(s: Tensor, h: float, into: Tensor) -> None:
    torch.mul(s, 1 / h**2, out=into).add_(1).rsqrt_()


def _pull_inverse_multiquadric(s: Tensor, k: Tensor, h: float, into: Tensor) -> None:
    into.add_(k**3, alpha=1 / h**2)


KERNELS: Final[Mapping[str, Kernel]] = MappingProxyType(
    {
        "gaussian": Kernel(lambda s, h: (s * (-0.5 / h**2)).exp(), _write_gaussian, _pull_gaussian),
        "laplace": Kernel(lambda s, h: (s.clamp_min(NEAREST).sqrt() * (-1 / h)).exp(), _write_laplace, _pull_laplace),
        "rational_quadratic": Kernel(lambda s, h: 1 / (1 + s * (0.5 / h**2)), _write_rational, _pull_rational),
        "inverse_multiquadric": Kernel(
            lambda s, h: (1 + s / h**2).rsqrt(), _write_inverse_multiquadric, _pull_inverse_multiquadric
        ),
    }
)
"""exp(−s/2h²), exp(−√s/h), 1/(1 + s/2h²) and 1/√(1 + s/h²)."""
