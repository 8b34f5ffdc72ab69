"""A network whose weights are one flat vector, with a forward and a backward pass that need no autograd graph.

Every parameter of the module is a view into one vector θ, and every gradient a view into one vector ∂L/∂θ. So an
optimiser is a few vector operations, publishing the weights is one copy, and state is one array.

Two passes compute the same gradients: :class:`AutogradPass` works for every module; that of ``_mlp_pass.py`` writes the
chain rule of a plain multilayer perceptron out by hand, which is several times as fast for small nets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import torch
from torch import Tensor, nn

from models.architectures._work import multiply_adds

CHUNK: Final = 1024
"""Rows that are evaluated at once: the layers of more leave the processor's cache, which is several times slower."""

CHUNK_NUMBERS: Final = 1 << 23
"""Numbers of one layer that are held at once: pictures come a few at a time."""


class Pass(Protocol):
    """One way to run a network forward and pull a gradient back through it."""

    def evaluate(self, x: Tensor) -> Tensor:
        """The net at x, shape (N, inputs) to (N, outputs); nothing that ``forward`` remembered is lost."""
        ...

    def forward(self, x: Tensor) -> Tensor:
        """Evaluate at x, shape (N, inputs) to (N, outputs), and remember what the backward pass needs."""
        ...

    def backward(self, dy: Tensor) -> None:
        """Write ∂L/∂θ for ∂L/∂y, shape (N, outputs), of the last ``forward`` into the parameters' gradients."""
        ...

    def pull(self, dy: Tensor) -> Tensor:
        """∂L/∂x, shape (N, inputs), for ∂L/∂y of the last ``forward``; the parameters' gradients stay as they are."""
        ...

    def add_slope_penalty(self, penalty: SlopePenalty) -> float:
        """Add the penalty's ∂/∂θ to the parameters' gradients; the last ``forward`` is forgotten."""
        ...


@dataclass(frozen=True, eq=False)
class SlopePenalty:
    """A penalty on how steep a scalar network T is: value(∇T at the points).

    Attributes:
        points: where the slope counts, shape (N, d).
        value: slopes ∇T, shape (N, d), to the penalty, shape (), differentiable.
    """

    points: Tensor
    value: Callable[[Tensor], Tensor]

    def value_and_gradient(self, slope: Tensor) -> tuple[float, Tensor]:
        """The penalty, and its derivative in the slopes, shape (N, d)."""
        with torch.enable_grad():
            slope = slope.detach().requires_grad_()
            value = self.value(slope)
            (gradient,) = torch.autograd.grad(value, slope)
        return float(value.detach()), gradient


@dataclass(frozen=True, eq=False)
class MeanSquareSlope(SlopePenalty):
    """The penalty mean(w ‖∇T‖²), whose derivative 2w ∇T / N is written out.

    Attributes:
        weight: w, one number for all points or one for each, shape (N, 1).
    """

    weight: float | Tensor

    @classmethod
    def at(cls, points: Tensor, weight: float | Tensor) -> MeanSquareSlope:
        """The penalty at these points, shape (N, d), with one weight for all or one for each, shape (N, 1)."""
        return cls(points, lambda slope: (weight * slope.square()).sum() / len(slope), weight)

    def value_and_gradient(self, slope: Tensor) -> tuple[float, Tensor]:
        """Mean of w ‖∇T‖², and 2w ∇T / N."""
        gradient = slope * (2 * self.weight / slope.shape[0])
        return float(torch.sum(gradient * slope)) / 2, gradient


