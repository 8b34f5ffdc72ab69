"""The critic some steps ahead, as a function of what it answers to.

ψ₀ = ψ and ψₖ₊₁ = ψₖ − η ∂L_T(θ, ψₖ)/∂ψₖ (Metz et al. 2017, arXiv:1611.02163, eq. 7, for gradient descent on the
critic's loss). The generator's loss at ψ_u has two gradients in θ: the usual one, and one through ψ_u(θ), which says
how the critic will answer. The steps are plain ones: an optimiser's memory would have to be unrolled too.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, autograd, nn
from torch.func import functional_call

from models.objectives._penalties import Function


def unrolled(module: nn.Module, loss: Callable[[Function], Tensor], steps: int, rate: float) -> Function:
    """The critic after u gradient steps; the module itself is left as it is.

    Args:
        module: T at ψ₀.
        loss: L_T of a critic, shape ().
        steps: u.
        rate: η.
    """
    weights = {name: weight.detach().requires_grad_() for name, weight in module.named_parameters()}
    buffers = {name: buffer.clone() for name, buffer in module.named_buffers()}

    def critic(x: Tensor) -> Tensor:
        return functional_call(module, weights | buffers, (x,))

    for _ in range(steps):
        gradients = autograd.grad(loss(critic), list(weights.values()), create_graph=True, materialize_grads=True)
        weights = {name: old - rate * g for (name, old), g in zip(weights.items(), gradients, strict=True)}
    return critic
