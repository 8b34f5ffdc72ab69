"""Value and gradient of a scalar function of one tensor."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def value_and_gradient(function: Callable[[Tensor], Tensor], x: Tensor) -> tuple[float, Tensor]:
    """f(x) and ∂f/∂x, the gradient in x's shape."""
    with torch.enable_grad():
        x = x.detach().requires_grad_(True)
        y = function(x)
        (gradient,) = torch.autograd.grad(y, x)
    return float(y.detach()), gradient