class Network:
    """A module with flat parameters θ, flat gradient, and flat values (parameters, then floating-point buffers)."""

    def __init__(
        self, module: nn.Module, hand_written: Callable[[nn.Module], Pass] | None = None, units: int = 1
    ) -> None:
        """Re-home the module's tensors in one vector.

        Args:
            module: float32 parameters, any architecture.
            hand_written: makes a pass over the re-homed module; autograd is used if there is none.
            units: how many numbers a pass keeps for each row, where they are so many that few rows fit into memory.
        """
        self.module = module
        self.units = units
        self._make_pass = hand_written or AutogradPass
        self.move_to(next((p.device for p in module.parameters()), torch.device("cpu")))

    def within(self, enclose: Callable[[nn.Module], nn.Module]) -> Network:
        """The same network as part of a module that has numbers of its own besides; a pass runs the network alone.

        Args:
            enclose: makes the enclosing module, with the network's as its first part.
        """
        inner, make_pass = self.module, self._make_pass
        return Network(enclose(inner), lambda _: make_pass(inner), self.units)

    def move_to(self, device: torch.device) -> None:
        """Put weights and gradient on a device, as vectors of their own there."""
        parameters = list(self.module.parameters())
        buffers = [buffer for buffer in self.module.buffers() if buffer.is_floating_point()]
        self.values = torch.cat([t.detach().reshape(-1) for t in (*parameters, *buffers)]).to(device)
        self.theta = self.values[: sum(p.numel() for p in parameters)]
        own = [buffer for buffer in self.module.buffers(recurse=False) if buffer.is_floating_point()]
        self._held = slice(len(self.theta), len(self.theta) + sum(buffer.numel() for buffer in own))
        self.gradient = torch.zeros_like(self.theta)
        self._home(parameters, buffers)
        self._pass: Pass = self._make_pass(self.module)

    def _home(self, parameters: list[nn.Parameter], buffers: list[Tensor]) -> None:
        start = 0
        for tensor in (*parameters, *buffers):
            stop = start + tensor.numel()
            tensor.data = self.values[start:stop].view_as(tensor)
            if isinstance(tensor, nn.Parameter):
                tensor.grad = self.gradient[start:stop].view_as(tensor)
            start = stop

    def blend_into(self, average: Tensor, share: float) -> None:
        """Move averaged values, as long as ``values``, by this share of the way to the present ones.

        Numbers that the module itself holds, and not a layer in it, are taken over: between two states of those, such
        as which teacher a net has, there is nothing.
        """
        average.lerp_(self.values, share)
        average[self._held] = self.values[self._held]

    def evaluate(self, x: Tensor) -> Tensor:
        """The net at x without gradient, in chunks that stay in the processor's cache: (N, inputs) to (N, outputs)."""
        return torch.cat([self._pass.evaluate(part) for part in x.split(self.chunk)])

    @property
    def chunk(self) -> int:
        """Rows that are evaluated at once."""
        return max(1, min(CHUNK, CHUNK_NUMBERS // self.units))

    def multiply_adds(self, inputs: int) -> int:
        """Multiplications by weights that a pass takes for one row of so many numbers."""
        return multiply_adds(self.module, inputs)

    def forward(self, x: Tensor) -> Tensor:
        """Evaluate and remember, for a ``backward`` or ``pull`` that follows: shape (N, inputs) to (N, outputs)."""
        return self._pass.forward(x)

    def backward(self, dy: Tensor) -> None:
        """Write ∂L/∂θ into ``gradient`` for ∂L/∂y, shape (N, outputs), of the last ``forward``."""
        self._pass.backward(dy)

    def pull(self, dy: Tensor) -> Tensor:
        """∂L/∂x, shape (N, inputs), for ∂L/∂y of the last ``forward``; ``gradient`` stays as it is."""
        return self._pass.pull(dy)

    def add_slope_penalty(self, penalty: SlopePenalty) -> float:
        """The value of a penalty on ∇T of a scalar network; its ∂/∂θ is added to ``gradient``."""
        return self._pass.add_slope_penalty(penalty)

    def differentiate(self, loss: Callable[[], Tensor]) -> float:
        """The value of a loss, shape (), that the module's weights enter; its ∂/∂θ is written into ``gradient``."""
        self.gradient.zero_()
        with torch.enable_grad():
            value = loss()
            torch.autograd.backward([value], inputs=[p for p in self.module.parameters() if p.requires_grad])
        return float(value.detach())

    def use_autograd(self) -> None:
        """Take the general pass from now on: the reference that the hand-written one is tested against."""
        self._pass = AutogradPass(self.module)

    @property
    def parameters(self) -> int:
        """How many numbers θ has."""
        return self.theta.numel()


class AutogradPass:
    """The pass that works for every module: torch's own graph."""

    def __init__(self, module: nn.Module) -> None:
        self._module = module
        self._parameters = list(module.parameters())
        self._x = torch.empty(0)
        self._y = torch.empty(0)

    def evaluate(self, x: Tensor) -> Tensor:
        """Evaluate without a graph."""
        with torch.no_grad():
            return self._module(x)

    def forward(self, x: Tensor) -> Tensor:
        """Evaluate and keep the graph."""
        with torch.enable_grad():
            self._x = x.detach().requires_grad_()
            self._y = self._module(self._x)
        return self._y.detach()

    def backward(self, dy: Tensor) -> None:
        """Run torch's backward pass to the parameters; the graph stays, so that ``pull`` may follow."""
        for parameter in self._parameters:
            if parameter.grad is not None:
                parameter.grad.zero_()
        torch.autograd.backward([self._along(dy)], inputs=self._parameters, retain_graph=True)

    def pull(self, dy: Tensor) -> Tensor:
        """Run torch's backward pass to the input alone."""
        return torch.autograd.grad([self._along(dy)], [self._x], retain_graph=True)[0]

    def _along(self, dy: Tensor) -> Tensor:
        """⟨y, dy⟩, whose gradient is dy to the bit: torch, handed dy itself, imports half a second of algebra first."""
        with torch.enable_grad():
            return (self._y * dy).sum()

    def add_slope_penalty(self, penalty: SlopePenalty) -> float:
        """Differentiate the slope, which autograd found, once more."""
        with torch.enable_grad():
            x = penalty.points.detach().requires_grad_()
            (slope,) = torch.autograd.grad(self._module(x).sum(), x, create_graph=True)
            value = penalty.value(slope)
            torch.autograd.backward([value], inputs=self._parameters)
        return float(value.detach())
