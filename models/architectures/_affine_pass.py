"""The chain rule of y = Wx + b, written out; either part may be missing.

With δ = ∂L/∂y: ∂L/∂W = δᵀx, ∂L/∂b = Σ δ, ∂L/∂x = δW. The slope of a scalar map is its one row, the same everywhere:
a penalty P on slopes at N points has ∂P/∂W = Σᵢ ∂P/∂sᵢ. For a map of one or two weights, autograd's bookkeeping takes
far longer than the sums.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.architectures._network import SlopePenalty


class AffineModule(nn.Module):
    """y = Wx + b; without W it is constant, without b it vanishes at 0."""

    def __init__(self, weight: Tensor | None, bias: Tensor | None) -> None:
        super().__init__()
        self.weight = None if weight is None else nn.Parameter(weight)
        self.bias = None if bias is None else nn.Parameter(bias)

    def forward(self, x: Tensor) -> Tensor:
        """Shape (N, inputs) to (N, outputs)."""
        if self.weight is None:
            assert self.bias is not None
            return self.bias + 0 * x.sum(1, keepdim=True)  # x stays in the graph: the slope is 0, and not unknown
        return nn.functional.linear(x, self.weight, self.bias)


class AffinePass:
    """Forward and backward pass without a graph."""

    def __init__(self, module: nn.Module) -> None:
        assert isinstance(module, AffineModule)
        self._weight, self._bias = (None if p is None else p.detach() for p in (module.weight, module.bias))
        self._weight_gradient, self._bias_gradient = (
            None if p is None else p.grad for p in (module.weight, module.bias)
        )

    def evaluate(self, x: Tensor) -> Tensor:
        """The map at x, shape (N, outputs)."""
        if self._weight is None:
            assert self._bias is not None
            return self._bias.repeat(len(x), 1)
        return nn.functional.linear(x, self._weight, self._bias)

    def forward(self, x: Tensor) -> Tensor:
        """The map at x, shape (N, outputs); keeps x."""
        self._x = x
        return self.evaluate(x)

    def backward(self, dy: Tensor) -> None:
        """Write δᵀx and Σ δ."""
        if self._weight_gradient is not None:
            torch.mm(dy.t(), self._x, out=self._weight_gradient)
        if self._bias_gradient is not None:
            torch.sum(dy, 0, out=self._bias_gradient)

    def pull(self, dy: Tensor) -> Tensor:
        """The product δW; nothing where the map is constant."""
        return torch.zeros_like(self._x) if self._weight is None else dy @ self._weight

    def add_slope_penalty(self, penalty: SlopePenalty) -> float:
        """Add Σᵢ ∂P/∂sᵢ to ∂L/∂W."""
        points = penalty.points
        slope = torch.zeros_like(points) if self._weight is None else self._weight.expand(len(points), -1)
        value, gradient = penalty.value_and_gradient(slope)
        if self._weight_gradient is not None:
            self._weight_gradient.add_(gradient.sum(0))
        return value
