"""RMSprop: each weight's step is scaled by the recent size of its gradient."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.optimizers._base import OPTIMIZERS, Optimizer
from models.registry import option


@OPTIMIZERS.register
class RmsProp(Optimizer):
    """Descent with each gradient divided by its running root mean square.

    s ← αs + (1−α)g²,  θ ← θ − ηg / (√s + ε). The optimiser of the first Wasserstein GAN.

    Source: Tieleman and Hinton 2012, Neural Networks for Machine Learning, lecture 6.5.
    """

    title: ClassVar[str] = "RMSprop"
    source: ClassVar[str] = "Tieleman and Hinton 2012, lecture 6.5"
    formula: ClassVar[str] = r"\theta \leftarrow \theta - \eta\, g / (\sqrt{s} + \varepsilon)"

    alpha: float = option(
        0.99, label="memory", symbol="α", low=0.0, high=0.9999, live=True, help="Decay of the running mean square."
    )
    epsilon: float = option(
        1e-8, label="epsilon", symbol="ε", low=1e-16, high=1.0, log=True, live=True,
        help="Keeps the division away from zero.",
    )  # fmt: skip

    def start(self, theta: Tensor) -> dict[str, Tensor]:
        """No gradient yet: s = 0."""
        return {"s": torch.zeros_like(theta)}

    def step(self, theta: Tensor, gradient: Tensor, state: dict[str, Tensor], lr: float) -> None:
        """One scaled step."""
        s = state["s"].mul_(self.alpha).addcmul_(gradient, gradient, value=1 - self.alpha)
        theta.addcdiv_(gradient, s.sqrt().add_(self.epsilon), value=-lr)
