"""What every optimiser offers: the rule that turns a gradient into a step, on one flat vector of weights."""

from __future__ import annotations

from abc import abstractmethod
from typing import Final, Literal

from torch import Tensor

from models.optimizers._schedule import SCHEDULES
from models.registry import Member, Registry, option


class Optimizer(Member):
    """A descent rule θ ← θ − η · direction, with its schedule for η and the averaging of the generator's weights."""

    lr: float = option(
        1e-3, label="rate", symbol="η", low=1e-7, high=1e6, log=True, live=True,
        help="Learning rate of the generator.",
    )  # fmt: skip
    schedule: Literal["constant", "linear", "cosine"] = option(
        "constant", label="schedule", live=True, help="How both learning rates fall to zero by the end of the run."
    )
    hold: float = option(
        0.5, label="hold", low=0.0, high=1.0, live=True,
        help="Share of the run during which a falling schedule still keeps the full rate.",
    )  # fmt: skip
    ema: float = option(
        0.0, label="average", symbol="β", low=0.0, high=0.9999, live=True,
        help="Decay of the running average of the generator's weights; 0 keeps none.",
    )  # fmt: skip

    @abstractmethod
    def start(self, theta: Tensor) -> dict[str, Tensor]:
        """The state before the first step: named vectors of θ's shape, or of shape () for counters."""

    @abstractmethod
    def step(self, theta: Tensor, gradient: Tensor, state: dict[str, Tensor], lr: float) -> None:
        """Move θ in place, once, and bring the state up to date in place."""

    @property
    def is_plain(self) -> bool:
        """Whether a step is θ ← θ − η ∂L/∂θ and nothing is remembered from one to the next."""
        return False

    def factor(self, progress: float) -> float:
        """What the learning rate is multiplied by when ``progress`` (0 … 1) of the run is done."""
        rest = max(0.0, (progress - self.hold) / (1.0 - self.hold)) if self.hold < 1.0 else 0.0
        return SCHEDULES[self.schedule](min(rest, 1.0))


OPTIMIZERS: Final[Registry[Optimizer]] = Registry("optimizers", Optimizer)
