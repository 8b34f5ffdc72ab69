"""A network whose weights are one flat vector, with a forward and a backward pass that need no autograd graph.

Every parameter of the module is a view into one vector θ, and every gradient a view into one vector ∂L/∂θ. So an
optimiser is a few vector operations, publishing the weights is one copy, and state is one array.

Two passes compute the same gradients: :class:`AutogradPass` works for every module; :class:`models.architectures._mlp_pass`
writes the chain rule of a plain multilayer perceptron out by hand, about three times as fast for small nets.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn


class Pass(Protocol):
    """One way to run a network forward and pull a gradient back through it."""

    def forward(self, x: Tensor) -> Tensor:
        """Evaluate at x, shape (N, inputs) to (N, outputs), and remember what the backward pass needs."""
        ...

    def backward(self, dy: Tensor, *, accumulate: bool, want_input: bool) -> Tensor | None:
        """Pull ∂L/∂y, shape (N, outputs), back to ∂L/∂θ (written, or added) and, if wanted, return ∂L/∂x."""
        ...


class Network:
    """A module with flat parameters θ, flat gradient, and flat values (parameters, then floating-point buffers)."""

    def __init__(self, module: nn.Module, hand_written: Pass | None = None) -> None:
        """Re-home the module's tensors in one vector.

        Args:
            module: float32 parameters, any architecture.
            hand_written: a pass over the same parameter tensors; autograd is used if there is none.
        """
        self.module = module
        parameters = list(module.parameters())
        buffers = [buffer for buffer in module.buffers() if buffer.is_floating_point()]
        self.values = torch.cat([t.detach().reshape(-1) for t in (*parameters, *buffers)])
        self.theta = self.values[: sum(p.numel() for p in parameters)]
        self.gradient = torch.zeros_like(self.theta)
        self._home(parameters, buffers)
        self._pass: Pass = hand_written or AutogradPass(module)
        self._general: Pass = AutogradPass(module)

    def _home(self, parameters: list[nn.Parameter], buffers: list[Tensor]) -> None:
        start = 0
        for tensor in (*parameters, *buffers):
            stop = start + tensor.numel()
            tensor.data = self.values[start:stop].view_as(tensor)
            if isinstance(tensor, nn.Parameter):
                tensor.grad = self.gradient[start:stop].view_as(tensor)
            start = stop

    def forward(self, x: Tensor) -> Tensor:
        """Evaluate and remember, for a ``backward`` that follows: shape (N, inputs) to (N, outputs)."""
        return self._pass.forward(x)

    def backward(self, dy: Tensor, *, accumulate: bool = False, want_input: bool = False) -> Tensor | None:
        """Pull ∂L/∂y back into ``gradient``; return ∂L/∂x, shape (N, inputs), if wanted."""
        return self._pass.backward(dy, accumulate=accumulate, want_input=want_input)

    def pull(self, dy: Tensor) -> Tensor:
        """∂L/∂x alone, shape (N, inputs), for the last ``forward``; ``gradient`` is left as it was."""
        kept = self.gradient.clone()
        dx = self._pass.backward(dy, accumulate=True, want_input=True)
        self.gradient.copy_(kept)
        assert dx is not None
        return dx

    def use_autograd(self) -> None:
        """Take the general pass from now on: the reference that the hand-written one is tested against."""
        self._pass = self._general

    @property
    def parameters(self) -> int:
        """How many numbers θ has."""
        return self.theta.numel()


class AutogradPass:
    """The pass that works for every module: torch's own graph."""

    def __init__(self, module: nn.Module) -> None:
        self.module = module
        self._x: Tensor | None = None
        self._y: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Evaluate and keep the graph."""
        with torch.enable_grad():
            self._x = x.detach().requires_grad_(True)
            self._y = self.module(self._x)
        return self._y.detach()

    def backward(self, dy: Tensor, *, accumulate: bool, want_input: bool) -> Tensor | None:
        """Run torch's backward pass through the kept graph, once."""
        assert self._x is not None and self._y is not None
        parameters = list(self.module.parameters())
        if not accumulate:
            for parameter in parameters:
                assert parameter.grad is not None
                parameter.grad.zero_()
        inputs = [*parameters, self._x] if want_input else parameters
        torch.autograd.backward([self._y], [dy], inputs=inputs)
        dx, self._x, self._y = self._x.grad, None, None
        return dx
