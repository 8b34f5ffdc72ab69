"""AdamW: Adam with weight decay that the scaling does not touch."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from models.optimizers._base import OPTIMIZERS
from models.optimizers._moments import MomentOptimizer
from models.registry import option


@OPTIMIZERS.register
class AdamW(MomentOptimizer):
    """Adam with decoupled weight decay: θ ← (1 − ηλ)θ − η m̂ / (√v̂ + ε).

    Source: Loshchilov and Hutter 2019, arXiv:1711.05101, Algorithm 2.
    """

    title: ClassVar[str] = "AdamW"
    source: ClassVar[str] = "Loshchilov and Hutter 2019, arXiv:1711.05101, Algorithm 2"
    formula: ClassVar[str] = (
        r"\theta \leftarrow (1 - \eta\lambda)\theta - \eta\, \hat m / (\sqrt{\hat v} + \varepsilon)"
    )

    decay: float = option(
        0.01, label="weight decay", symbol="λ", low=0.0, high=10.0, live=True, help="How strongly weights shrink to 0."
    )

    def step(self, theta: Tensor, gradient: Tensor, state: dict[str, Tensor], lr: float) -> None:
        """Shrink, then one step of Adam."""
        theta.mul_(1 - lr * self.decay)
        self.descend(theta, gradient, state, lr)
