"""Stochastic gradient descent, with momentum if asked."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.optimizers._base import OPTIMIZERS, Optimizer
from models.registry import option


@OPTIMIZERS.register
class Sgd(Optimizer):
    """Steepest descent on noisy gradients, with heavy-ball momentum.

    u ← μu + g,  θ ← θ − ηu.

    Source: Robbins and Monro 1951; Polyak 1964; in the form of Sutskever et al. 2013, ICML, eq. 1-2 (rate outside u).
    """

    title: ClassVar[str] = "SGD with momentum"
    source: ClassVar[str] = "Polyak 1964; Sutskever et al. 2013, ICML, eq. 1-2"
    formula: ClassVar[str] = r"u \leftarrow \mu u + g,\quad \theta \leftarrow \theta - \eta u"

    momentum: float = option(
        0.0, label="momentum", symbol="μ", low=0.0, high=0.999, live=True, help="Share of the last step that is kept."
    )

    @property
    def is_plain(self) -> bool:
        """Without momentum."""
        return self.momentum == 0

    def start(self, theta: Tensor) -> dict[str, Tensor]:
        """No step yet: u = 0."""
        return {"u": torch.zeros_like(theta)}

    def step(self, theta: Tensor, gradient: Tensor, state: dict[str, Tensor], lr: float) -> None:
        """One step of descent."""
        theta.sub_(state["u"].mul_(self.momentum).add_(gradient), alpha=lr)
