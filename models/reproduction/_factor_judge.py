"""A classifier of all factors of drawn pictures at once, trained on fresh draws: it says what a picture shows."""

from __future__ import annotations

import itertools
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from models.data.shapes import Shapes
from models.reproduction._base import Progress

STEPS: Final = 1_500
BATCH: Final = 128
RATE: Final = 3e-3
"""Largest learning rate of Adam; it falls as a half cosine."""

PLANES: Final = (24, 48, 64)


class FactorJudge(nn.Module):
    """Three strided convolutions, and one linear softmax for each factor that has more than one value.

    It never sees what it judges while it is trained, only fresh pictures with known factors.
    """

    def __init__(self, data: Shapes, generator: torch.Generator) -> None:
        """Fresh weights for pictures of this law."""
        super().__init__()
        shape = data.image_shape
        self.shape, self.counts = shape, [len(names) for names in data.factor_names.values()]
        planes = (shape.channels, *PLANES)
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise(planes):
            layers += [nn.Conv2d(before, after, 3, stride=2, padding=1), nn.ReLU()]
        self.features = nn.Sequential(*layers, nn.Flatten())
        with torch.no_grad():
            width = self.features(torch.zeros(1, *shape)).shape[1]
        self.said = nn.Linear(width, sum(self.counts))
        for weight in (p for p in self.parameters() if p.ndim > 1):
            nn.init.kaiming_uniform_(weight, nonlinearity="relu", generator=generator)
        for bias in (p for p in self.parameters() if p.ndim == 1):
            nn.init.zeros_(bias)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Pictures in data units, shape (N, d), to the logits of each factor, shapes (N, values)."""
        return self.said(self.features(self.shape.view(x))).split(self.counts, 1)

    @torch.no_grad()
    def seen(self, x: Tensor) -> Tensor:
        """The likeliest value of each factor, shape (N, d) to (N, F), int64."""
        return torch.stack([logits.argmax(1) for logits in self(x)], 1)


def factor_judge(data: Shapes, generator: torch.Generator, steps: int, progress: Progress) -> FactorJudge:
    """Train a judge for so many steps."""
    judge = FactorJudge(data, generator)
    optimizer = torch.optim.Adam(judge.parameters(), RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for step in range(steps):
        x, factors = data.draw_factors(BATCH, generator)
        losses = [cross_entropy(logits, factors[:, i]) for i, logits in enumerate(judge(x))]
        optimizer.zero_grad()
        torch.stack(losses).sum().backward()
        optimizer.step()
        schedule.step()
        progress((step + 1) / steps)
    return judge.eval()


def as_asked(judge: FactorJudge, x: Tensor, asked: Tensor) -> Tensor:
    """Whether pictures show all that is asked of them, shape (N,), bool.

    Args:
        judge: who looks.
        x: pictures, data units, shape (N, d).
        asked: a value of each factor, shape (N, F); −1 where nothing is asked.
    """
    return ((asked < 0) | (judge.seen(x) == asked)).all(1)
