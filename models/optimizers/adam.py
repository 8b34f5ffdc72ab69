"""Adam: the optimiser of most generative models."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from models.optimizers._base import OPTIMIZERS
from models.optimizers._moments import MomentOptimizer


@OPTIMIZERS.register
class Adam(MomentOptimizer):
    """Descent along the running mean gradient, scaled by its running root mean square.

    θ ← θ − η m̂ / (√v̂ + ε).

    Source: Kingma and Ba 2015, arXiv:1412.6980, Algorithm 1.
    """

    title: ClassVar[str] = "Adam"
    source: ClassVar[str] = "Kingma and Ba 2015, arXiv:1412.6980, Algorithm 1"
    formula: ClassVar[str] = r"\theta \leftarrow \theta - \eta\, \hat m / (\sqrt{\hat v} + \varepsilon)"

    def step(self, theta: Tensor, gradient: Tensor, state: dict[str, Tensor], lr: float) -> None:
        """One step of Algorithm 1."""
        self.descend(theta, gradient, state, lr)
