"""A batch of data with noise: where, when, and what it was made of."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from models.families._denoising import DenoisingModel
from models.predictions import Prediction
from models.schedules import Level


@dataclass(frozen=True, eq=False)
class Noised:
    """u_t = α u₀ + σ ε, units of the process.

    Attributes:
        clean: u₀, shape (N, d).
        noise: ε, shape (N, d).
        t: shape (N, 1).
        level: α and σ there, shape (N, 1).
    """

    clean: Tensor
    noise: Tensor
    t: Tensor
    level: Level

    @classmethod
    def draw(cls, model: DenoisingModel, clean: Tensor, chance: torch.Generator) -> Noised:
        """Noise at times for training, which rise with the row: for rows in no order."""
        return cls.at(model, clean, model.process.draw_times(len(clean), chance), chance)

    @classmethod
    def draw_mixed(cls, model: DenoisingModel, clean: Tensor, chance: torch.Generator) -> Noised:
        """The same for rows in an order of their own: each may get any of the times."""
        order = torch.randperm(len(clean), generator=chance)
        return cls.at(model, clean, model.process.draw_times(len(clean), chance)[order], chance)

    @classmethod
    def at(cls, model: DenoisingModel, clean: Tensor, times: Tensor, chance: torch.Generator) -> Noised:
        """Noise at these times, shape (N,)."""
        t = times[:, None].to(clean)
        return cls(clean, torch.randn(clean.shape, generator=chance).to(clean), t, model.process.at(t))

    @property
    def place(self) -> Tensor:
        """u_t, shape (N, d)."""
        return self.level.place(self.clean, self.noise)

    def target(self, prediction: Prediction) -> Tensor:
        """What the net should have said, shape (N, d)."""
        return prediction.target(self.clean, self.noise, self.level)
