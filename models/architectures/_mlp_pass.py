"""The chain rule of a plain multilayer perceptron, written out.

With h₀ = x, hᵢ₊₁ = φ(Wᵢhᵢ + bᵢ) (+ hᵢ where residual) and y = W_L h_L + b_L, and δ = ∂L/∂(Wᵢhᵢ + bᵢ):

    ∂L/∂Wᵢ = δᵀhᵢ,   ∂L/∂bᵢ = Σ δ,   ∂L/∂hᵢ = δWᵢ (+ ∂L/∂hᵢ₊₁ where residual)

(Rumelhart, Hinton and Williams 1986, eq. 5-8). For nets of this size autograd's bookkeeping and the page faults of
fresh memory cost more than the products themselves: there is no graph here, and every layer writes into memory that is
kept for the next batch of the same size. A test holds the gradients equal to autograd's.

A penalty on the slope s = ∇T of a scalar net needs the derivative of a derivative. With u_L = W_L, vᵢ = uᵢ₊₁ ⊙ φ′ and
uᵢ = vᵢWᵢ the slope is u₀: a net of its own, linear in every Wᵢ, and where φ is piecewise linear φ′ does not move with
the weights. So with gᵢ = ∂P/∂uᵢ:

    ∂P/∂Wᵢ = vᵢᵀgᵢ,   gᵢ₊₁ = (gᵢWᵢᵀ) ⊙ φ′,   ∂P/∂W_L = Σ g_L
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from models.architectures._activation import Activation
from models.architectures._network import AutogradPass, SlopePenalty

NARROW: Final = 16
"""Layers with fewer inputs than this take the products that are fast for narrow matrices."""

SIZES_KEPT: Final = 4
"""Batch sizes whose working memory is kept."""


class Workspace:
    """Memory for one batch size: for each hidden layer, what φ takes and gives, and one gradient."""

    def __init__(self, n: int, widths: list[int], like: Tensor, *, separate: bool) -> None:
        self.before = [like.new_empty(n, width) for width in widths]
        self.after = [like.new_empty(n, width) for width in widths] if separate else self.before
        self.gradients = [like.new_empty(n, width) for width in widths]


class MlpPass:
    """Forward and backward pass over linear layers with one activation, without a graph."""

    def __init__(
        self, module: nn.Module, layers: list[nn.Linear], activation: Activation, residual: list[bool]
    ) -> None:
        """Hold on to the layers' flat-homed weights.

        Args:
            module: the net as a whole, for what is not written out here.
            layers: all its linear layers, the last one without activation.
            activation: φ.
            residual: for each layer but the last, whether its input is added to its output.
        """
        self._weights = [layer.weight.detach() for layer in layers]
        self._transposed = [weight.t() for weight in self._weights]
        self._biases = [layer.bias.detach() for layer in layers]
        self._weight_gradients = [_gradient(layer.weight) for layer in layers]
        self._transposed_gradients = [gradient.t() for gradient in self._weight_gradients]
        self._bias_gradients = [_gradient(layer.bias) for layer in layers]
        self._widths = [layer.out_features for layer in layers[:-1]]
        self._activation = activation
        self._residual = residual
        self._general = AutogradPass(module)
        self._workspaces: dict[int, Workspace] = {}
        self._scratch: dict[int, Workspace] = {}
        self._inputs: list[Tensor] = []

    def evaluate(self, x: Tensor) -> Tensor:
        """y, shape (N, outputs), worked out in memory apart from ``forward``'s."""
        return self._ascend(x, self._workspace(x, self._scratch))[0]

    def forward(self, x: Tensor) -> Tensor:
        """y, shape (N, outputs), in memory of its own; keeps every layer's input and what φ's derivative needs."""
        self._space = self._workspace(x, self._workspaces)
        y, self._inputs = self._ascend(x, self._space)
        return y

    def _ascend(self, x: Tensor, space: Workspace) -> tuple[Tensor, list[Tensor]]:
        """y, and the input of every layer."""
        inputs = [x]
        for i, (before, after) in enumerate(zip(space.before, space.after, strict=True)):
            h = inputs[-1]
            torch.addmm(self._biases[i], h, self._transposed[i], out=before)
            self._activation.apply(before, after)
            inputs.append(after + h if self._residual[i] else after)
        return torch.addmm(self._biases[-1], inputs[-1], self._transposed[-1]), inputs

    def backward(self, dy: Tensor) -> None:
        """Write ∂L/∂W and ∂L/∂b of every layer."""
        delta = dy
        for i in reversed(range(len(self._weights))):
            self._write(i, delta)
            if i > 0:
                delta = self._through(i, delta)

    def pull(self, dy: Tensor) -> Tensor:
        """∂L/∂x alone: no product for the weights is taken."""
        delta = dy
        for i in reversed(range(1, len(self._weights))):
            delta = self._through(i, delta)
        return delta @ self._narrow(0)

    def add_slope_penalty(self, penalty: SlopePenalty) -> float:
        """Written out for piecewise linear nets without skips; by autograd for the others.

        Points that are rows of the last ``forward``, one after the other, need no second one.
        """
        if not self._activation.straight or any(self._residual):
            return self._general.add_slope_penalty(penalty)
        n = penalty.points.shape[0]
        start = self._first_row(penalty.points)
        kept = [after[start : start + n] for after in self._space.after]
        slope, through = self._slope(n, kept)
        value, g = penalty.value_and_gradient(slope)
        for i, v in enumerate(through):
            self._add(i, v, g)
            g = g @ self._transposed[i]
            self._activation.pull(g, kept[i])
        self._weight_gradients[-1].add_(g.sum(0))
        return value

    def _first_row(self, points: Tensor) -> int:
        """Which row of the last ``forward`` the first point is; where it is none, a new ``forward`` makes it row 0."""
        x = self._inputs[0] if self._inputs else points
        skipped = points.data_ptr() - x.data_ptr()  # bytes
        row, within = divmod(skipped, x.element_size() * x.shape[1])
        are_rows = within == 0 and 0 <= row <= len(x) - len(points) and x.is_contiguous() and points.is_contiguous()
        if self._inputs and are_rows:
            return row
        self.forward(points)
        return 0

    def _slope(self, n: int, kept: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """∇T at n points, and vᵢ of every hidden layer."""
        u = self._weights[-1].expand(n, -1)
        through: list[Tensor] = []
        for i in reversed(range(len(self._widths))):
            v = u.clone() if i + 1 == len(self._widths) else u
            self._activation.pull(v, kept[i])
            through.append(v)
            u = v @ self._narrow(i)
        return u, through[::-1]

    def _add(self, i: int, v: Tensor, g: Tensor) -> None:
        if g.shape[1] < NARROW:
            self._transposed_gradients[i].add_(g.t() @ v)
        else:
            self._weight_gradients[i].addmm_(v.t(), g)

    def _narrow(self, i: int) -> Tensor:
        """Wᵢ, in the layout in which a product with a narrow matrix is fast."""
        weight = self._weights[i]
        return weight.t().contiguous().t() if weight.shape[1] < NARROW else weight

    def _write(self, i: int, delta: Tensor) -> None:
        x = self._inputs[i]
        if x.shape[1] < NARROW:
            self._transposed_gradients[i].copy_(x.t() @ delta)
        else:
            torch.mm(delta.t(), x, out=self._weight_gradients[i])
        torch.sum(delta, 0, out=self._bias_gradients[i])

    def _through(self, i: int, delta: Tensor) -> Tensor:
        """From ∂L/∂(what layer i gives before φ) to the same of layer i − 1."""
        dh = torch.mm(delta, self._weights[i], out=self._space.gradients[i - 1])
        if i < len(self._residual) and self._residual[i]:
            dh += self._skipped
        if self._residual[i - 1]:
            self._skipped = dh.clone()
        kept = self._space.before if self._activation.from_input else self._space.after
        self._activation.pull(dh, kept[i - 1])
        return dh

    def _workspace(self, x: Tensor, kept: dict[int, Workspace]) -> Workspace:
        if len(x) not in kept:
            while len(kept) >= SIZES_KEPT:
                del kept[next(iter(kept))]
            kept[len(x)] = Workspace(len(x), self._widths, self._biases[0], separate=self._activation.from_input)
        return kept[len(x)]


def _gradient(parameter: Tensor) -> Tensor:
    assert parameter.grad is not None, "the network must home its gradients before a pass is made"
    return parameter.grad
