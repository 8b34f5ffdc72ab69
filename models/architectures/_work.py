"""How much a pass of a network has to work out."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

ROWS = 2
"""Rows of the pass that is counted: one alone has no deviation for a normalisation."""


def multiply_adds(module: nn.Module, inputs: int) -> int:
    """Multiplications that matrices and kernels take for one row: products of weights, not those between activations.

    Args:
        module: takes rows of numbers, shape (N, inputs).
        inputs: how many numbers a row has.
    """
    found = 0

    def count(layer: nn.Module, given: tuple[Tensor, ...], made: Any) -> None:
        nonlocal found
        found += _uses(layer, given[0], made) * _weights(layer)

    layers = [part for part in module.modules() if isinstance(part, (nn.Linear, nn.modules.conv._ConvNd))]
    hooks = [layer.register_forward_hook(count) for layer in layers]
    was_training = module.training
    try:
        with torch.no_grad():
            module.eval()(torch.zeros(ROWS, inputs, device=next(module.parameters()).device))
    finally:
        module.train(was_training)
        for hook in hooks:
            hook.remove()
    return found // ROWS


def _weights(layer: nn.Module) -> int:
    weight = layer.weight
    assert isinstance(weight, Tensor)
    return weight.numel()


def _uses(layer: nn.Module, given: Tensor, made: Tensor) -> int:
    """How often each weight is multiplied in the pass: once a row, or once a place of a plane."""
    if isinstance(layer, nn.Linear):
        return given.numel() // given.shape[-1]
    plane = given if isinstance(layer, nn.modules.conv._ConvTransposeNd) else made
    return plane.numel() // plane.shape[1]
