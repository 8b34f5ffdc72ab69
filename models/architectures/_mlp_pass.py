"""The chain rule of a plain multilayer perceptron, written out.

With h₀ = x, hᵢ₊₁ = φ(Wᵢhᵢ + bᵢ) (+ hᵢ where residual) and y = W_L h_L + b_L, and δ = ∂L/∂(Wᵢhᵢ + bᵢ):

    ∂L/∂Wᵢ = δᵀhᵢ,   ∂L/∂bᵢ = Σ δ,   ∂L/∂hᵢ = δWᵢ (+ ∂L/∂hᵢ₊₁ where residual)

(Rumelhart, Hinton and Williams 1986, eq. 5-8). It saves autograd's bookkeeping, which costs more than the products
themselves for nets of this size; a test holds it equal to autograd.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from models.architectures._activation import Activation


class MlpPass:
    """Forward and backward pass over linear layers with one activation, without a graph."""

    def __init__(self, layers: list[nn.Linear], activation: Activation, residual: list[bool]) -> None:
        """Hold on to the layers' flat-homed weights.

        Args:
            layers: all linear layers, the last one without activation.
            activation: φ.
            residual: for each layer but the last, whether its input is added to its output.
        """
        self._weights = [layer.weight.detach() for layer in layers]
        self._biases = [layer.bias.detach() for layer in layers]
        self._weight_gradients = [_gradient(layer.weight) for layer in layers]
        self._bias_gradients = [_gradient(layer.bias) for layer in layers]
        self._activation = activation
        self._residual = residual
        self._inputs: list[Tensor] = []
        self._kept: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        """y, shape (N, outputs); keeps every layer's input and what φ's derivative needs."""
        self._inputs, self._kept = [x], []
        h = x
        for weight, bias, skip in zip(self._weights, self._biases, self._residual, strict=False):
            before = torch.addmm(bias, h, weight.t())
            after = self._activation.apply(before)
            self._kept.append(before if self._activation.from_input else after)
            h = after + h if skip else after
            self._inputs.append(h)
        return torch.addmm(self._biases[-1], h, self._weights[-1].t())

    def backward(self, dy: Tensor) -> None:
        """Write ∂L/∂W and ∂L/∂b of every layer."""
        self._descend(dy, len(self._weights) - 1, write=True)

    def pull(self, dy: Tensor) -> Tensor:
        """∂L/∂x alone: no product for the weights is taken."""
        return self._descend(dy, len(self._weights) - 1, write=False)

    def _descend(self, delta: Tensor, last: int, *, write: bool) -> Tensor:
        for i in range(last, -1, -1):
            if write:
                torch.mm(delta.t(), self._inputs[i], out=self._weight_gradients[i])
                torch.sum(delta, 0, out=self._bias_gradients[i])
                if i == 0:
                    break
            dh = delta @ self._weights[i]
            if i < last and self._residual[i]:
                dh += self._passed
            if i == 0:
                return dh
            self._passed = dh
            delta = self._activation.pull(dh, self._kept[i - 1])
        return delta


def _gradient(parameter: nn.Parameter) -> Tensor:
    assert parameter.grad is not None, "the network must home its gradients before a pass is made"
    return parameter.grad
