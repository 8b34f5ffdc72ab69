"""The two running moments that Adam and AdamW share."""

from __future__ import annotations

import torch
from torch import Tensor

from models.optimizers._base import Optimizer
from models.registry import option


class MomentOptimizer(Optimizer):
    """Descent along the bias-corrected mean gradient over its root mean square.

    m ← β₁m + (1−β₁)g,  v ← β₂v + (1−β₂)g²,  θ ← θ − η m̂ / (√v̂ + ε)  with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ).

    Source: Kingma and Ba 2015, arXiv:1412.6980, Algorithm 1.
    """

    beta1: float = option(
        0.5, label="beta 1", symbol="β₁", low=0.0, high=0.9999, live=True,
        help="Decay of the running mean of the gradient; adversarial training wants it low.",
    )  # fmt: skip
    beta2: float = option(
        0.9, label="beta 2", symbol="β₂", low=0.0, high=0.99999, live=True,
        help="Decay of the running mean of the squared gradient.",
    )  # fmt: skip
    epsilon: float = option(
        1e-8, label="epsilon", symbol="ε", low=1e-16, high=1.0, log=True, live=True,
        help="Keeps the division away from zero.",
    )  # fmt: skip

    def start(self, theta: Tensor) -> dict[str, Tensor]:
        """Both moments zero, no step counted."""
        return {"m": torch.zeros_like(theta), "v": torch.zeros_like(theta), "t": torch.zeros((), device=theta.device)}

    def descend(self, theta: Tensor, gradient: Tensor, state: dict[str, Tensor], lr: float) -> None:
        """One step of Algorithm 1, by torch's one-pass kernel: seven vector operations in one sweep of memory."""
        torch._fused_adam_(  # pyright: ignore[reportPrivateImportUsage]  (held to torch.optim.Adam by a test)
            [theta], [gradient], [state["m"]], [state["v"]], [], [state["t"].add_(1)],
            lr=lr, beta1=self.beta1, beta2=self.beta2, eps=self.epsilon,
            weight_decay=0.0, amsgrad=False, maximize=False,
        )  # fmt: skip
